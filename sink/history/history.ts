import { PatrolError } from '../../src/errors.ts';
import type { AnalysisResult, ErrorHash, ErrorLogEvent, Timestamp } from '../../src/types.ts';

/**
 * What is stored of an error's standing. `new` and `ongoing` are told by the clock, see {@link ErrorStatus}: only
 * these three are anybody's decision.
 */
export type ErrorState = 'open' | 'resolved' | 'ignored';

/** What a person sees: open errors are `new` for a day, then `ongoing`; `regressed` came back after it was resolved. */
export type ErrorStatus = 'new' | 'ongoing' | 'regressed' | 'resolved' | 'ignored';

/** How bad it is; set by a rule or a person, `error` otherwise. */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;
/** See {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number];

/** One event with the fingerprint that the engine will find, too. It comes as it was sent: the store redacts it. */
export interface TakenEvent {
  readonly event: ErrorLogEvent;
  readonly errorHash: ErrorHash;
  /** What rules decided about it; holds for an error that is new. */
  readonly severity?: Severity;
  readonly assignee?: string;
  /** True when its analysis is at hand, so that nothing has to be kept for after a crash. */
  readonly answered?: boolean;
}

/** What an event's arrival changed: what alerts are about. */
export interface Arrival {
  readonly errorHash: ErrorHash;
  readonly eventId: string;
  /** False for an `eventId` that was taken before: it counts for nothing. */
  readonly counted: boolean;
  /**
   * What its coming meant: `unignored` ended somebody's patience (so many more, or a date), `known` was none of the
   * others. An event that was taken before and not analysed since says what it said then.
   */
  readonly change: 'new' | 'regressed' | 'unignored' | 'known';
  /** Its rate left the usual band with this event: true once a spike. */
  readonly spiking: boolean;
  /** As it stands after the event. */
  readonly status: ErrorStatus;
}

/** One distinct error, as a list shows it. */
export interface ErrorSummary {
  readonly errorHash: ErrorHash;
  readonly message: string;
  readonly name?: string;
  readonly status: ErrorStatus;
  readonly severity: Severity;
  readonly assignee?: string;
  /** All that were ever counted. */
  readonly occurrences: number;
  readonly firstSeen: Timestamp;
  readonly lastSeen: Timestamp;
  readonly services: readonly string[];
  readonly environments: readonly string[];
  /** Commits or versions in which it was seen, oldest first; bounded. */
  readonly releases: readonly string[];
  /** Root cause, confidence and source of the latest analysis; absent until there is one. */
  readonly rootCause?: string;
  readonly confidenceScore?: number;
  readonly source?: AnalysisResult['source'];
  readonly category?: AnalysisResult['category'];
  readonly location?: string;
  /** Grows with every change by a person; an action that names an older one is refused. */
  readonly version: number;
}

/** One distinct error with all that is known of it. */
export interface ErrorDetails extends ErrorSummary {
  /** Newest first; bounded. */
  readonly analyses: readonly AnalysisResult[];
  /** A few of its events, newest first, redacted. */
  readonly samples: readonly ErrorLogEvent[];
  /** Newest first: who did what. */
  readonly trail: readonly TrailEntry[];
  readonly ignoredUntil?: { readonly occurrences?: number; readonly time?: Timestamp };
  /** The release that it was resolved in, where somebody said so. */
  readonly resolvedIn?: string;
  /** Hashes of errors whose analyses were shared with it, or that it shares one with. */
  readonly similar: readonly ErrorHash[];
}

/** What a person does to an error. */
export type ErrorAction =
  | { readonly action: 'resolve'; readonly release?: string }
  | { readonly action: 'reopen' }
  | {
      readonly action: 'ignore';
      /** Until this many more have come. */
      readonly occurrences?: number;
      readonly until?: Timestamp;
    }
  | { readonly action: 'assign'; readonly assignee: string | null }
  | { readonly action: 'severity'; readonly severity: Severity }
  | { readonly action: 'note'; readonly text: string };

/** One line of the audit trail. */
export interface TrailEntry {
  readonly at: Timestamp;
  /** A person's name, or `patrol` for what happened by itself. */
  readonly by: string;
  readonly entry:
    | ErrorAction
    | { readonly action: 'regressed'; readonly release?: string }
    | { readonly action: 'unignored' };
}

