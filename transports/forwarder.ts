import { randomUUID } from 'node:crypto';
import type { AnalysisRecord, DropRecord } from '../src/analysis-record.ts';
import type { PatrolConfig } from '../src/config.ts';
import { hashErrorLog } from '../src/hashing.ts';
import { redact } from '../src/redaction.ts';
import type { ErrorLog, ErrorLogEvent, Milliseconds, Timestamp } from '../src/types.ts';
import type { Delivery, DropCounts } from './delivery/delivery.ts';
import { createDropLedger } from './drops.ts';
import { createSender } from './sender.ts';
import { createWindows, type PendingEvent } from './windows.ts';

/** What a door tells about a record beside the error. */
export interface RecordMeta {
  /** When it was logged. @defaultValue now */
  readonly timestamp?: Timestamp;
  /** Replaces the default parts of the hash. */
  readonly fingerprint?: readonly string[];
  /** A text that is equal only for equal errors; the next {@link Forwarder.repeat} with it is a mere count. */
  readonly key?: string | undefined;
}

/** In records, not events: `recorded = delivered + pending + the sum of dropped`. */
export interface ForwarderStats {
  readonly recorded: number;
  readonly delivered: number;
  readonly pending: number;
  readonly dropped: Readonly<DropCounts>;
  /** Events that were delivered. */
  readonly events: number;
}

/** Takes captured errors and sees that each distinct one reaches the sink once per window, with its count. */
export interface Forwarder {
  /** Synchronous; never throws. */
  record(errorLog: ErrorLog, meta?: RecordMeta): void;
  /** Counts a repeat without looking at it again; false when the record has to be captured after all. */
  repeat(key: string, at: Timestamp): boolean;
  /** True when everything recorded so far was delivered within the time. Holds the process meanwhile. */
  flush(timeoutMs?: Milliseconds): Promise<boolean>;
  /** Flushes, then stops for good. What is recorded afterwards is dropped as `closed`. */
  close(timeoutMs?: Milliseconds): Promise<boolean>;
  stats(): ForwarderStats;
}

/** Options of {@link createForwarder}. */
export interface ForwarderOptions {
  readonly config: ForwarderConfig;
  /** Makes the delivery at first use. Undefined: the settings are wrong, and every record is dropped with that reason. */
  readonly delivery: (() => Promise<Delivery>) | undefined;
  /** Batches on their way at the same time. @defaultValue 4 */
  readonly concurrency?: number;
  /** Writes to the application's log; never called from within `record`. */
  readonly write: (record: AnalysisRecord | DropRecord) => void;
  /** Told once: deliveries keep failing. */
  readonly onTrouble?: (problem: string) => void;
  /** Called when an event was opened, so that replies can be awaited. */
  readonly onEvent?: (event: ErrorLogEvent) => void;
}

/** The settings that the forwarder reads. */
export type ForwarderConfig = Pick<
  PatrolConfig,
  | 'batchSize'
  | 'batchInterval'
  | 'flushTimeout'
  | 'modelTimeout'
  | 'service'
  | 'environment'
  | 'commit'
  | 'repositoryUrl'
>;

/** Bounds of what is held in memory. */
const MAX_EVENTS = 2000;
const MAX_BYTES = 8 * 1024 * 1024;
/** An event must pass every queue and bus on the way; SNS and EventBridge take 256 KiB. */
const MAX_EVENT_BYTES = 240 * 1024;
const MAX_BATCH_BYTES = 900 * 1024;
const MAX_KEYS = 2000;
const SEND_TIMEOUT_MS: Milliseconds = 10_000;

