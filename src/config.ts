import {
  amount,
  type Check,
  filledText,
  listOf,
  matching,
  oneOf,
  prepared,
  recordOf,
  urlOf,
  wholeNumber,
} from './checks.ts';
import { describeShape, PatrolError } from './errors.ts';
import { canonicalLanguage } from './language.ts';
import { arePathMappings, MAX_PATH_MAPPINGS } from './path-prefixes.ts';
import type { Milliseconds, Seconds } from './types.ts';

/** Every setting of Patrol, parsed and complete. The same names, in camelCase, are the options in code. */
export interface PatrolConfig {
  // The engine.

  /** Answers kept in memory. @defaultValue 1000 */
  readonly cacheMaxSize: number;
  /** @defaultValue `LRU` */
  readonly cacheEvictionPolicy: 'LRU' | 'FIFO';
  /** How long an answer stays valid. @defaultValue 86 400 */
  readonly cacheTtl: Seconds;
  /** DynamoDB table in which processes share answers; its partition key is the string `pk`. */
  readonly cacheTable: string | undefined;
  /** Redis or Valkey server in which processes share answers; wants the package `ioredis`. */
  readonly redisUrl: string | undefined;
  /** With a key (or a base URL, for servers that want none) the model is asked; without, only the rules answer. */
  readonly openaiApiKey: string | undefined;
  /** @defaultValue `gpt-4o-mini` */
  readonly openaiModel: string;
  readonly openaiOrgId: string | undefined;
  /** Base URL of an OpenAI-compatible server. */
  readonly openaiBaseUrl: string | undefined;
  /** OpenAI's API for the model: compatible servers have `chat` (completions). @defaultValue `chat` */
  readonly openaiApi: 'chat' | 'responses';
  /** Language of what a model answers, a BCP 47 tag such as `ko`; rules answer in English. @defaultValue `en` */
  readonly language: string;
  /** Time for one analysis, its retries and its repair included. @defaultValue 60 000 */
  readonly modelTimeout: Milliseconds;
  /** Most calls of a model in an hour of UTC, over all processes that share a store. @defaultValue no limit */
  readonly budgetCallsPerHour: number | undefined;
  /** The same for a day. @defaultValue no limit */
  readonly budgetCallsPerDay: number | undefined;
  /** Most US dollars for models in an hour of UTC, where the model's price is known. @defaultValue no limit */
  readonly budgetUsdPerHour: number | undefined;
  /** The same for a day. @defaultValue no limit */
  readonly budgetUsdPerDay: number | undefined;
  /** A personal token, or one of a GitHub App's installation. */
  readonly githubToken: string | undefined;
  /** A GitHub App in place of `githubToken`: all three, or none. */
  readonly githubAppId: string | undefined;
  /** PEM; `\\n` for its line breaks is understood. */
  readonly githubAppPrivateKey: string | undefined;
  readonly githubAppInstallationId: string | undefined;
  /** Base URL of GitHub's API; serves every allowed repository. @defaultValue `https://api.github.com` */
  readonly githubApiUrl: string;
  /** Repository of the events that name none. */
  readonly defaultRepositoryUrl: string | undefined;
  /** Service name → repository URL. @defaultValue `{}` */
  readonly repositoryUrlMap: Readonly<Record<string, string>>;
  /** `owner/repo` of the repositories whose code may be read, beside the default and the mapped ones. */
  readonly allowedRepositories: readonly string[];
  /** Prefix of a path in a stack → folder in the repository (`''` is its root), where Patrol's own matching errs. @defaultValue `{}` */
  readonly pathMappings: Readonly<Record<string, string>>;
  /** Lines shown on each side of a frame where the enclosing function is not known. @defaultValue 20 */
  readonly codeContextLines: number;
  /** Frames whose code is read. @defaultValue 4 */
  readonly maxCodeLocations: number;
  /** Most characters of source in a prompt. @defaultValue 18 000 */
  readonly maxRepositoryContextChars: number;
  /** A JSON file of known-error rules that are tried before Patrol's own. */
  readonly rulesFile: string | undefined;
  /** Where the application's source lies; the embedded engine reads nothing outside it. @defaultValue the working directory */
  readonly sourceRoot: string | undefined;

  // The transports.

