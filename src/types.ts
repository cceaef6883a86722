/** A length of time in milliseconds. */
export type Milliseconds = number;
/** A length of time in seconds. */
export type Seconds = number;
/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Timestamp = number;
/** A SHA-256 digest: 64 lower-case hexadecimal characters. */
export type ErrorHash = string & { readonly __brand?: 'ErrorHash' };

/** One logged error, whatever logger it came from. */
export interface ErrorLog {
  /** The error's own message, without its class, e.g. `connect ECONNREFUSED 127.0.0.1:5432`. */
  readonly message: string;
  /** The error's class, e.g. `TypeError`. */
  readonly name?: string;
  /** The machine-readable code, e.g. `ECONNREFUSED`. */
  readonly code?: string;
  /** The file that failed, when it is known apart from the stack. */
  readonly filePath?: string;
  /** The line in `filePath`, 1-based. */
  readonly lineNumber?: number;
  /** The stack as text, in any supported language, with the causes as their language writes them. */
  readonly stackTrace?: string;
  /** What was logged beside the error: plain JSON data, bounded in size and depth. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** The wire format: one error on its way from an application to the sink. */
export interface ErrorLogEvent {
  /** Unique per event; a redelivery repeats it. */
  readonly eventId: string;
  /** When the error was logged. */
  readonly timestamp: Timestamp;
  readonly errorLog: ErrorLog;
  /** `https://host/owner/repo` of the code that failed. Must be on the sink's allow-list. */
  readonly repositoryUrl?: string;
  /** The commit that was deployed. */
  readonly commit?: string;
  /** The application's name; routes repositories and replies. */
  readonly service?: string;
  /** E.g. `production`. */
  readonly environment?: string;
  /** How many logged records this event stands for: a delta, never a total. */
  readonly occurrences: number;
  readonly firstSeen?: Timestamp;
  readonly lastSeen?: Timestamp;
  /** Replaces the default parts of the hash. */
  readonly fingerprint?: readonly string[];
  readonly webhookConfigId?: string;
}

/** An event as a caller may give it: what is left out is filled in (`eventId`, `timestamp`, one occurrence). */
export type ErrorLogEventInput = Pick<ErrorLogEvent, 'errorLog'> & Partial<ErrorLogEvent>;

/** Languages whose stack traces are read. */
export type StackLanguage =
  | 'javascript'
  | 'python'
  | 'java'
  | 'go'
  | 'rust'
  | 'ruby'
  | 'php'
  | 'csharp'
  | 'unknown';

/** One call on a stack. */
export interface StackFrame {
  /** The function's name as the runtime shows it, cleaned of `async`, `new`, `Object.` and the like. */
  readonly function?: string;
  /** The file as the runtime shows it, without `file://` and query. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** True for the application's own code: not a dependency, not the runtime. */
  readonly inApp: boolean;
  readonly language: StackLanguage;
}

/** An error inside a stack's text: the outermost one, or one of its causes. */
export interface ParsedError {
  /** The class, e.g. `TypeError`, where the text names one. */
  readonly name?: string;
  /** The message, all lines of it. */
  readonly message: string;
  /** Innermost call first, as V8 prints them, whatever the language's own order. */
  readonly frames: readonly StackFrame[];
}

/** What {@link parseStackTrace} reads from a text. */
export interface ParsedStackTrace extends ParsedError {
  readonly language: StackLanguage;
  /** The chain of causes, nearest first; the children of an AggregateError too. */
  readonly causes: readonly ParsedError[];
}

/** One part of what goes into the hash, and why. */
export interface FingerprintPart {
  readonly kind: 'class' | 'code' | 'message' | 'cause' | 'frame' | 'location' | 'custom';
  /** The text that is hashed. */
  readonly value: string;
  /** Why this part is in, and what was masked or dropped on the way. */
  readonly reason: string;
}

/** What goes into the hash, readable. */
export interface NormalizedErrorLog {
  /** Version of the fingerprint's algorithm; hashes of different versions are not comparable. */
  readonly fingerprintVersion: number;
  /** In the order in which they are hashed. */
  readonly parts: readonly FingerprintPart[];
}

/** What kind of fault it is. */
export const ERROR_CATEGORIES = [
  'bug',
  'network',
  'database',
  'configuration',
  'dependency',
  'authentication',
  'validation',
  'resource',
  'timeout',
  'data',
  'unknown',
] as const;
/** See {@link ERROR_CATEGORIES}. */
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

/** One claim of an analysis, pointing at code. */
export interface Evidence {
  /** Path in the repository, or as the stack names it. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The commit at which the file was read. */
  readonly commit?: string;
  /** The code that was cited. */
  readonly quote: string;
  /** True when Patrol found the quote in the source that it read itself. */
  readonly verified: boolean;
}

/** Where the error was raised: the top in-app frame, or the file that the event names. */
export interface ErrorLocation {
  readonly file: string;
  readonly line?: number;
  readonly function?: string;
}

/** What a model call used. */
export interface TokenUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  /** In US dollars; absent where the model's price is not known. */
  readonly costUsd?: number;
}

