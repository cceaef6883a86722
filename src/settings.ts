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
import type { PatrolConfig } from './config.ts';
import { canonicalLanguage } from './language.ts';
import { arePathMappings, MAX_PATH_MAPPINGS } from './path-prefixes.ts';

/** How one setting is given, checked and filled in. */
export interface Setting<T> {
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
/** A limit is on unless it is said not to be. */
const limitOf = (rule: Check<number>): Check<number | false> => ({
  expected: `${rule.expected}, or \`off\``,
  read: (value) => (value === 'off' || value === 'false' || value === false ? false : rule.read(value)),
});
const calls = limitOf(count(0, 1e9));
const money = limitOf(amount(0, 1e9, 'an amount of US dollars'));
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
  splitIfString,
);
/** Long enough not to be guessed through a network. */
const token = matching(/^\S{16,}$/, 'a token of at least 16 characters without spaces');

function numberIfString(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}

function orOff(expected: string): Check<string | false> {
  return {
    expected: `${expected}, or \`off\``,
    read: (value) => (value === 'off' || value === 'false' || value === false ? false : text.read(value)),
  };
}

function splitIfString(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const entries = value.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
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

/** The table of all settings: the options of {@link PatrolConfig} with their environment variables. */
export const settings: { readonly [K in keyof PatrolConfig]: Setting<PatrolConfig[K]> } = {
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
  budgetCallsPerError: { env: ['PATROL_BUDGET_CALLS_PER_ERROR'], rule: calls, fallback: 10 },
  budgetCallsPerHour: { env: ['PATROL_BUDGET_CALLS_PER_HOUR'], rule: calls, fallback: 200 },
  budgetCallsPerDay: { env: ['PATROL_BUDGET_CALLS_PER_DAY'], rule: calls, fallback: 1000 },
  budgetUsdPerError: { env: ['PATROL_BUDGET_USD_PER_ERROR'], rule: money, fallback: false },
  budgetUsdPerHour: { env: ['PATROL_BUDGET_USD_PER_HOUR'], rule: money, fallback: false },
  budgetUsdPerDay: { env: ['PATROL_BUDGET_USD_PER_DAY'], rule: money, fallback: 10 },
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

  // Alerts.
  webhooksFile: { env: ['PATROL_WEBHOOKS_FILE'], rule: text, fallback: undefined },
  webhookUrl: { env: ['PATROL_WEBHOOK_URL'], rule: text, fallback: undefined },
  webhookSecret: { env: ['PATROL_WEBHOOK_SECRET'], rule: text, fallback: undefined },

  // The transports.
  queueUrl: { env: ['PATROL_QUEUE_URL'], rule: url, fallback: undefined },
  sinkUrl: { env: ['PATROL_SINK_URL'], rule: url, fallback: undefined },
  sinkToken: { env: ['PATROL_SINK_TOKEN'], rule: text, fallback: undefined },
  sinkSigningKey: { env: ['PATROL_SINK_SIGNING_KEY'], rule: text, fallback: undefined },
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
    rule: orOff('a directory'),
    fallback: undefined,
  },
  batchSize: { env: ['PATROL_BATCH_SIZE'], rule: count(1, 1000), fallback: 10 },
  batchInterval: { env: ['PATROL_BATCH_INTERVAL'], rule: count(10, MINUTE_MS), fallback: 1000 },
  flushTimeout: { env: ['PATROL_FLUSH_TIMEOUT'], rule: count(0, 15 * MINUTE_MS), fallback: 2000 },
  analysisLevel: { env: ['PATROL_ANALYSIS_LEVEL'], rule: text, fallback: 'info' },

  // The history.
  historyFile: {
    env: ['PATROL_HISTORY_FILE'],
    rule: orOff('the path of a file'),
    fallback: undefined,
  },
  historyTable: { env: ['PATROL_HISTORY_TABLE'], rule: text, fallback: undefined },
  historyRetention: { env: ['PATROL_HISTORY_RETENTION'], rule: count(1, 3650), fallback: 90 },

  // The people's side.
  dashboardToken: { env: ['PATROL_DASHBOARD_TOKEN'], rule: token, fallback: undefined },
  dashboardReaderToken: { env: ['PATROL_DASHBOARD_READER_TOKEN'], rule: token, fallback: undefined },
  dashboardUserHeader: {
    env: ['PATROL_DASHBOARD_USER_HEADER'],
    rule: prepared(matching(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'the name of a header'), (value) =>
      typeof value === 'string' ? value.toLowerCase() : value,
    ),
    fallback: undefined,
  },
  dashboardAdmins: {
    env: ['PATROL_DASHBOARD_ADMINS'],
    rule: prepared(listOf(label, 'a comma-separated list of people'), splitIfString),
    fallback: undefined,
  },

  // Replies.
  replyQueueUrl: { env: ['PATROL_REPLY_QUEUE_URL'], rule: url, fallback: undefined },
  replyQueueUrlMap: { env: ['PATROL_REPLY_QUEUE_URL_MAP'], rule: urlMap, fallback: {} },
};
