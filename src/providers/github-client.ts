import type { Octokit } from '@octokit/rest';
import { LRUCache } from 'lru-cache';
import { unlessAborted } from '../abort.ts';
import { isRecord } from '../bounds.ts';
import { messageOf, PatrolError } from '../errors.ts';
import type { Milliseconds, ProviderCallOptions } from '../types.ts';

/** What a GitHub App needs to get tokens of its installation, which last an hour and are renewed. */
export interface GitHubApp {
  readonly appId: string;
  /** PEM; `\\n` for its line breaks is understood, as environments write them. */
  readonly privateKey: string;
  readonly installationId: string;
}

/** Options of {@link createGitHubClient}. */
export interface GitHubClientOptions {
  readonly token?: string;
  /** A GitHub App's installation, in place of a token. */
  readonly app?: GitHubApp;
  readonly apiUrl?: string;
  readonly now: () => number;
}

/** Reads from GitHub's REST API; what is named by a branch is asked again with its ETag. */
export interface GitHubClient {
  /**
   * One GET: undefined for what is not there.
   *
   * @throws {PatrolError} `SOURCE_UNAVAILABLE`
   */
  get(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: ProviderCallOptions,
  ): Promise<unknown>;
  /**
   * One query of the GraphQL API, which wants a token.
   *
   * @throws {PatrolError} `SOURCE_UNAVAILABLE`
   */
  query(
    text: string,
    variables: Readonly<Record<string, string>>,
    options: ProviderCallOptions,
  ): Promise<unknown>;
}

const GITHUB_URL = 'https://api.github.com';
/** A limit that lifts within this time is waited for; a longer one means an analysis without source. */
const MAX_LIMIT_WAIT_SECONDS = 5;
/** A limit without a time of its own; GitHub asks for at least a minute. */
const DEFAULT_LIMIT_WAIT: Milliseconds = 60_000;
/** What Octokit's throttling keeps between two queries. */
const QUERY_SPACING: Milliseconds = 1000;

/** What a request that may be asked again came to. */
interface Answer {
  readonly etag: string | undefined;
  readonly data: unknown;
}

/** The client loads `@octokit/rest` and its plugins at the first request. */
export function createGitHubClient(options: GitHubClientOptions): GitHubClient {
  const { now } = options;
  const answers = new LRUCache<string, Answer>({ max: 500 });
  let client: Promise<Octokit> | undefined;
  /** Until when GitHub asked to be left alone. */
  let blockedUntil = 0;
  let noQueryUntil = 0;

  const explain = (error: unknown, status: unknown): PatrolError => {
    const wait = limitOf(error, now());
    if (wait !== undefined) {
      blockedUntil = now() + wait;
      return limited(wait);
    }
    // Of an App's key and of its tokens the same is to be said.
    if (options.app && options.token === undefined && (status === undefined || status === 401)) {
      const mend = 'check GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_APP_INSTALLATION_ID';
      return unavailable(`GitHub gave the App no access, or could not be reached: ${mend}.`, error);
    }
    if (status === 401)
      return unavailable('GitHub rejected the token: GITHUB_TOKEN is wrong or expired.', error);
    if (status === 403)
      return unavailable('GitHub refused: GITHUB_TOKEN may not read this repository.', error);
    if (typeof status === 'number' && status >= 400)
      return unavailable(`GitHub failed (status ${status}).`, error);
    return unavailable(`GitHub could not be reached (${messageOf(error)}): check GITHUB_API_URL.`, error);
  };

  const signalOf = ({ signal, timeoutMs }: ProviderCallOptions): AbortSignal =>
    AbortSignal.any([
      ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(Math.max(1, timeoutMs))]),
      ...(signal ? [signal] : []),
    ]);
  const assertOpen = (): void => {
    const wait = blockedUntil - now();
    if (wait > 0) throw limited(wait);
  };

  const get: GitHubClient['get'] = async (route, parameters, call) => {
    assertOpen();
    const key = `${route} ${JSON.stringify(parameters)}`;
    const known = answers.get(key);
    const signal = signalOf(call);
    client ??= connect(options);
    const octokit = await client;
    try {
      // Octokit's plugins wait between attempts without looking at the signal.
      const response = await unlessAborted(
        octokit.request(`GET ${route}`, {
          ...parameters,
          ...(known?.etag !== undefined && { headers: { 'if-none-match': known.etag } }),
          request: { signal },
        }),
        signal,
      );
      // What a commit names never changes and is kept by whoever asked; only branches are asked again.
      if (isRef(route)) answers.set(key, { etag: response.headers.etag, data: response.data });
      return response.data;
    } catch (error) {
      const status = isRecord(error) ? error.status : undefined;
      if (status === 304 && known) return known.data;
      // 409: an empty repository; 422: no such commit; 451: taken down.
      if (status === 404 || status === 409 || status === 422 || status === 451) return undefined;
      throw explain(error, status);
    }
  };

  const query: GitHubClient['query'] = async (text, variables, call) => {
    assertOpen();
    // Octokit lets one query pass a second. Nobody queues for it: a flood of errors would hold up every analysis.
    if (now() < noQueryUntil) throw limited(noQueryUntil - now());
    noQueryUntil = now() + QUERY_SPACING;
    const signal = signalOf(call);
    client ??= connect(options);
    const octokit = await client;
    try {
      return await unlessAborted(octokit.graphql(text, { ...variables, request: { signal } }), signal);
    } catch (error) {
      // GraphQL has a limit of its own, and is only a help: what stops it does not stop the rest.
      noQueryUntil = now() + (limitOf(error, now()) ?? DEFAULT_LIMIT_WAIT);
      throw unavailable(`GitHub's GraphQL API did not answer (${messageOf(error)}).`, error);
    }
  };
  return { get, query };
}

