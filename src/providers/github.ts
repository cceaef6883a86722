import { LRUCache } from 'lru-cache';
import { isRecord } from '../bounds.ts';
import { describeShape, PatrolError } from '../errors.ts';
import { createPathIndex, matchPath, type PathIndex } from '../path-mapping.ts';
import { isReadablePath, isSafeRef } from '../repository-path.ts';
import { parseRepositoryUrl, type RepositoryName, repositoryKey } from '../repository-url.ts';
import type {
  Milliseconds,
  ProviderCallOptions,
  RecentCommitsOptions,
  RepositoryCodeProvider,
  RepositoryRef,
  SourceCommit,
  SourceFile,
} from '../types.ts';
import { BLAME_QUERY, commitsOfLines } from './github-blame.ts';
import { createGitHubClient, type GitHubApp, type GitHubClient } from './github-client.ts';

/** Options of {@link GitHubRepositoryCodeProvider}. */
export interface GitHubOptions {
  /** A token that may read the contents of the allowed repositories. Without one only public code is read. */
  readonly token?: string;
  /** A GitHub App in place of a token: one installation may read what it was given, and no person's key is at stake. */
  readonly app?: GitHubApp;
  /** Base URL of the API, for GitHub Enterprise usually `https://host/api/v3`. @defaultValue `https://api.github.com` */
  readonly apiUrl?: string;
  /** `owner/repo`, or URLs of it, whose code may be read; whatever their host, `apiUrl` serves them. */
  readonly allowedRepositories: readonly string[];
  /** Larger files are not read, in bytes; GitHub itself leaves out content beyond 1 MiB. @defaultValue 1 048 576 */
  readonly maxFileSize?: number;
  /** Clock. @defaultValue `Date.now` */
  readonly now?: () => number;
}

const DEFAULT_MAX_FILE_SIZE = 1_048_576;
/** How long a branch is taken to stand where it stood, and a commit to be known. */
const HEAD_TTL: Milliseconds = 60_000;
const COMMIT_TTL: Milliseconds = 3_600_000;
/** What the caches may hold: characters of files, and trees of up to 100 000 paths. */
const MAX_CACHED_CHARACTERS = 20_000_000;
const MAX_TREES = 8;
/** GitHub's limit for code search is ten a minute; others use the token, too. */
const MAX_SEARCHES = 8;
const SEARCH_WINDOW: Milliseconds = 60_000;

/** A repository at one commit. */
interface State {
  readonly name: RepositoryName;
  readonly sha: string;
  readonly state: 'asked' | 'default-branch';
}

interface Tree {
  readonly paths: readonly string[];
  readonly index: PathIndex;
  readonly sizes: ReadonlyMap<string, number>;
  /** Path → blob hash. */
  readonly versions: ReadonlyMap<string, string>;
}

/**
 * Reads code from GitHub, github.com or Enterprise, of the repositories that were allowed and of no other. What is
 * named by a commit is kept, what a branch names is asked again with its ETag, which costs no rate limit.
 *
 * `@octokit/rest` is loaded at the first call.
 *
 * @example
 * ```ts
 * const codeProvider = new GitHubRepositoryCodeProvider({
 *   token: process.env.GITHUB_TOKEN,
 *   allowedRepositories: ['acme/shop'],
 * });
 * ```
 */
