import { isRecord } from '../bounds.ts';
import { parseRepositoryUrl } from '../repository-url.ts';
import type { Milliseconds, ProviderCallOptions, RecentCommitsOptions, SourceCommit } from '../types.ts';
import { createAllowList } from './allow-list.ts';
import type { CodeHost, TreeFile } from './code-host.ts';
import { BLAME_QUERY, commitsOfLines } from './github-blame.ts';
import { createGitHubClient, type GitHubApp, type GitHubClient } from './github-client.ts';
import { RepositoryReader } from './repository-reader.ts';

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

/** GitHub's limit for code search is ten a minute; others use the token, too. */
const MAX_SEARCHES = 8;
const SEARCH_WINDOW: Milliseconds = 60_000;

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
export class GitHubRepositoryCodeProvider extends RepositoryReader {
  /** @throws {PatrolError} `CONFIG_INVALID` for an entry of `allowedRepositories` that names no repository. */
  constructor(options: GitHubOptions) {
    super(createGitHubHost(options), options.maxFileSize);
  }
}

function createGitHubHost(options: GitHubOptions): CodeHost {
  const now = options.now ?? Date.now;
  const client = createGitHubClient({ ...options, now });
  const takeTurn = createTurns(now);
  /** GraphQL answers nobody without credentials. */
  const mayQuery = options.token !== undefined || options.app !== undefined;

  return {
    name: 'GitHub',
    repositoryOf: createAllowList(options.allowedRepositories, (url) => {
      const name = parseRepositoryUrl(url);
      return name && `${name.owner}/${name.repo}`;
    }),
    missing: (repository) =>
      `GitHub does not show the repository ${repository}: check its name and what GITHUB_TOKEN may read.`,
    filesTellCommit: true,

    async commit(repository, ref, call) {
      const parameters = { ...partsOf(repository), ref, mediaType: { format: 'sha' } };
      const data = await client.get('/repos/{owner}/{repo}/commits/{ref}', parameters, call);
      // A server that does not know the media type answers with the whole commit.
      const sha = isRecord(data) ? data.sha : data;
      return typeof sha === 'string' ? sha : undefined;
    },

    async files(repository, sha, call) {
      const parameters = { ...partsOf(repository), sha, recursive: '1' };
      const data = await client.get('/repos/{owner}/{repo}/git/trees/{sha}', parameters, call);
      return data === undefined ? undefined : toFiles(data);
    },

    async read(repository, { sha, path }, call) {
      const encoded = path.split('/').map(encodeURIComponent).join('/');
      const parameters = { ...partsOf(repository), path: encoded, ref: sha };
      const data = await client.get('/repos/{owner}/{repo}/contents/{+path}', parameters, call);
      // Folders, links and what is too large come otherwise.
      if (!isRecord(data) || data.type !== 'file' || data.encoding !== 'base64') return undefined;
      return typeof data.content === 'string' ? Buffer.from(data.content, 'base64') : undefined;
    },

    /**
     * GitHub searches the default branch only, and allows ten searches a minute. Who waited for his turn would hold
     * up an analysis, and a flood of errors every analysis: when the turn is another's, nothing is found.
     */
    async search(repository, word, _sha, call) {
      const end = takeTurn();
      if (!end) return [];
      try {
        const data = await client.get(
          '/search/code',
          { q: `${word} repo:${repository}`, per_page: 20 },
          call,
        );
        const items: readonly unknown[] = isRecord(data) && Array.isArray(data.items) ? data.items : [];
        return items.flatMap((item) => (isRecord(item) && typeof item.path === 'string' ? item.path : []));
      } finally {
        end();
      }
    },

    async history(repository, sha, path, count, call) {
      const blamed = mayQuery ? await blame(client, repository, sha, path, call) : [];
      if (blamed.length > 0) return blamed;
      const parameters = { ...partsOf(repository), sha, path, per_page: count };
      const data = await client.get('/repos/{owner}/{repo}/commits', parameters, call);
      return Array.isArray(data) ? data.flatMap((entry) => toCommit(entry) ?? []) : [];
    },

    async change(repository, sha, path, call) {
      const parameters = { ...partsOf(repository), sha };
      const data = await client.get('/repos/{owner}/{repo}/commits/{sha}', parameters, call);
      const files: readonly unknown[] = isRecord(data) && Array.isArray(data.files) ? data.files : [];
      const file = files.find((one) => isRecord(one) && one.filename === path);
      return isRecord(file) && typeof file.patch === 'string' ? file.patch : undefined;
    },
  };
}

/** One search at a time, and a few a minute; undefined when it is not one's turn. */
function createTurns(now: () => number): () => (() => void) | undefined {
  let begun: readonly number[] = [];
  let busy = false;
  return () => {
    const time = now();
    begun = begun.filter((at) => at > time - SEARCH_WINDOW);
    if (busy || begun.length >= MAX_SEARCHES) return undefined;
    begun = [...begun, time];
    busy = true;
    return () => {
      busy = false;
    };
  };
}

/** The commits of the lines; none where GraphQL fails. */
function blame(
  client: GitHubClient,
  repository: string,
  sha: string,
  path: string,
  { lines, ...call }: RecentCommitsOptions & ProviderCallOptions,
): Promise<readonly SourceCommit[]> {
  if (!lines) return Promise.resolve([]);
  return client.query(BLAME_QUERY, { ...partsOf(repository), sha, path }, call).then(
    (answer) => commitsOfLines(answer, lines),
    () => [],
  );
}

function partsOf(repository: string): { readonly owner: string; readonly repo: string } {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
}

function toFiles(data: unknown): ReadonlyMap<string, TreeFile> {
  const entries: readonly unknown[] = isRecord(data) && Array.isArray(data.tree) ? data.tree : [];
  const files = new Map<string, TreeFile>();
  for (const entry of entries) {
    if (!isRecord(entry) || entry.type !== 'blob' || entry.mode === '120000') continue;
    const { path, size, sha } = entry;
    if (typeof path !== 'string' || typeof sha !== 'string') continue;
    files.set(path, { version: sha, size: typeof size === 'number' ? size : 0 });
  }
  return files;
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