function isRef(route: string): boolean {
  return route.endsWith('/{ref}');
}

async function connect({ apiUrl, app, token }: GitHubClientOptions): Promise<Octokit> {
  const [{ Octokit: Base }, { retry }, { throttling }] = await Promise.all([
    import('@octokit/rest'),
    import('@octokit/plugin-retry'),
    import('@octokit/plugin-throttling'),
  ]);
  const Client = Base.plugin(retry, throttling);
  const worthWaiting = (seconds: number, _options: unknown, _octokit: unknown, retries: number): boolean =>
    seconds <= MAX_LIMIT_WAIT_SECONDS && retries < 1;
  const silent = () => {};
  const baseUrl = (apiUrl ?? GITHUB_URL).replace(/\/+$/, '');
  return new Client({
    baseUrl,
    ...(token !== undefined && { auth: token }),
    ...(app && token === undefined && (await authOf(app))),
    userAgent: 'patrol',
    // Its log would go into the very log that is being analysed.
    log: { debug: silent, info: silent, warn: silent, error: silent },
    retry: { retries: 2, doNotRetry: [304, 400, 401, 403, 404, 409, 410, 422, 429, 451] },
    // The limits are those of one server.
    throttle: { id: baseUrl, onRateLimit: worthWaiting, onSecondaryRateLimit: worthWaiting },
  });
}

async function authOf(app: GitHubApp) {
  const { createAppAuth } = await import('@octokit/auth-app');
  const privateKey = app.privateKey.replaceAll('\\n', '\n');
  return { authStrategy: createAppAuth, auth: { ...app, privateKey } };
}

/** How long GitHub asks to wait, when this error is one of its limits (REST documentation, "Rate limits"). */
function limitOf(error: unknown, now: number): Milliseconds | undefined {
  if (!isRecord(error) || (error.status !== 403 && error.status !== 429)) return undefined;
  const headers = isRecord(error.response) && isRecord(error.response.headers) ? error.response.headers : {};
  const retryAfter = Number(headers['retry-after']);
  if (retryAfter > 0) return retryAfter * 1000;
  const reset = Number(headers['x-ratelimit-reset']);
  if (String(headers['x-ratelimit-remaining']) === '0' && reset > 0)
    return Math.max(1000, reset * 1000 - now);
  return error.status === 429 || /rate limit/i.test(messageOf(error)) ? DEFAULT_LIMIT_WAIT : undefined;
}

function limited(wait: Milliseconds): PatrolError {
  return new PatrolError(
    'SOURCE_UNAVAILABLE',
    `GitHub's rate limit is used up for another ${Math.ceil(wait / 1000)} s.`,
    { retryable: true, retryAfterMs: wait },
  );
}

function unavailable(message: string, cause: unknown): PatrolError {
  return new PatrolError('SOURCE_UNAVAILABLE', message, { cause, retryable: true });
}