  /** SQS queue of the sink. Neither this nor `sinkUrl`: the engine runs in the process. */
  readonly queueUrl: string | undefined;
  /** Base URL of an HTTP sink; events go to `POST {sinkUrl}/v1/events`. */
  readonly sinkUrl: string | undefined;
  /** Bearer token for the HTTP sink. */
  readonly sinkToken: string | undefined;
  /** Least level that is captured. @defaultValue `error` */
  readonly level: string;
  /** Name of the application. */
  readonly service: string | undefined;
  readonly environment: string | undefined;
  /** The deployed commit. */
  readonly commit: string | undefined;
  /** The application's repository. */
  readonly repositoryUrl: string | undefined;
  /** Where the write-ahead spool lives; `false` (or `off`) disables it. */
  readonly spoolDirectory: string | false | undefined;
  /** Most distinct events in one delivery. @defaultValue 10 */
  readonly batchSize: number;
  /** Time after which an unfinished batch is delivered: the window in which repeats are only counted. @defaultValue 1000 */
  readonly batchInterval: Milliseconds;
  /** Longest that `flush`, `close` and exit take. @defaultValue 2000 */
  readonly flushTimeout: Milliseconds;
  /** Level of the analyses in the application's log. @defaultValue `info` */
  readonly analysisLevel: string;

  // Replies.

  /** SQS queue on which analyses come back. */
  readonly replyQueueUrl: string | undefined;
  /** Service name → reply queue, where services share a sink. @defaultValue `{}` */
  readonly replyQueueUrlMap: Readonly<Record<string, string>>;
}

/** The settings as a user gives them in code; what is left out comes from the environment. */
export type PatrolOptions = { readonly [K in keyof PatrolConfig]?: PatrolConfig[K] | undefined };

interface Setting<T> {
  /** The variables that set it: the first one that is set wins, an option in code wins over them all. */
  readonly env: readonly string[];
  readonly rule: Check<T & {}>;
  /** What holds when nobody sets it. */
  readonly fallback: T;
}

const PATH_MAP_EXPECTED = `a JSON object of at most ${MAX_PATH_MAPPINGS} path prefixes → folders in the repository (relative, without ..)`;

const text = filledText();
const label = filledText(200);
const identifier = prepared(matching(/^[\w.-]{1,64}$/, 'an identifier as GitHub shows it'), (value) =>
  typeof value === 'number' ? String(value) : value,
);
const url = urlOf(['http', 'https'], 'an http or https URL');
const count = (least: number, most: number): Check<number> =>
  prepared(wholeNumber(least, most, `a whole number from ${least} to ${most}`), numberIfString);
const money = amount(0, 1e9, 'an amount of US dollars');
const languageTag: Check<string> = {
  expected: 'a BCP 47 language tag such as en or ko',
  read: (value) => (typeof value === 'string' ? canonicalLanguage(value) : undefined),
};
const urlMap = prepared(recordOf(url, 'a JSON object of service name → URL'), jsonIfString);
const pathTexts = recordOf(
  { expected: 'a text', read: (value) => (typeof value === 'string' ? value : undefined) },
  PATH_MAP_EXPECTED,
);
const pathMap: Check<Readonly<Record<string, string>>> = {
  expected: PATH_MAP_EXPECTED,
  read: (value) => {
    const map = pathTexts.read(jsonIfString(value));
    return map && arePathMappings(map) ? map : undefined;
  },
};
const repositoryNames = prepared(
  listOf(matching(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'owner/repo'), 'a comma-separated list of owner/repo'),
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((entry) => entry.trim())
          .filter(Boolean)
      : value,
);

function numberIfString(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}