/** The answer. */
export interface AnalysisResult {
  readonly errorHash: ErrorHash;
  readonly fingerprintVersion: number;
  /** The explanation in full; `No root cause found, because …` is a valid one. */
  readonly analysis: string;
  /** One sentence; empty when none was found. */
  readonly rootCause: string;
  /** One or two sentences; empty when none was found. */
  readonly suggestedFix: string;
  /** 0–100, recomputed from what could be verified. */
  readonly confidenceScore: number;
  /** Why the score is what it is. */
  readonly confidenceReasons: readonly string[];
  readonly category: ErrorCategory;
  /** Who answered: a model, the known-error rules, or nobody. */
  readonly source: 'llm' | 'rules' | 'none';
  /** The rule that answered, when `source` is `rules`. */
  readonly ruleId?: string;
  /** True when this answer was taken from the cache: no model was asked for this event. */
  readonly cached: boolean;
  readonly analyzedAt: Timestamp;
  /** How long the answer stays valid, from `analyzedAt`. */
  readonly ttl: Seconds;
  readonly expiresAt: Timestamp;
  readonly location?: ErrorLocation;
  readonly evidence: readonly Evidence[];
  /** A unified diff that would mend it. */
  readonly patch?: string;
  /** Whether `patch` applies to the source that was read. */
  readonly patchApplies?: boolean;
  /** What to look at next, most telling first. */
  readonly nextSteps: readonly string[];
  /** The latest commits to the failing code, newest first; nobody has judged them. Absent where none is known. */
  readonly suspectCommits?: readonly SuspectCommit[];
  readonly model?: string;
  readonly usage?: TokenUsage;
  /** The records that the event stands for. */
  readonly occurrences: number;
  readonly promptVersion: number;
  /** The hash of the known error that this one resembles, when its analysis was reused. */
  readonly similarTo?: ErrorHash;
}

/** Options of one call of the engine. */
export interface ProcessingOptions {
  /** Ask again even when an answer is cached. @defaultValue false */
  readonly refresh?: boolean;
  /** Give up after this long. @defaultValue 60 000 */
  readonly timeoutMs?: Milliseconds;
  /** Give up when it fires. */
  readonly signal?: AbortSignal;
}

/** What a model is asked. */
export interface LLMRequest {
  /** Instructions; holds nothing that an attacker could have written. */
  readonly system: string;
  /** The error and the code, inside a random delimiter. */
  readonly user: string;
  /** The JSON schema that the answer must satisfy. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What a model answered. */
export interface LLMResponse {
  /** The answer's text: JSON when all went well. */
  readonly text: string;
  readonly model: string;
  readonly usage?: TokenUsage;
  /** True when the answer was cut off by the token limit. */
  readonly truncated?: boolean;
}

/** How long and on whose behalf a provider may work. */
export interface ProviderCallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: Milliseconds;
}

