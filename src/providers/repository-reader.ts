import { LRUCache } from 'lru-cache';
import { PatrolError } from '../errors.ts';
import { createPathIndex, matchPath, type PathIndex } from '../path-mapping.ts';
import { isReadablePath, isSafeRef } from '../repository-path.ts';
import type {
  Milliseconds,
  ProviderCallOptions,
  RecentCommitsOptions,
  RepositoryCodeProvider,
  RepositoryRef,
  SourceCommit,
  SourceFile,
} from '../types.ts';
import type { CodeHost, TreeFile } from './code-host.ts';

/** Files beyond this are not read unless the user says otherwise; GitHub leaves out content beyond 1 MiB. */
export const DEFAULT_MAX_FILE_SIZE = 1_048_576;
/** How long a branch is taken to stand where it stood, and a commit to be known. */
const HEAD_TTL: Milliseconds = 60_000;
const COMMIT_TTL: Milliseconds = 3_600_000;
/** What the caches may hold: characters of files, and trees of up to 100 000 paths. */
const MAX_CACHED_CHARACTERS = 20_000_000;
const MAX_TREES = 8;
const MAX_COMMITS = 30;
const MAX_FOUND = 20;
const WHOLE_HASH = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** A repository at one commit. */
interface State {
  readonly name: string;
  readonly sha: string;
  readonly state: 'asked' | 'default-branch';
}

interface Tree {
  readonly index: PathIndex;
  readonly files: ReadonlyMap<string, TreeFile>;
}

/**
 * Reads a code host's repositories: at the event's commit where the host has it, else at the head of the default
 * branch. Paths are checked before anything is asked; what a commit names never changes and is kept.
 */
