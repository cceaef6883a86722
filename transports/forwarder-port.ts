import type { ErrorLog, Milliseconds, Timestamp } from '../src/types.ts';
import type { DropCounts } from './delivery/delivery.ts';
import type { RepeatKey } from './repeat-key.ts';

/** An error, or what captures it. */
export type Logged = ErrorLog | (() => ErrorLog | undefined);

export const captured = (logged: Logged): ErrorLog | undefined =>
  typeof logged === 'function' ? logged() : logged;

/** What a door tells about a record beside the error. */
export interface RecordMeta {
  /** When it was logged. @defaultValue now */
  readonly timestamp?: Timestamp;
  /** Replaces the default parts of the hash. */
  readonly fingerprint?: readonly string[];
  /** Equal only for equal errors; the next {@link ErrorTaker.repeat} with it is a mere count. */
  readonly key?: RepeatKey | undefined;
}

/** In records, not events: `recorded + recovered = delivered + pending + spooled + the sum of dropped`. */
export interface ForwarderStats {
  readonly recorded: number;
  /** What earlier processes, or this one when it had no room, left in the spool and this one took up. */
  readonly recovered: number;
  readonly delivered: number;
  readonly pending: number;
  /** Left in the spool, for later or for another process. */
  readonly spooled: number;
  readonly dropped: Readonly<DropCounts>;
  /** Events that were delivered. */
  readonly events: number;
}

/** What takes errors. */
export interface ErrorTaker {
  /**
   * Synchronous; never throws.
   *
   * @param logged - The error, or what captures it: then of many new kinds at once some are captured a little later.
   * It answers undefined where there is no error after all.
   */
  record(logged: Logged, meta?: RecordMeta): void;
  /**
   * Deals with a record by its key alone: counts a repeat, or drops what there is no room for. False when the record
   * has to be captured after all.
   */
  repeat(key: RepeatKey, at: Timestamp): boolean;
}

/** Takes captured errors and sees that each distinct one reaches the sink once per window, with its count. */
export interface Forwarder extends ErrorTaker {
  /**
   * For records that came together: their repeats are in the spool when `work` is done rather than one by one. Throws
   * what `work` throws.
   */
  together(work: () => void): void;
  /** True when everything recorded so far was delivered within the time. Holds the process meanwhile. */
  flush(timeoutMs?: Milliseconds): Promise<boolean>;
  /** Flushes, then stops for good. What is recorded afterwards is dropped as `closed`. */
  close(timeoutMs?: Milliseconds): Promise<boolean>;
  /** True when a crash would lose nothing: all that is pending is in the spool. */
  isSafe(): boolean;
  stats(): ForwarderStats;
}
