import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import { messageOf, PatrolError } from '../errors.ts';
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

/** Options of {@link LocalGitCodeProvider}. */
export interface LocalGitOptions {
  /** A git working tree, a folder in one, or a bare repository; nothing outside the folder is read. */
  readonly directory: string;
  /** Larger files are not read, in bytes. @defaultValue 1 048 576 */
  readonly maxFileSize?: number;
  /** Time for one call of git. @defaultValue 5000 */
  readonly timeoutMs?: Milliseconds;
}

const DEFAULT_MAX_FILE_SIZE = 1_048_576;
const DEFAULT_TIMEOUT_MS: Milliseconds = 5000;
/** Following lines back through a long history can take minutes; the file's own commits are a good second. */
const LINES_TIMEOUT_MS: Milliseconds = 2000;
/** A listing of 100 000 paths has some 10 MB. */
const MAX_LISTING_BYTES = 32 * 1024 * 1024;
/** How long a name, which may move, is taken to stand where it stood. */
const REF_TTL: Milliseconds = 60_000;
const MAX_TREES = 4;
const MAX_FOUND = 20;
const WHOLE_HASH = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** Between the fields of a commit in git's answers. */
const FIELD = '\u001f';

/** What git has at one commit, below the folder. */
interface Tree {
  readonly paths: readonly string[];
  readonly index: PathIndex;
  readonly files: ReadonlyMap<string, { readonly blob: string; readonly size: number }>;
}

/**
 * Reads code as it was committed, from a git repository on this machine: at the event's commit where git has it,
 * else at `HEAD`. Runs `git` without a shell, without hooks, filters or the network; only what the repository
 * already holds is read.
 */
export class LocalGitCodeProvider implements RepositoryCodeProvider {
  readonly name: string = 'local git';
  readonly #directory: string;
  readonly #maxFileSize: number;
  readonly #timeoutMs: Milliseconds;
  readonly #commits: LRUCache<string, Promise<string | undefined>> = new LRUCache({ max: 500, ttl: REF_TTL });
  readonly #trees: LRUCache<string, Promise<Tree>> = new LRUCache({ max: MAX_TREES });

  constructor(options: LocalGitOptions) {
    this.#directory = resolve(options.directory);
    this.#maxFileSize = options.maxFileSize ?? DEFAULT_MAX_FILE_SIZE;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** Whoever chose the directory allowed it. */
  assertAllowed(_repository: RepositoryRef): void {}

  /** The hash of a commit, tag or branch; undefined when the repository, if it is one, does not have it. */
  commitOf(ref: string, options: ProviderCallOptions = {}): Promise<string | undefined> {
    if (!isSafeRef(ref)) return Promise.resolve(undefined);
    const known = this.#commits.get(ref);
    if (known) return known;
    const asked = this.#git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], options).then(
      (answer) => (WHOLE_HASH.test(answer.trim()) ? answer.trim() : undefined),
      () => undefined,
    );
    this.#commits.set(ref, asked);
    return asked;
  }