/**
 * The port of a language model.
 *
 * `complete` rejects with a `PatrolError`: `MODEL_UNAVAILABLE` (retryable), `MODEL_REJECTED` or
 * `MODEL_ANSWER_INVALID` (a refusal, an empty or non-textual answer).
 */
export interface LLMProvider {
  /** The model's name; part of the cache key. */
  readonly model: string;
  complete(request: LLMRequest, options?: ProviderCallOptions): Promise<LLMResponse>;
}

/** One file as it was read. */
export interface SourceFile {
  /** Path in the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The commit at which it was read, when there is one. */
  readonly commit?: string;
  /** Which state that is: the one that was asked for, or what stands in for it. @defaultValue `asked` */
  readonly state?: 'asked' | 'default-branch' | 'working-tree';
}

/** One commit that touched a file. */
export interface SourceCommit {
  readonly sha: string;
  readonly author: string;
  readonly date: Timestamp;
  /** The first line of its message. */
  readonly message: string;
  /** Where to read it. */
  readonly url?: string;
}

/** A commit that may have brought an error: one of the latest to the code that failed. */
export interface SuspectCommit extends SourceCommit {
  /** The file that it touched. */
  readonly file: string;
}

/** Options of `recentCommits`. */
export interface RecentCommitsOptions extends ProviderCallOptions {
  /** The lines that matter, 1-based and inclusive: the function that failed. */
  readonly lines?: { readonly startLine: number; readonly endLine: number };
}

/** Which state of which repository. */
export interface RepositoryRef {
  readonly repositoryUrl?: string;
  readonly commit?: string;
}

/**
 * The port of a code host. Every method answers `undefined` for what is not there and rejects with a
 * `PatrolError` (`SOURCE_UNAVAILABLE`, `REPOSITORY_NOT_ALLOWED`) for what could not be asked.
 */
export interface RepositoryCodeProvider {
  readonly name: string;
  /** Throws `REPOSITORY_NOT_ALLOWED` when code of that repository may not be read; says nothing otherwise. */
  assertAllowed(repository: RepositoryRef): void;
  /** Maps a path from a stack to one in the repository: undefined when there is none or several. */
  locate(
    repository: RepositoryRef,
    stackPath: string,
    options?: ProviderCallOptions,
  ): Promise<string | undefined>;
  /** Reads a file by its path in the repository. */
  readFile(
    repository: RepositoryRef,
    path: string,
    options?: ProviderCallOptions,
  ): Promise<SourceFile | undefined>;
  /** The paths of all files, so that Patrol can look further than the stack. Left out where listing is dear. */
  listFiles?(
    repository: RepositoryRef,
    options?: ProviderCallOptions,
  ): Promise<readonly string[] | undefined>;
  /** The paths of files that hold a word, best first; asked where a stack names no file of the repository. */
  searchFiles?(
    repository: RepositoryRef,
    word: string,
    options?: ProviderCallOptions,
  ): Promise<readonly string[]>;
  /**
   * What names a file's content at the repository's commit, such as git's blob hash: equal for equal contents. By
   * it a cached analysis outlives a deploy that leaves the cited code alone.
   */
  versionOf?(
    repository: RepositoryRef,
    path: string,
    options?: ProviderCallOptions,
  ): Promise<string | undefined>;
  /** The latest commits that touched a file, newest first, at most `count`; those of the lines where that is known. */
  recentCommits?(
    repository: RepositoryRef,
    path: string,
    count: number,
    options?: RecentCommitsOptions,
  ): Promise<readonly SourceCommit[]>;
}

/** Why a record did not become an analysis. Every loss has one of these names. */
export type DropReason =
  | 'buffer_full'
  /** More different errors at once than can be looked at without harm to the application. */
  | 'flood'
  | 'delivery_rejected'
  | 'delivery_failed'
  | 'too_large'
  | 'invalid_record'
  | 'invalid_configuration'
  /** What lay in the spool after a crash could not be read any more. */
  | 'spool_corrupt'
  | 'closed';
