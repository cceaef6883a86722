import type { ErrorLogEvent, Milliseconds, Timestamp } from '../src/types.ts';
import type { Samples } from './samples.ts';
import type { SpoolEntry } from './spool.ts';

/** One distinct error of one window, open for repeats until it is taken for delivery. */
export interface PendingEvent {
  readonly errorHash: string;
  /** All but the counts, which change until the event is taken. */
  readonly event: ErrorLogEvent;
  occurrences: number;
  lastSeen: Timestamp;
  /** When its window is over. */
  readonly due: Timestamp;
  /** True when no other event of this error was sent within the window: it need not wait in a full batch. */
  readonly fresh: boolean;
  /** Size as JSON. */
  readonly bytes: number;
  /** What its repeats say beyond it; an event of the spool has none. */
  readonly samples?: Samples;
  /** What the spool keeps of it; undefined when it is in memory only. */
  readonly spooled?: SpoolEntry | undefined;
}

/** Options of {@link createWindows}. */
export interface WindowOptions {
  /** How long repeats of an error are only counted. */
  readonly interval: Milliseconds;
  /** As many distinct errors that have not been sent in this window make a batch worth sending early. */
  readonly batchSize: number;
}

/** What is open: at most one event for each distinct error. */
export interface Windows {
  /** The open event of that error. */
  get(errorHash: string): PendingEvent | undefined;
  /** Counts repeats of an open event. */
  repeat(pending: PendingEvent, at: Timestamp, count?: number): void;
  /** When the window of a new event of this error ends, and whether it is the first of its kind. */
  windowOf(errorHash: string, at: Timestamp): { readonly due: Timestamp; readonly fresh: boolean };
  open(pending: PendingEvent): void;
  /** Takes events that may be sent: whose window is over, all fresh ones when they fill a batch, or `all`. */
  take(
    limits: { readonly count: number; readonly bytes: number; readonly all: boolean },
    now: Timestamp,
  ): PendingEvent[];
  /** True when fresh events alone fill a batch. */
  readonly full: boolean;
  readonly size: number;
  values(): Iterable<PendingEvent>;
}

/** Windows that are remembered after their event was sent; beyond, an error may be sent a little early. */
const MAX_WINDOWS = 10_000;

/** One window for each distinct error: its first record opens an event, its repeats are a count. */
export function createWindows({ interval, batchSize }: WindowOptions): Windows {
  const open = new Map<string, PendingEvent>();
  /** Error → end of the window in which an event of it was already sent. */
  const sent = new Map<string, Timestamp>();
  let fresh = 0;

  return {
    get: (errorHash) => open.get(errorHash),
    repeat(pending, at, count = 1) {
      pending.occurrences += count;
      if (at > pending.lastSeen) pending.lastSeen = at;
      pending.spooled?.repeat?.(at, count);
    },
    windowOf(errorHash, at) {
      const end = sent.get(errorHash);
      return end !== undefined && end > at ? { due: end, fresh: false } : { due: at + interval, fresh: true };
    },
    open(pending) {
      open.set(pending.errorHash, pending);
      if (pending.fresh) fresh += 1;
    },
    take({ count, bytes, all }, now) {
      const early = fresh >= batchSize;
      const taken: PendingEvent[] = [];
      let size = 0;
      for (const pending of open.values()) {
        if (!all && pending.due > now && !(early && pending.fresh)) continue;
        if (taken.length === count || (taken.length > 0 && size + pending.bytes > bytes)) break;
        taken.push(pending);
        size += pending.bytes;
        open.delete(pending.errorHash);
        if (pending.fresh) fresh -= 1;
        sent.delete(pending.errorHash);
        sent.set(pending.errorHash, Math.max(pending.due, now + interval));
      }
      for (const [errorHash, end] of sent) {
        if (end > now && sent.size <= MAX_WINDOWS) break;
        sent.delete(errorHash);
      }
      return taken;
    },
    get full() {
      return fresh >= batchSize;
    },
    get size() {
      return open.size;
    },
    values: () => open.values(),
  };
}
