import { describeShape, PatrolError } from './errors.ts';
import { type Setting, settings } from './settings.ts';
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
  /**
   * Most calls of a model for one error in a day of UTC, over all processes that share a store; `false` (or `off`):
   * no limit. The defaults of these six are far above what an application with ordinary troubles needs, and far below
   * a bill that anybody would be called at night for: a loop or a flood ends at ten dollars a day. @defaultValue 10
   */
  readonly budgetCallsPerError: number | false;
  /** The same for all errors in an hour. @defaultValue 200 */
  readonly budgetCallsPerHour: number | false;
  /** The same for all errors in a day. @defaultValue 1000 */
  readonly budgetCallsPerDay: number | false;
  /** Most US dollars for one error in a day of UTC, where the model's price is known. @defaultValue no limit */
  readonly budgetUsdPerError: number | false;
  /** The same for all errors in an hour. @defaultValue no limit */
  readonly budgetUsdPerHour: number | false;
  /** The same for all errors in a day. @defaultValue 10 */
  readonly budgetUsdPerDay: number | false;
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
  /** A YAML or JSON file of rules and known errors of the user's own; followed while the process runs. */
  readonly rulesFile: string | undefined;
  /** Where the application's source lies; the embedded engine reads nothing outside it. @defaultValue the working directory */
  readonly sourceRoot: string | undefined;

  // Alerts.

  /** A YAML or JSON file of webhooks that are told of new, returning and spiking errors. */
  readonly webhooksFile: string | undefined;
  /** One webhook for everything; its kind is told from its host, or stands before it: `slack:https://…`. May be the reference of a secret. */
  readonly webhookUrl: string | undefined;
  /** What a generic `webhookUrl` is signed with: `whsec_` and base64. May be the reference of a secret. */
  readonly webhookSecret: string | undefined;

  // The transports.

  /** SQS queue of the sink. Neither this nor `sinkUrl`: the engine runs in the process. */
  readonly queueUrl: string | undefined;
  /** Base URL of an HTTP sink; events go to `POST {sinkUrl}/v1/events`. */
  readonly sinkUrl: string | undefined;
  /** Bearer token for the HTTP sink. */
  readonly sinkToken: string | undefined;
  /**
   * Key of signed requests (HMAC-SHA256, Standard Webhooks): in place of the token, or beside it. Several, parted by
   * commas, hold while one replaces another; the first signs.
   */
  readonly sinkSigningKey: string | undefined;
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

  // The history.

  /**
   * SQLite file in which a server remembers errors; `false` (or `off`): it remembers none.
   * @defaultValue `.patrol/history.db` in the working directory for `patrol serve`, else none
   */
  readonly historyFile: string | false | undefined;
  /** DynamoDB table in which errors are remembered, in place of a file; its keys are the strings `pk` and `sk`. */
  readonly historyTable: string | undefined;
  /** Days after which an error that has not come again is forgotten. @defaultValue 90 */
  readonly historyRetention: number;

  // The people's side of the server.

  /**
   * Token of those who may look and act: as a bearer (`patrol stats` and `patrol errors` send it), or typed into the
   * dashboard. At least 16 characters.
   */
  readonly dashboardToken: string | undefined;
  /** Token of those who may only look. At least 16 characters. */
  readonly dashboardReaderToken: string | undefined;
  /** Header in which a trusted proxy (of OpenID Connect) names who asks, e.g. `x-forwarded-email`. */
  readonly dashboardUserHeader: string | undefined;
  /** Who of those named by the proxy may act, the others only look. @defaultValue everybody */
  readonly dashboardAdmins: readonly string[] | undefined;

  // Replies.

  /** SQS queue on which analyses come back. */
  readonly replyQueueUrl: string | undefined;
  /** Service name → reply queue, where services share a sink. @defaultValue `{}` */
  readonly replyQueueUrlMap: Readonly<Record<string, string>>;
}

/** The settings as a user gives them in code; what is left out comes from the environment. */
export type PatrolOptions = { readonly [K in keyof PatrolConfig]?: PatrolConfig[K] | undefined };

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