  async locate(
    repository: RepositoryRef,
    stackPath: string,
    options: ProviderCallOptions = {},
  ): Promise<string | undefined> {
    const { index } = await this.#treeOf(repository, options);
    if (isAbsolute(stackPath)) {
      const real = await realpath(this.#directory).catch(() => this.#directory);
      for (const base of new Set([this.#directory, real])) {
        const inside = relative(base, stackPath).split(sep).join('/');
        if (index.has(inside) && isReadablePath(inside)) return inside;
      }
    }
    const path = matchPath(stackPath, index);
    return path !== undefined && isReadablePath(path) ? path : undefined;
  }

  async readFile(
    repository: RepositoryRef,
    path: string,
    options: ProviderCallOptions = {},
  ): Promise<SourceFile | undefined> {
    if (!isReadablePath(path)) return undefined;
    const { sha, state } = await this.#resolve(repository, options);
    const file = (await this.#treeAt(sha, options)).files.get(path);
    if (!file || file.size > this.#maxFileSize) return undefined;
    const text = await this.#git(['cat-file', 'blob', file.blob], options);
    // No text holds a zero byte near its beginning; git tells them apart in the same way.
    return text.slice(0, 8000).includes('\u0000') ? undefined : { path, text, commit: sha, state };
  }

  async listFiles(repository: RepositoryRef, options: ProviderCallOptions = {}): Promise<readonly string[]> {
    return (await this.#treeOf(repository, options)).paths;
  }

  /** Only of the very commit: what stands in for it says nothing about what was deployed. */
  async versionOf(
    repository: RepositoryRef,
    path: string,
    options: ProviderCallOptions = {},
  ): Promise<string | undefined> {
    const { sha, state } = await this.#resolve(repository, options);
    if (state !== 'asked') throw unavailable('The commit of the event is not in the repository.');
    return (await this.#treeAt(sha, options)).files.get(path)?.blob;
  }

  async searchFiles(
    repository: RepositoryRef,
    word: string,
    options: ProviderCallOptions = {},
  ): Promise<readonly string[]> {
    if (!/^[\w$]{3,60}$/.test(word)) return [];
    const { sha } = await this.#resolve(repository, options);
    const found = await this.#git(['grep', '-lIFz', '--max-depth=12', '-e', word, sha, '--'], options).catch(
      () => '',
    );
    return found
      .split('\u0000')
      .map((path) => path.slice(sha.length + 1))
      .filter(isReadablePath)
      .slice(0, MAX_FOUND);
  }

  /** With `lines`, the commits that touched those lines; git follows them back through their changes. */
  async recentCommits(
    repository: RepositoryRef,
    path: string,
    count: number,
    options: RecentCommitsOptions = {},
  ): Promise<readonly SourceCommit[]> {
    if (!isReadablePath(path)) return [];
    const { sha } = await this.#resolve(repository, options);
    const most = `-${Math.min(Math.max(1, Math.floor(count)), 30)}`;
    const form = ['log', most, '--no-show-signature', `--format=%H%x1f%an%x1f%at%x1f%s`];
    const { lines } = options;
    const byLines = lines && [
      ...form,
      '-s',
      '--no-ext-diff',
      '--no-textconv',
      `-L${lines.startLine},${lines.endLine}:${path}`,
      sha,
    ];
    const byFile = [...form, sha, '--', path];
    const answer = byLines
      ? await this.#git(byLines, { ...options, timeoutMs: LINES_TIMEOUT_MS }).catch(() =>
          this.#git(byFile, options),
        )
      : await this.#git(byFile, options);
    return answer.split('\n').flatMap((row) => toCommit(row) ?? []);
  }

  async #resolve(
    { commit }: RepositoryRef,
    options: ProviderCallOptions,
  ): Promise<{ readonly sha: string; readonly state: 'asked' | 'default-branch' }> {
    const asked = commit === undefined ? undefined : await this.commitOf(commit, options);
    if (asked !== undefined) return { sha: asked, state: 'asked' };
    const head = await this.commitOf('HEAD', options);
    if (head !== undefined) return { sha: head, state: 'default-branch' };
    throw unavailable(`${this.#directory} is no git repository with a commit, or git is not installed.`);
  }

  async #treeOf(repository: RepositoryRef, options: ProviderCallOptions): Promise<Tree> {
    const { sha } = await this.#resolve(repository, options);
    return this.#treeAt(sha, options);
  }

  #treeAt(sha: string, options: ProviderCallOptions): Promise<Tree> {
    const known = this.#trees.get(sha);
    if (known) return known;
    const asked = this.#git(['ls-tree', '-r', '-l', '-z', sha], options).then(toTree);
    this.#trees.set(sha, asked);
    asked.catch(() => this.#trees.peek(sha) === asked && this.#trees.delete(sha));
    return asked;
  }

  #git(args: readonly string[], { signal, timeoutMs }: ProviderCallOptions): Promise<string> {
    return new Promise((done, fail) => {
      execFile(
        'git',
        ['--no-pager', '--no-optional-locks', '--literal-pathspecs', ...args],
        {
          cwd: this.#directory,
          encoding: 'utf8',
          maxBuffer: Math.max(MAX_LISTING_BYTES, this.#maxFileSize),
          timeout: Math.min(this.#timeoutMs, timeoutMs ?? Number.POSITIVE_INFINITY),
          killSignal: 'SIGKILL',
          windowsHide: true,
          env: gitEnvironment(),
          ...(signal && { signal }),
        },
        (error, stdout) =>
          error ? fail(unavailable(`git failed: ${messageOf(error)}`, error)) : done(stdout),
      );
    });
  }
}

/** Of the process's own variables only what git needs to run: neither another repository nor the application's secrets. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, USERPROFILE, SystemRoot } = process.env;
  return {
    PATH,
    HOME,
    USERPROFILE,
    SystemRoot,
    LC_ALL: 'C',
    // A partial clone would fetch what it lacks, and a credential helper would ask.
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

function toTree(listing: string): Tree {
  const files = new Map<string, { readonly blob: string; readonly size: number }>();
  for (const row of listing.split('\u0000')) {
    // Links have the mode 120000, submodules the type commit.
    const match = /^100\d{3} blob ([0-9a-f]{40,64}) +(\d{1,15})\t([\s\S]+)$/.exec(row);
    const [, blob, size, path] = match ?? [];
    if (blob !== undefined && path !== undefined) files.set(path, { blob, size: Number(size) });
  }
  const paths = [...files.keys()];
  return { paths, index: createPathIndex(paths), files };
}

function toCommit(row: string): SourceCommit | undefined {
  const [sha, author, seconds, message] = row.split(FIELD);
  if (sha === undefined || author === undefined || message === undefined) return undefined;
  return { sha, author, date: Number(seconds) * 1000, message };
}

function unavailable(message: string, cause?: unknown): PatrolError {
  return new PatrolError('SOURCE_UNAVAILABLE', message, { cause });
}
