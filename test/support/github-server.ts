import { execFile } from 'node:child_process';
import { createHash, type KeyObject, verify } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A git repository in a temporary folder. */
export interface TestRepository {
  readonly directory: string;
  /** Writes files (null deletes one), commits, and answers the commit's hash. */
  commit(files: Readonly<Record<string, string | null>>, message?: string): Promise<string>;
  git(...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Creates a repository with its default branch `main`. */
export async function createRepository(): Promise<TestRepository> {
  const directory = await mkdtemp(join(tmpdir(), 'patrol-repository-'));
  const git = async (...args: readonly string[]): Promise<string> => {
    const identity = [
      '-c',
      'user.name=Ada',
      '-c',
      'user.email=ada@example.org',
      '-c',
      'commit.gpgsign=false',
      '-c',
      'core.quotePath=false',
    ];
    const { stdout } = await run('git', [...identity, ...args], { cwd: directory, maxBuffer: 1 << 26 });
    return stdout;
  };
  await git('init', '--quiet', '--initial-branch=main');
  return {
    directory,
    git,
    commit: async (files, message = 'a change') => {
      for (const [path, text] of Object.entries(files)) {
        const file = join(directory, path);
        await mkdir(dirname(file), { recursive: true });
        await (text === null ? rm(file) : writeFile(file, text));
      }
      await git('add', '--all', '--force');
      await git('commit', '--quiet', '--allow-empty', '-m', message);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** One request that the server saw. */
export interface GitHubRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  readonly authorization: string | undefined;
}

/** What the next request gets instead of its answer. */
export interface GitHubFault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** Requests that get it. @defaultValue 1 */
  readonly times?: number;
}

/** GitHub's REST API, as far as Patrol uses it, over real git repositories; also under `/api/v3`. */
export interface TestGitHub {
  /** Base URL of the API. */
  readonly url: string;
  readonly requests: GitHubRequest[];
  fail(fault: GitHubFault): void;
  stop(): Promise<void>;
}

/** Who may ask. */
export interface TestGitHubOptions {
  /** What every request must bear. */
  readonly token?: string;
  /** A GitHub App that may have that token: its installation, and the public key that its JWTs are checked by. */
  readonly app?: { readonly id: string; readonly installation: string; readonly publicKey: KeyObject };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const notFound: Answer = { status: 404, body: JSON.stringify({ message: 'Not Found' }) };

/** Starts the server. Stop it in `afterAll`. */
export async function startGitHub(
  repositories: Readonly<Record<string, TestRepository>>,
  options: TestGitHubOptions = {},
): Promise<TestGitHub> {
  const requests: GitHubRequest[] = [];
  let fault: { fault: GitHubFault; left: number } | undefined;

  const answer = async (
    url: URL,
    accept: string,
    authorization: string | undefined,
    sent: string,
  ): Promise<Answer> => {
    if (fault && fault.left-- > 0) {
      const { status, headers = {}, message = `status ${status}` } = fault.fault;
      return { status, body: JSON.stringify({ message }), headers };
    }
    const installation = /\/app\/installations\/(\w+)\/access_tokens$/.exec(url.pathname)?.[1];
    if (installation !== undefined) return installationToken(installation, authorization, options);
    if (options.token !== undefined && authorization?.split(' ')[1] !== options.token) {
      return { status: 401, body: JSON.stringify({ message: 'Bad credentials' }) };
    }
    const path = url.pathname.replace(/^\/api(?:\/v3)?(?=\/)/, '');
    if (path === '/graphql') return graphql(repositories, JSON.parse(sent).variables, authorization);
    if (path === '/search/code') return searchCode(repositories, url.searchParams.get('q') ?? '');
    const match = /^\/repos\/([^/]+\/[^/]+)\/?(.*)$/.exec(path);
    const slug = match?.[1]?.toLowerCase();
    const repository = Object.entries(repositories).find(([name]) => name.toLowerCase() === slug)?.[1];
    return repository ? route(repository, match?.[2] ?? '', url.searchParams, accept) : notFound;
  };

  const server = createServer(async (request, response) => {
    const sent = await text(request);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const { authorization, accept = '' } = request.headers;
    const { status, body, headers } = await answer(url, accept, authorization, sent).catch(
      (error: unknown) => ({
        status: 500,
        body: JSON.stringify({ message: String(error) }),
        headers: {},
      }),
    );
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
    const fresh = status === 200 && request.headers['if-none-match'] === etag;
    requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      status: fresh ? 304 : status,
      authorization,
    });
    const type =
      accept.includes('.sha') && status === 200 ? 'application/vnd.github.sha' : 'application/json';
    response.writeHead(fresh ? 304 : status, { 'content-type': `${type}; charset=utf-8`, etag, ...headers });
    response.end(fresh ? undefined : body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail: (next) => {
      fault = { fault: next, left: next.times ?? 1 };
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function route(
  repository: TestRepository,
  path: string,
  query: URLSearchParams,
  accept: string,
): Promise<Answer> {
  const [kind, ...rest] = path.split('/').map(decodeURIComponent);
  if (kind === '') return json({ default_branch: 'main' });
  if (kind === 'contents') return contents(repository, rest.join('/'), query.get('ref') ?? 'HEAD');
  if (kind === 'git' && rest[0] === 'trees') return tree(repository, rest.slice(1).join('/'));
  if (kind !== 'commits') return notFound;
  if (rest.length === 0) return commits(repository, query);
  const sha = await resolve(repository, rest.join('/'));
  if (sha === undefined) return { status: 422, body: JSON.stringify({ message: 'No commit found for SHA' }) };
  return accept.includes('.sha')
    ? { status: 200, body: sha }
    : json({ sha, files: await changes(repository, sha) });
}

/** The files of a commit, each with the hunks of its diff and without git's own header, as GitHub sends them. */
async function changes(repository: TestRepository, sha: string): Promise<readonly unknown[]> {
  const diff = await repository.git('show', '--format=', '--no-color', sha);
  return diff
    .split(/^diff --git /m)
    .slice(1)
    .map((one) => {
      const patch = one.slice(Math.max(0, one.search(/^@@/m))).trimEnd();
      return { filename: /^\+\+\+ b\/(.*)$/m.exec(one)?.[1], status: 'modified', patch };
    });
}

async function contents(repository: TestRepository, path: string, ref: string): Promise<Answer> {
  const sha = await resolve(repository, ref);
  const text = sha && (await repository.git('cat-file', 'blob', `${sha}:${path}`).catch(() => undefined));
  if (text === undefined) return notFound;
  // GitHub folds base64 after 60 characters.
  const content = Buffer.from(text)
    .toString('base64')
    .replace(/(.{60})/g, '$1\n');
  return json({ type: 'file', encoding: 'base64', size: text.length, path, content });
}

async function tree(repository: TestRepository, ref: string): Promise<Answer> {
  const sha = await resolve(repository, ref);
  if (sha === undefined) return notFound;
  const listing = await repository.git('ls-tree', '-r', '-l', '-z', sha);
  const entries = listing.split('\0').flatMap((row) => {
    const match = /^(\d+) (\w+) ([0-9a-f]+) +(\S+)\t([\s\S]+)$/.exec(row);
    return match
      ? { mode: match[1], type: match[2], sha: match[3], size: Number(match[4]), path: match[5] }
      : [];
  });
  return json({ sha, tree: entries, truncated: false });
}

async function commits(repository: TestRepository, query: URLSearchParams): Promise<Answer> {
  const ref = query.get('sha') ?? 'HEAD';
  const path = query.get('path');
  const format = ['%H', '%an', '%aI', '%s'].join('%x1f');
  const count = query.get('per_page') ?? '30';
  const log = await repository.git(
    'log',
    `-${count}`,
    `--format=${format}`,
    ref,
    ...(path ? ['--', path] : []),
  );
  return json(
    log
      .split('\n')
      .filter(Boolean)
      .map((row) => {
        const [sha, name, date, message] = row.split('\x1f');
        return {
          sha,
          html_url: `https://github.com/commit/${sha}`,
          commit: { author: { name, date }, message },
        };
      }),
  );
}

/** The blame of a file at a commit, whatever fields are asked for; as GitHub, to nobody without credentials. */
async function graphql(
  repositories: Readonly<Record<string, TestRepository>>,
  { owner, repo, sha, path }: Readonly<Record<string, string>>,
  authorization: string | undefined,
): Promise<Answer> {
  if (authorization === undefined)
    return { status: 401, body: JSON.stringify({ message: 'Bad credentials' }) };
  const repository = repositories[`${owner}/${repo}`];
  const found = await repository
    ?.git('blame', '--line-porcelain', sha ?? '', '--', path ?? '')
    .catch(() => undefined);
  if (!repository || found === undefined) {
    return json({
      data: { repository: null },
      errors: [{ type: 'NOT_FOUND', message: 'Could not resolve.' }],
    });
  }
  const ranges = await Promise.all(
    [...found.matchAll(/^([0-9a-f]{40}) \d+ (\d+)/gm)].map(async ([, oid = '', line]) => {
      const log = await repository.git('log', '-1', '--format=%an%x1f%aI%x1f%s', oid);
      const [name, authoredDate, messageHeadline] = log.trim().split('\x1f');
      const url = `https://github.com/${owner}/${repo}/commit/${oid}`;
      const commit = { oid, messageHeadline, url, authoredDate, author: { name } };
      return { startingLine: Number(line), endingLine: Number(line), commit };
    }),
  );
  return json({ data: { repository: { object: { blame: { ranges } } } } });
}

/** Gives out the server's token to whoever signs as the App. */
function installationToken(
  installation: string,
  authorization: string | undefined,
  { app, token }: TestGitHubOptions,
): Answer {
  const [header, payload, signature] = authorization?.split(' ')[1]?.split('.') ?? [];
  const signed = Buffer.from(`${header}.${payload}`);
  const isApp =
    app !== undefined &&
    installation === app.installation &&
    verify('RSA-SHA256', signed, app.publicKey, Buffer.from(signature ?? '', 'base64url')) &&
    String(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()).iss) === app.id;
  if (!isApp)
    return { status: 401, body: JSON.stringify({ message: 'A JSON web token could not be decoded' }) };
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  return { status: 201, body: JSON.stringify({ token, expires_at, permissions: { contents: 'read' } }) };
}

async function searchCode(
  repositories: Readonly<Record<string, TestRepository>>,
  query: string,
): Promise<Answer> {
  const [word = '', scope = ''] = query.split(' ');
  const repository = repositories[scope.replace('repo:', '')];
  const found = await repository?.git('grep', '-lIF', '-e', word, 'HEAD').catch(() => '');
  const items = (found ?? '').split('\n').filter(Boolean);
  return json({ items: items.map((line) => ({ path: line.replace(/^HEAD:/, '') })) });
}

async function resolve(repository: TestRepository, ref: string): Promise<string | undefined> {
  const name = ref === '' || ref.startsWith('-') ? 'invalid ref' : ref;
  const sha = await repository
    .git('rev-parse', '--verify', '--quiet', `${name}^{commit}`)
    .catch(() => undefined);
  return sha?.trim() || undefined;
}

function json(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}