function jsonIfString(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const MINUTE_MS = 60_000;

const settings: { readonly [K in keyof PatrolConfig]: Setting<PatrolConfig[K]> } = {
  // The engine.
  cacheMaxSize: { env: ['CACHE_MAX_SIZE'], rule: count(1, 10_000_000), fallback: 1000 },
  cacheEvictionPolicy: {
    env: ['CACHE_EVICTION_POLICY'],
    rule: prepared(oneOf(['LRU', 'FIFO'], 'LRU or FIFO'), (value) =>
      typeof value === 'string' ? value.toUpperCase() : value,
    ),
    fallback: 'LRU',
  },
  cacheTtl: { env: ['CACHE_TTL'], rule: count(1, 31_536_000), fallback: 86_400 },
  cacheTable: { env: ['PATROL_CACHE_TABLE'], rule: text, fallback: undefined },
  redisUrl: {
    env: ['PATROL_REDIS_URL'],
    rule: urlOf(['redis', 'rediss'], 'a redis or rediss URL'),
    fallback: undefined,
  },
  openaiApiKey: { env: ['OPENAI_API_KEY'], rule: text, fallback: undefined },
  openaiModel: { env: ['OPENAI_MODEL'], rule: text, fallback: 'gpt-4o-mini' },
  openaiOrgId: { env: ['OPENAI_ORG_ID'], rule: text, fallback: undefined },
  openaiBaseUrl: { env: ['OPENAI_BASE_URL'], rule: url, fallback: undefined },
  openaiApi: {
    env: ['PATROL_OPENAI_API'],
    rule: oneOf(['chat', 'responses'], 'chat or responses'),
    fallback: 'chat',
  },
  language: { env: ['PATROL_LANGUAGE'], rule: languageTag, fallback: 'en' },
  modelTimeout: { env: ['PATROL_MODEL_TIMEOUT'], rule: count(100, 15 * MINUTE_MS), fallback: MINUTE_MS },
  budgetCallsPerHour: { env: ['PATROL_BUDGET_CALLS_PER_HOUR'], rule: count(0, 1e9), fallback: undefined },
  budgetCallsPerDay: { env: ['PATROL_BUDGET_CALLS_PER_DAY'], rule: count(0, 1e9), fallback: undefined },
  budgetUsdPerHour: { env: ['PATROL_BUDGET_USD_PER_HOUR'], rule: money, fallback: undefined },
  budgetUsdPerDay: { env: ['PATROL_BUDGET_USD_PER_DAY'], rule: money, fallback: undefined },
  githubToken: { env: ['GITHUB_TOKEN'], rule: text, fallback: undefined },
  githubAppId: { env: ['GITHUB_APP_ID'], rule: identifier, fallback: undefined },
  githubAppPrivateKey: { env: ['GITHUB_APP_PRIVATE_KEY'], rule: text, fallback: undefined },
  githubAppInstallationId: { env: ['GITHUB_APP_INSTALLATION_ID'], rule: identifier, fallback: undefined },
  githubApiUrl: { env: ['GITHUB_API_URL'], rule: url, fallback: 'https://api.github.com' },
  defaultRepositoryUrl: { env: ['DEFAULT_REPOSITORY_URL'], rule: url, fallback: undefined },
  repositoryUrlMap: { env: ['REPOSITORY_URL_MAP'], rule: urlMap, fallback: {} },
  allowedRepositories: {
    env: ['PATROL_ALLOWED_REPOSITORIES'],
    rule: repositoryNames,
    fallback: [],
  },
  pathMappings: { env: ['PATROL_PATH_MAPPINGS'], rule: pathMap, fallback: {} },
  codeContextLines: { env: ['CODE_CONTEXT_LINES'], rule: count(0, 500), fallback: 20 },
  maxCodeLocations: { env: ['MAX_CODE_LOCATIONS'], rule: count(0, 50), fallback: 4 },
  maxRepositoryContextChars: {
    env: ['MAX_REPOSITORY_CONTEXT_CHARS'],
    rule: count(0, 1_000_000),
    fallback: 18_000,
  },
  rulesFile: { env: ['PATROL_RULES_FILE'], rule: text, fallback: undefined },
  sourceRoot: { env: ['PATROL_SOURCE_ROOT'], rule: text, fallback: undefined },

  // The transports.
  queueUrl: { env: ['PATROL_QUEUE_URL'], rule: url, fallback: undefined },
  sinkUrl: { env: ['PATROL_SINK_URL'], rule: url, fallback: undefined },
  sinkToken: { env: ['PATROL_SINK_TOKEN'], rule: text, fallback: undefined },
  level: { env: ['PATROL_LEVEL'], rule: text, fallback: 'error' },
  service: {
    env: ['PATROL_SERVICE', 'OTEL_SERVICE_NAME', 'AWS_LAMBDA_FUNCTION_NAME', 'K_SERVICE', 'npm_package_name'],
    rule: label,
    fallback: undefined,
  },
  environment: {
    env: ['PATROL_ENVIRONMENT', 'DEPLOYMENT_ENVIRONMENT', 'NODE_ENV'],
    rule: label,
    fallback: undefined,
  },
  commit: {
    env: [
      'PATROL_COMMIT',
      'GIT_COMMIT',
      'GITHUB_SHA',
      'CI_COMMIT_SHA',
      'VERCEL_GIT_COMMIT_SHA',
      'RENDER_GIT_COMMIT',
      'RAILWAY_GIT_COMMIT_SHA',
      'HEROKU_SLUG_COMMIT',
      'SOURCE_VERSION',
    ],
    rule: matching(/^[\w][\w./-]{0,199}$/, 'a commit, branch or tag'),
    fallback: undefined,
  },
  repositoryUrl: { env: ['PATROL_REPOSITORY_URL'], rule: url, fallback: undefined },
  spoolDirectory: {
    env: ['PATROL_SPOOL_DIRECTORY'],
    rule: {
      expected: 'a directory, or `off`',
      read: (value) => (value === 'off' || value === 'false' || value === false ? false : text.read(value)),
    },
    fallback: undefined,
  },
  batchSize: { env: ['PATROL_BATCH_SIZE'], rule: count(1, 1000), fallback: 10 },
  batchInterval: { env: ['PATROL_BATCH_INTERVAL'], rule: count(10, MINUTE_MS), fallback: 1000 },
  flushTimeout: { env: ['PATROL_FLUSH_TIMEOUT'], rule: count(0, 15 * MINUTE_MS), fallback: 2000 },
  analysisLevel: { env: ['PATROL_ANALYSIS_LEVEL'], rule: text, fallback: 'info' },

  // Replies.
  replyQueueUrl: { env: ['PATROL_REPLY_QUEUE_URL'], rule: url, fallback: undefined },
  replyQueueUrlMap: { env: ['PATROL_REPLY_QUEUE_URL_MAP'], rule: urlMap, fallback: {} },
};

/** One wrong setting. */
export interface ConfigProblem {
  readonly setting: keyof PatrolConfig;
  /** A sentence without the value: which variable or option, what was expected, what it was. */
  readonly message: string;
}

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Parses every setting; a wrong one takes its default and is listed in `problems`. Never throws. */
export function parseConfig(
  options: PatrolOptions,
  environment: Environment,
): { readonly config: PatrolConfig; readonly problems: readonly ConfigProblem[] } {
  const config: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, setting] of Object.entries(settings) as [keyof PatrolConfig, Setting<unknown>][]) {
    const { label, value } = find(name, setting, options, environment);
    const read = value === undefined ? undefined : setting.rule.read(value);
    config[name] = read === undefined ? setting.fallback : read;
    if (value === undefined || read !== undefined) continue;
    problems.push({
      setting: name,
      message: `Expected ${label} to be ${setting.rule.expected}, got ${describeShape(value)}.`,
    });
  }
  return { config: config as unknown as PatrolConfig, problems };
}

/**
 * Parses every setting for a process that should not start with a wrong one (Lambda, server, command line).
 *
 * @throws {PatrolError} `CONFIG_INVALID`, one message that names every wrong setting.
 */
export function loadConfig(
  options: PatrolOptions = {},
  environment: Environment = process.env,
): PatrolConfig {
  const { config, problems } = parseConfig(options, environment);
  if (problems.length > 0) {
    throw new PatrolError('CONFIG_INVALID', problems.map((problem) => problem.message).join(' '));
  }
  return config;
}

function find(
  name: keyof PatrolConfig,
  setting: Setting<unknown>,
  options: PatrolOptions,
  environment: Environment,
): { readonly label: string; readonly value: unknown } {
  const given: unknown = options[name];
  if (given !== undefined) return { label: `option ${name}`, value: given };
  for (const variable of setting.env) {
    const value = environment[variable];
    // An empty variable is how shells and compose files spell "not set".
    if (value !== undefined && value.trim() !== '') return { label: variable, value: value.trim() };
  }
  return { label: `option ${name}`, value: undefined };
}
