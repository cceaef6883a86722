/** What went wrong, as a stable code that a program can branch on. */
export type PatrolErrorCode =
  /** A configuration value is missing, of the wrong type or out of range. */
  | 'CONFIG_INVALID'
  /** An event does not have the wire format; the message names the field. */
  | 'EVENT_INVALID'
  /** A Lambda or HTTP input is of no known shape. */
  | 'TRIGGER_UNKNOWN'
  /** A rule file or rule definition is wrong. */
  | 'RULE_INVALID'
  /** The repository is not on the allow-list. */
  | 'REPOSITORY_NOT_ALLOWED'
  /** The model could not be reached or asked for patience (429, 5xx, timeout, connection): try again later. */
  | 'MODEL_UNAVAILABLE'
  /** The model refused the request for good (400, 401, 403, 404, unknown model): trying again will not help. */
  | 'MODEL_REJECTED'
  /** The model answered, but not with an analysis, and the one repair attempt failed too. */
  | 'MODEL_ANSWER_INVALID'
  /** The source code could not be fetched. */
  | 'SOURCE_UNAVAILABLE'
  /** A delivery to the sink, or of a reply, failed. */
  | 'DELIVERY_FAILED'
  /** The time given for the work is over. */
  | 'DEADLINE_EXCEEDED'
  /** The budget for calls of a model is used up, and this event waits for the next window, after `retryAfterMs`. */
  | 'BUDGET_EXCEEDED'
  /**
   * Another process is analysing the same error, or another event of it waits for the budget: that answer will be the
   * one; this event counts as an occurrence.
   */
  | 'ANALYSED_ELSEWHERE'
  /** A request of a person is wrong; the message names the field. */
  | 'REQUEST_INVALID'
  /** What was asked for is not there. */
  | 'NOT_FOUND'
  /** Somebody else changed it first: look again. */
  | 'CONFLICT'
  /** The history could not be read or written. */
  | 'HISTORY_UNAVAILABLE'
  /** A rule of the user's says to ignore the event, or it is not in the rule's sample. */
  | 'SET_ASIDE'
  /** An analysis failed in a way that nobody foresaw; the cause tells. */
  | 'ANALYSIS_FAILED';

/** Options of {@link PatrolError}. */
export interface PatrolErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** Whether the same call may succeed later. Defaults to false. */
  readonly retryable?: boolean;
  /** How long the other side asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/**
 * The only error class that Patrol throws on purpose. The message says what was wrong and what to do, and
 * never holds a value that could be a secret: use {@link describeShape} for values.
 */
export class PatrolError extends Error {
  override readonly name = 'PatrolError';
  readonly code: PatrolErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: PatrolErrorCode, message: string, options: PatrolErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The shape of a value in a few words (`a string of 12 characters`), never the value itself. */
export function describeShape(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      if (value === '') return 'an empty string';
      return `a string of ${value.length} ${value.length === 1 ? 'character' : 'characters'}`;
    case 'number':
      return Number.isNaN(value) ? 'NaN' : 'a number';
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** The message of anything that was thrown, without ever throwing itself. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'an error that cannot be shown';
  }
}