/** Which errors to list. */
export interface ErrorQuery {
  /** Words that message, name, service, cause or hash must hold. */
  readonly search?: string;
  readonly status?: readonly ErrorStatus[];
  readonly service?: string;
  readonly environment?: string;
  readonly release?: string;
  readonly severity?: Severity;
  readonly assignee?: string;
  /** @defaultValue `lastSeen` */
  readonly sort?: 'lastSeen' | 'firstSeen' | 'occurrences';
  /** @defaultValue 50, at most 200 */
  readonly limit?: number;
  /** Where the last page ended. */
  readonly cursor?: string;
}

/** One page of a list. */
export interface ErrorPage {
  readonly errors: readonly ErrorSummary[];
  /** Undefined at the end. */
  readonly next?: string;
  /** How many match in all, where the store can tell cheaply. */
  readonly total?: number;
}

/** Occurrences in one stretch of time. */
export interface Bucket {
  readonly at: Timestamp;
  readonly count: number;
}

/** See {@link Bucket}. */
export type BucketStep = 'minute' | 'hour' | 'day';

/** A stretch of time, from inclusive to exclusive. */
export interface TimeRange {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** Figures of a stretch of time. */
export interface Statistics {
  readonly range: TimeRange;
  readonly occurrences: number;
  readonly distinct: number;
  readonly newErrors: number;
  readonly regressed: number;
  readonly byStatus: Readonly<Record<ErrorStatus, number>>;
  readonly buckets: readonly Bucket[];
  readonly step: BucketStep;
  /** Those that came most often. */
  readonly top: readonly (ErrorSummary & { readonly inRange: number })[];
  readonly spiking: readonly ErrorHash[];
  readonly newByRelease: readonly { readonly release: string; readonly count: number }[];
  /** How events were answered: `analysed` cost a look, the rest came from a tier of the cache. */
  readonly answers: {
    readonly model: number;
    readonly rules: number;
    readonly none: number;
    readonly cached: number;
    readonly similar: number;
  };
  readonly tokens: number;
  /** US dollars, where prices are known. */
  readonly spentUsd: number;
  /** What the cached answers would have cost, at the price of the answers that they repeat. */
  readonly savedUsd: number;
  /** Answers whose cost nobody knows, such as of a model of one's own: the two sums above are without them. */
  readonly unpriced: { readonly spent: number; readonly saved: number };
  /** From the event to its analysis, milliseconds; absent where none was made. */
  readonly timeToAnalysis?: { readonly p50: number; readonly p95: number };
}

/** `CONFLICT`: somebody else changed the error first. */
export class ConflictError extends PatrolError {
  /** The error as it is now. */
  readonly current: ErrorSummary;

  constructor(current: ErrorSummary) {
    super('CONFLICT', 'Somebody else changed this error first: look again.');
    this.current = current;
  }
}

/** Remembers errors, their analyses, and what people did about them. One conformance kit holds for every one. */
export interface ErrorHistory {
  readonly name: string;
  /**
   * Counts events; what it says is durable: a process killed right afterwards has lost none. An `eventId` that was
   * taken before (within the retention of ids) changes nothing. Answers in the order of the events.
   *
   * @throws {PatrolError} `HISTORY_UNAVAILABLE`, retryable: then none of them was taken.
   */
  take(events: readonly TakenEvent[]): Promise<readonly Arrival[]>;
  /**
   * Keeps an analysis, and that this event needs no other.
   *
   * @param result - Undefined when the event is done with, though not analysed here.
   */
  analysed(event: TakenEvent, result: AnalysisResult | undefined): Promise<void>;
  /**
   * Events that were taken and never done with, redacted, oldest first: what a killed process left. Empty where a
   * queue keeps them.
   */
  unanalysed(limit: number): Promise<readonly ErrorLogEvent[]>;
  list(query: ErrorQuery): Promise<ErrorPage>;
  find(errorHash: ErrorHash): Promise<ErrorDetails | undefined>;
  /** Those that there are, in any order; of at most 100 hashes. */
  summaries(errorHashes: readonly ErrorHash[]): Promise<readonly ErrorSummary[]>;
  occurrences(errorHash: ErrorHash, range: TimeRange, step: BucketStep): Promise<readonly Bucket[]>;
  /**
   * Does what a person asked for.
   *
   * @param version - What the person had seen; undefined takes whatever there is.
   * @throws {PatrolError} `NOT_FOUND`; {@link ConflictError} when somebody else was faster.
   */
  act(errorHash: ErrorHash, action: ErrorAction, by: string, version?: number): Promise<ErrorSummary>;
  statistics(range: TimeRange, filter?: { readonly service?: string }): Promise<Statistics>;
  /** Forgets what is older than the retention. Says how many errors went. */
  prune(): Promise<number>;
  close(): Promise<void>;
}