export class GitHubRepositoryCodeProvider implements RepositoryCodeProvider {
  readonly name: string = 'GitHub';
  readonly #client: GitHubClient;
  /** As they are configured: an event's own spelling goes nowhere. */
  readonly #allowed: ReadonlyMap<string, RepositoryName>;
  readonly #maxFileSize: number;
  /** GraphQL answers nobody without credentials. */
  readonly #mayQuery: boolean;
  readonly #now: () => number;
  /** When the latest searches began. */
  #searches: readonly number[] = [];
  #searching = false;
  readonly #commits: LRUCache<string, Promise<string | undefined>> = new LRUCache({ max: 500 });
  readonly #trees: LRUCache<string, Promise<Tree | undefined>> = new LRUCache({ max: MAX_TREES });
  readonly #histories: LRUCache<string, readonly SourceCommit[]> = new LRUCache({ max: 500 });
  readonly #files: LRUCache<string, SourceFile> = new LRUCache({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: ({ text }) => text.length + 1,
  });

  /** @throws {PatrolError} `CONFIG_INVALID` for an entry of `allowedRepositories` that names no repository. */
  constructor(options: GitHubOptions) {
    this.#allowed = new Map(options.allowedRepositories.map(allowedEntry));
    this.#maxFileSize = options.maxFileSize ?? DEFAULT_MAX_FILE_SIZE;
    this.#now = options.now ?? Date.now;
    this.#mayQuery = options.token !== undefined || options.app !== undefined;
    this.#client = createGitHubClient({ ...options, now: this.#now });
  }

  assertAllowed(repository: RepositoryRef): void {
    this.#nameOf(repository);
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
    const key = `${repositoryKey(name)} ${sha} ${path}`;
    const known = this.#files.get(key);
    if (known) return { ...known, state };
    const tree = await this.#trees.peek(treeKey(name, sha))?.catch(() => undefined);
    if ((tree?.sizes.get(path) ?? 0) > this.#maxFileSize) return undefined;
    const parameters = { ...name, path: encodePath(path), ref: sha };
    const data = await this.#client.get('/repos/{owner}/{repo}/contents/{+path}', parameters, options);
    const text = textOf(data, this.#maxFileSize);
    if (text === undefined) return undefined;
    const file: SourceFile = { path, text, commit: sha, state };
    this.#files.set(key, file);
    return file;
  }

  async listFiles(
    repository: RepositoryRef,
    options: ProviderCallOptions = {},
  ): Promise<readonly string[] | undefined> {
    return (await this.#treeOf(repository, options))?.paths;
  }

  /** Only of the very commit: what stands in for it says nothing about what was deployed. */
  async versionOf(
    repository: RepositoryRef,
    path: string,
    options: ProviderCallOptions = {},
  ): Promise<string | undefined> {
    const { name, sha, state } = await this.#resolve(repository, options);
    if (state !== 'asked') {
      throw new PatrolError('SOURCE_UNAVAILABLE', 'The commit of the event is not in the repository.');
    }
    return (await this.#treeAt(name, sha, options))?.versions.get(path);
  }

  /**
   * GitHub searches the default branch only, and allows ten searches a minute. Who waited for his turn would hold up
   * an analysis, and a flood of errors every analysis: when the turn is another's, nothing is found.
   */
  async searchFiles(
    repository: RepositoryRef,
    word: string,
    options: ProviderCallOptions = {},
  ): Promise<readonly string[]> {
    const { owner, repo } = this.#nameOf(repository);
    if (!/^[\w$]{3,60}$/.test(word) || !this.#takeSearch()) return [];
    const parameters = { q: `${word} repo:${owner}/${repo}`, per_page: 20 };
    try {
      const data = await this.#client.get('/search/code', parameters, options);
      const items: readonly unknown[] = isRecord(data) && Array.isArray(data.items) ? data.items : [];
      const paths = items.flatMap((item) =>
        isRecord(item) && typeof item.path === 'string' ? item.path : [],
      );
      return paths.filter(isReadablePath);
    } finally {
      this.#searching = false;
    }
  }

  #takeSearch(): boolean {
    const now = this.#now();
    this.#searches = this.#searches.filter((at) => at > now - SEARCH_WINDOW);
    if (this.#searching || this.#searches.length >= MAX_SEARCHES) return false;
    this.#searches = [...this.#searches, now];
    this.#searching = true;
    return true;
  }

  async recentCommits(
    repository: RepositoryRef,
    path: string,
    count: number,
    options: RecentCommitsOptions = {},
  ): Promise<readonly SourceCommit[]> {
    if (!isReadablePath(path)) return [];
    const { name, sha } = await this.#resolve(repository, options);
    const per_page = Math.min(Math.max(1, count), 30);
    const { lines } = options;
    const where = lines ? `${path} ${lines.startLine}-${lines.endLine}` : path;
    const key = `${repositoryKey(name)} ${sha} ${where} ${per_page}`;
    const known = this.#histories.get(key);
    if (known) return known;
    const blamed = await this.#blame(name, sha, path, options);
    if (blamed.length > 0) {
      this.#histories.set(key, blamed.slice(0, per_page));
      return blamed.slice(0, per_page);
    }
    const parameters = { ...name, sha, path, per_page };
    const data = await this.#client.get('/repos/{owner}/{repo}/commits', parameters, options);
    const commits = Array.isArray(data) ? data.flatMap((entry) => toCommit(entry) ?? []) : [];
    this.#histories.set(key, commits);
    return commits;
  }

  /** The commits of the lines; none without credentials, which GraphQL wants, or where it fails. */
  async #blame(
    { owner, repo }: RepositoryName,
    sha: string,
    path: string,
    options: RecentCommitsOptions,
  ): Promise<readonly SourceCommit[]> {
    if (!options.lines || !this.#mayQuery) return [];
    const asked = this.#client.query(BLAME_QUERY, { owner, repo, sha, path }, options);
    return asked.then(
      (answer) => commitsOfLines(answer, options.lines ?? { startLine: 1, endLine: 0 }),
      () => [],
    );
  }

  /** @throws {PatrolError} `REPOSITORY_NOT_ALLOWED` */
  #nameOf({ repositoryUrl }: RepositoryRef): RepositoryName {
    if (repositoryUrl === undefined) {
      throw notAllowed('The event names no repository and DEFAULT_REPOSITORY_URL is not set.');
    }
    const name = parseRepositoryUrl(repositoryUrl);
    if (!name) {
      throw notAllowed(
        `Expected a repository as https://host/owner/repo, got ${describeShape(repositoryUrl)} of another form.`,
      );
    }
    const allowed = this.#allowed.get(repositoryKey(name));
    if (!allowed) {
      const slug = `${name.owner}/${name.repo}`;
      throw notAllowed(
        `Code of ${slug} may not be read. To allow it, set PATROL_ALLOWED_REPOSITORIES=${slug} (a comma-separated list).`,
      );
    }
    return allowed;
  }

  /** The event's commit, or the head of the default branch where there is none or it is unknown. */
  async #resolve(repository: RepositoryRef, options: ProviderCallOptions): Promise<State> {
    const name = this.#nameOf(repository);
    const { commit } = repository;
    if (commit !== undefined && isSafeRef(commit)) {
      const sha = await this.#commit(name, commit, options);
      if (sha !== undefined) return { name, sha, state: 'asked' };
    }
    const sha = await this.#commit(name, 'HEAD', options);
    if (sha !== undefined) return { name, sha, state: 'default-branch' };
    throw new PatrolError(
      'SOURCE_UNAVAILABLE',
      `GitHub does not show the repository ${name.owner}/${name.repo}: check its name and what GITHUB_TOKEN may read.`,
    );
  }

  /** The whole hash of a commit, tag or branch; undefined when the repository does not have it. */
  #commit(name: RepositoryName, ref: string, options: ProviderCallOptions): Promise<string | undefined> {
    const key = `${repositoryKey(name)} ${ref}`;
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

  async #askCommit(
    name: RepositoryName,
    ref: string,
    options: ProviderCallOptions,
  ): Promise<string | undefined> {
    // The tree is needed anyway, and tells whether the commit is there.
    if (WHOLE_HASH.test(ref)) return (await this.#treeAt(name, ref, options)) ? ref : undefined;
    const parameters = { ...name, ref, mediaType: { format: 'sha' } };
    const data = await this.#client.get('/repos/{owner}/{repo}/commits/{ref}', parameters, options);
    // A server that does not know the media type answers with the whole commit.
    const sha = isRecord(data) ? data.sha : data;
    return typeof sha === 'string' && WHOLE_HASH.test(sha.trim()) ? sha.trim() : undefined;
  }

  async #treeOf(repository: RepositoryRef, options: ProviderCallOptions): Promise<Tree | undefined> {
    const { name, sha } = await this.#resolve(repository, options);
    return this.#treeAt(name, sha, options);
  }

  #treeAt(name: RepositoryName, sha: string, options: ProviderCallOptions): Promise<Tree | undefined> {
    const key = treeKey(name, sha);
    const known = this.#trees.get(key);
    if (known) return known;
    const parameters = { ...name, sha, recursive: '1' };
    const asked = this.#client
      .get('/repos/{owner}/{repo}/git/trees/{sha}', parameters, options)
      .then((data) => (data === undefined ? undefined : toTree(data)));
    this.#trees.set(key, asked);
    const forget = (): void => {
      if (this.#trees.peek(key) === asked) this.#trees.delete(key);
    };
    asked.then((tree) => tree ?? forget(), forget);
    return asked;
  }
}

const WHOLE_HASH = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

function treeKey(name: RepositoryName, sha: string): string {
  return `${repositoryKey(name)} ${sha}`;
}

function allowedEntry(entry: string): readonly [key: string, name: RepositoryName] {
  const name = parseRepositoryUrl(entry);
  if (!name) {
    throw new PatrolError(
      'CONFIG_INVALID',
      `Expected each allowed repository to be owner/repo or a URL of it, got ${describeShape(entry)}.`,
    );
  }
  return [repositoryKey(name), name];
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The text of a file as the contents API sends it; undefined for folders, links, binaries and what is too large. */
function textOf(data: unknown, maxFileSize: number): string | undefined {
  if (!isRecord(data) || data.type !== 'file' || data.encoding !== 'base64') return undefined;
  if (typeof data.content !== 'string' || data.content.length > maxFileSize * 1.5) return undefined;
  const bytes = Buffer.from(data.content, 'base64');
  // No text holds a zero byte near its beginning; git tells them apart in the same way.
  return bytes.subarray(0, 8000).includes(0) ? undefined : bytes.toString('utf8');
}

function toTree(data: unknown): Tree {
  const entries: readonly unknown[] = isRecord(data) && Array.isArray(data.tree) ? data.tree : [];
  const sizes = new Map<string, number>();
  const versions = new Map<string, string>();
  for (const entry of entries) {
    if (!isRecord(entry) || entry.type !== 'blob' || entry.mode === '120000') continue;
    if (typeof entry.path !== 'string') continue;
    sizes.set(entry.path, typeof entry.size === 'number' ? entry.size : 0);
    if (typeof entry.sha === 'string') versions.set(entry.path, entry.sha);
  }
  const paths = [...sizes.keys()];
  return { paths, index: createPathIndex(paths), sizes, versions };
}

function toCommit(entry: unknown): SourceCommit | undefined {
  if (!isRecord(entry) || typeof entry.sha !== 'string' || !isRecord(entry.commit)) return undefined;
  const { author, message } = entry.commit;
  const date = isRecord(author) && typeof author.date === 'string' ? Date.parse(author.date) : Number.NaN;
  return {
    sha: entry.sha,
    author: isRecord(author) && typeof author.name === 'string' ? author.name : 'unknown',
    date: Number.isNaN(date) ? 0 : date,
    message: typeof message === 'string' ? (message.split('\n')[0] ?? '') : '',
    ...(typeof entry.html_url === 'string' && { url: entry.html_url }),
  };
}

function notAllowed(message: string): PatrolError {
  return new PatrolError('REPOSITORY_NOT_ALLOWED', message);
}
