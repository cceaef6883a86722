import type { SuspectCommit } from './code-provider.ts';
import type { Milliseconds, Seconds, Timestamp } from './units.ts';

export type {
  ProviderCallOptions,
  RecentCommitsOptions,
  RepositoryCodeProvider,
  RepositoryRef,
  SourceCommit,
  SourceFile,
  SuspectCommit,
} from './code-provider.ts';
export type { LLMProvider, LLMRequest, LLMResponse } from './llm-provider.ts';
export type { Milliseconds, Seconds, Timestamp } from './units.ts';

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