export class RepositoryReader implements RepositoryCodeProvider {
  readonly name: string;
  readonly #host: CodeHost;
  readonly #maxFileSize: number;
  readonly #commits: LRUCache<string, Promise<string | undefined>> = new LRUCache({ max: 500 });
  readonly #trees: LRUCache<string, Promise<Tree | undefined>> = new LRUCache({ max: MAX_TREES });
  readonly #histories: LRUCache<string, readonly SourceCommit[]> = new LRUCache({ max: 500 });
  readonly #texts: LRUCache<string, string> = new LRUCache({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: (text) => text.length + 1,
  });

  constructor(host: CodeHost, maxFileSize: number = DEFAULT_MAX_FILE_SIZE) {
    this.name = host.name;
    this.#host = host;
    this.#maxFileSize = maxFileSize;
  }

  assertAllowed(repository: RepositoryRef): void {
    this.#host.repositoryOf(repository);
  }

  async locate(
    repository: RepositoryRef,
    stackPath: string,
    options: ProviderCallOptions = {},
  ): Promise<string | undefined> {
    const tree = await this.#treeOf(repository, options);
    const path = tree && matchPath(stackPath, tree.index);
    return path !== undefined && isReadablePath(path) ? path : undefined;
  }

  async readFile(
    repository: RepositoryRef,
    path: string,
    options: ProviderCallOptions = {},
  ): Promise<SourceFile | undefined> {
    if (!isReadablePath(path)) return undefined;
    const { name, sha, state } = await this.#resolve(repository, options);
    const text = await this.#remember(`${name} ${sha} ${path}`, async () => {
      const known = await this.#trees.peek(keyOf(name, sha))?.catch(() => undefined);
      if ((known?.files.get(path)?.size ?? 0) > this.#maxFileSize) return undefined;
      const find = async (): Promise<TreeFile | undefined> => {
        const file = (await this.#treeAt(name, sha, options))?.files.get(path);
        return file && file.size <= this.#maxFileSize ? file : undefined;
      };
      const bytes = await this.#host.read(name, { sha, path, find }, options);
      if (bytes === undefined || bytes.length > this.#maxFileSize) return undefined;
      // No text holds a zero byte near its beginning; git tells them apart in the same way.
      return bytes.subarray(0, 8000).includes(0) ? undefined : bytes.toString('utf8');
    });
    return text === undefined ? undefined : { path, text, commit: sha, state };
  }

  async listFiles(
    repository: RepositoryRef,
    options: ProviderCallOptions = {},
  ): Promise<readonly string[] | undefined> {
    const tree = await this.#treeOf(repository, options);
    return tree && [...tree.files.keys()];
  }

  /** Only of the very commit: what stands in for it says nothing about what was deployed. */
  async versionOf(
    repository: RepositoryRef,
    path: string,
    options: ProviderCallOptions = {},
  ): Promise<string | undefined> {
    const { name, sha, state } = await this.#resolve(repository, options);
    if (state !== 'asked') throw unavailable('The commit of the event is not in the repository.');
    return (await this.#treeAt(name, sha, options))?.files.get(path)?.version;
  }

  async searchFiles(
    repository: RepositoryRef,
    word: string,
    options: ProviderCallOptions = {},
  ): Promise<readonly string[]> {
    const name = this.#host.repositoryOf(repository);
    if (!/^[\w$]{3,60}$/.test(word)) return [];
    const sha = async () => (await this.#resolve(repository, options)).sha;
    const found = await this.#host.search(name, word, sha, options);
    return found.filter(isReadablePath).slice(0, MAX_FOUND);
  }

  async recentCommits(
    repository: RepositoryRef,
    path: string,
    count: number,
    options: RecentCommitsOptions = {},
  ): Promise<readonly SourceCommit[]> {
    if (!isReadablePath(path)) return [];
    const { name, sha } = await this.#resolve(repository, options);
    const most = Math.min(Math.max(1, Math.floor(count)), MAX_COMMITS);
    const { lines } = options;
    const where = lines ? `${path} ${lines.startLine}-${lines.endLine}` : path;
    const key = `${name} ${sha} ${where} ${most}`;
    const known = this.#histories.get(key);
    if (known) return known;
    const commits = (await this.#host.history(name, sha, path, most, options)).slice(0, most);
    this.#histories.set(key, commits);
    return commits;
  }

  async changeOf(
    repository: RepositoryRef,
    sha: string,
    path: string,
    options: ProviderCallOptions = {},
  ): Promise<string | undefined> {
    if (!isReadablePath(path) || !WHOLE_HASH.test(sha)) return undefined;
    const name = this.#host.repositoryOf(repository);
    return this.#remember(`${name} ${sha} ${path} change`, () => this.#host.change(name, sha, path, options));
  }

  /** The whole hash of a commit, tag or branch; undefined when the repository does not have it. */
  commitOf(repository: RepositoryRef, options: ProviderCallOptions = {}): Promise<string | undefined> {
    const { commit = 'HEAD' } = repository;
    return this.#commit(this.#host.repositoryOf(repository), commit, options);
  }

  /** The event's commit, or the head of the default branch where there is none or it is unknown. */
  async #resolve(repository: RepositoryRef, options: ProviderCallOptions): Promise<State> {
    const name = this.#host.repositoryOf(repository);
    const { commit } = repository;
    const asked = commit === undefined ? undefined : await this.#commit(name, commit, options);
    if (asked !== undefined) return { name, sha: asked, state: 'asked' };
    const head = await this.#commit(name, 'HEAD', options);
    if (head !== undefined) return { name, sha: head, state: 'default-branch' };
    throw unavailable(this.#host.missing(name));
  }

  #commit(name: string, ref: string, options: ProviderCallOptions): Promise<string | undefined> {
    if (!isSafeRef(ref)) return Promise.resolve(undefined);
    const key = keyOf(name, ref);
    const known = this.#commits.get(key);
    if (known) return known;
    const asked = this.#askCommit(name, ref, options);
    this.#commits.set(key, asked, { ttl: HEAD_TTL });
    asked.then(
      (sha) => sha === ref && this.#commits.set(key, asked, { ttl: COMMIT_TTL }),
      () => this.#commits.delete(key),
    );
    return asked;
  }

  async #askCommit(name: string, ref: string, options: ProviderCallOptions): Promise<string | undefined> {
    if (this.#host.filesTellCommit && WHOLE_HASH.test(ref)) {
      return (await this.#treeAt(name, ref, options)) ? ref : undefined;
    }
    const sha = (await this.#host.commit(name, ref, options))?.trim();
    return sha !== undefined && WHOLE_HASH.test(sha) ? sha : undefined;
  }

  async #treeOf(repository: RepositoryRef, options: ProviderCallOptions): Promise<Tree | undefined> {
    const { name, sha } = await this.#resolve(repository, options);
    return this.#treeAt(name, sha, options);
  }

  #treeAt(name: string, sha: string, options: ProviderCallOptions): Promise<Tree | undefined> {
    const key = keyOf(name, sha);
    const known = this.#trees.get(key);
    if (known) return known;
    const asked = this.#host
      .files(name, sha, options)
      .then((files) => files && { files, index: createPathIndex([...files.keys()]) });
    this.#trees.set(key, asked);
    const forget = (): void => {
      if (this.#trees.peek(key) === asked) this.#trees.delete(key);
    };
    asked.then((tree) => tree ?? forget(), forget);
    return asked;
  }

  async #remember(key: string, ask: () => Promise<string | undefined>): Promise<string | undefined> {
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = await ask();
    if (text !== undefined) this.#texts.set(key, text);
    return text;
  }
}

const keyOf = (name: string, ref: string): string => `${name} ${ref}`;

function unavailable(message: string): PatrolError {
  return new PatrolError('SOURCE_UNAVAILABLE', message);
}