/** See {@link Forwarder}. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { config, write } = options;
  const drops = createDropLedger(write);
  const windows = createWindows({ interval: config.batchInterval, batchSize: config.batchSize });
  /** Key of a record → its hash. */
  const known = new Map<string, string>();
  const waiting = new Set<{ readonly left: Set<PendingEvent>; readonly done: () => void }>();
  let openBytes = 0;
  let recorded = 0;
  let delivered = 0;
  let events = 0;
  let forced = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const sender = createSender({
    delivery: options.delivery ?? (() => Promise.reject(new Error('delivery is off'))),
    timeoutMs: Math.max(SEND_TIMEOUT_MS, config.modelTimeout),
    concurrency: options.concurrency ?? 4,
    take() {
      const now = Date.now();
      const taken = windows.take({ count: config.batchSize, bytes: MAX_BATCH_BYTES, all: forced }, now);
      for (const { bytes } of taken) openBytes -= bytes;
      if (windows.size === 0) forced = false;
      schedule(now);
      return taken;
    },
    takeDrops: () => drops.takeForBatch(),
    onDropsRefused: (dropped) => drops.giveBack(dropped),
    onTrouble: (problem) => options.onTrouble?.(problem),
    onSettled(pending, lost) {
      if (lost) drops.add(lost, pending.occurrences);
      else {
        delivered += pending.occurrences;
        events += 1;
      }
      for (const waiter of waiting) {
        if (waiter.left.delete(pending) && waiter.left.size === 0) waiter.done();
      }
    },
  });

  /** Wakes up when the next window ends. What is due already waits for the sender, which takes it when it can. */
  const schedule = (now: Timestamp) => {
    const due = windows.nextDue;
    if (timer !== undefined || due === undefined || due <= now) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        sender.pump();
      },
      due - now + 1,
    ).unref();
  };

  const remember = (key: string | undefined, errorHash: string) => {
    if (key === undefined) return;
    if (known.size >= MAX_KEYS) known.clear();
    known.set(key, errorHash);
  };

  const open = (errorLog: ErrorLog, errorHash: string, at: Timestamp, meta: RecordMeta) => {
    const event = toEvent(redact(errorLog), at, config, meta.fingerprint);
    const fitted = withinLimit(event);
    if (fitted === undefined) return drops.add('too_large', 1);
    if (
      windows.size + sender.sealedCount >= MAX_EVENTS ||
      openBytes + sender.sealedBytes + fitted.bytes > MAX_BYTES
    ) {
      return drops.add('buffer_full', 1);
    }
    const { due, fresh } = windows.windowOf(errorHash, at);
    windows.open({ errorHash, ...fitted, occurrences: 1, lastSeen: at, due, fresh });
    openBytes += fitted.bytes;
    options.onEvent?.(fitted.event);
    if (windows.full) setImmediate(sender.pump).unref();
    schedule(Date.now());
  };

  const record = (errorLog: ErrorLog, meta: RecordMeta = {}) => {
    recorded += 1;
    if (options.delivery === undefined) return drops.add('invalid_configuration', 1);
    if (closed) return drops.add('closed', 1);
    try {
      const { errorHash } = hashErrorLog(errorLog, meta.fingerprint ? { fingerprint: meta.fingerprint } : {});
      const at = meta.timestamp ?? Date.now();
      remember(meta.key, errorHash);
      if (!windows.repeat(errorHash, at)) open(errorLog, errorHash, at, meta);
    } catch {
      drops.add('invalid_record', 1);
    }
  };

  const flush = async (timeoutMs: Milliseconds = config.flushTimeout): Promise<boolean> => {
    const left = new Set([...windows.values(), ...sender.sealed]);
    if (left.size === 0) return true;
    if (windows.size > 0) forced = true;
    sender.hurry();
    return await new Promise<boolean>((resolve) => {
      const finish = (delivered: boolean) => {
        clearTimeout(deadline);
        waiting.delete(waiter);
        resolve(delivered);
      };
      // Referenced on purpose: it holds the process for the time that a flush may take, and no longer.
      const deadline = setTimeout(() => finish(false), timeoutMs);
      const waiter = { left, done: () => finish(true) };
      waiting.add(waiter);
    });
  };

  return {
    record,
    flush,
    repeat(key, at) {
      const errorHash = closed ? undefined : known.get(key);
      if (errorHash === undefined || !windows.repeat(errorHash, at)) return false;
      recorded += 1;
      return true;
    },
    async close(timeoutMs) {
      if (closed) return pendingRecords(windows.values(), sender.sealed) === 0;
      closed = true;
      const done = await flush(timeoutMs);
      clearTimeout(timer);
      drops.add('closed', pendingRecords(windows.values(), sender.sealed));
      sender.close();
      drops.report();
      return done;
    },
    stats: () => ({
      recorded,
      delivered,
      events,
      pending: closed ? 0 : pendingRecords(windows.values(), sender.sealed),
      dropped: { ...drops.totals },
    }),
  };
}

function pendingRecords(...groups: Iterable<PendingEvent>[]): number {
  let records = 0;
  for (const group of groups) for (const { occurrences } of group) records += occurrences;
  return records;
}

function toEvent(
  errorLog: ErrorLog,
  at: Timestamp,
  config: ForwarderConfig,
  fingerprint: readonly string[] | undefined,
): ErrorLogEvent {
  const { service, environment, commit, repositoryUrl } = config;
  return {
    eventId: randomUUID(),
    timestamp: at,
    errorLog,
    ...(repositoryUrl !== undefined && { repositoryUrl }),
    ...(commit !== undefined && { commit }),
    ...(service !== undefined && { service }),
    ...(environment !== undefined && { environment }),
    occurrences: 1,
    firstSeen: at,
    lastSeen: at,
    ...(fingerprint && { fingerprint }),
  };
}

/** Without its context an event that is too large usually fits; undefined when it does not. */
function withinLimit(
  event: ErrorLogEvent,
): { readonly event: ErrorLogEvent; readonly bytes: number } | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(event));
  if (bytes <= MAX_EVENT_BYTES) return { event, bytes };
  if (event.errorLog.context === undefined) return undefined;
  const { context: _, ...errorLog } = event.errorLog;
  return withinLimit({ ...event, errorLog });
}
