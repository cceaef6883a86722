import type { AnalysisRecord, DropRecord } from '../src/analysis-record.ts';
import type { PatrolConfig } from '../src/config.ts';
import { hashErrorLog } from '../src/hashing.ts';
import { redact } from '../src/redaction.ts';
import { withSourceFrames } from '../src/source-maps.ts';
import type { DropReason, ErrorLog, ErrorLogEvent, Milliseconds, Timestamp } from '../src/types.ts';
import type { Delivery, DropCounts } from './delivery/delivery.ts';
import { createDropLedger } from './drops.ts';
import { createFloodGate } from './flood-gate.ts';
import { isRecovered, toEvent, toPending, withinLimit } from './outgoing-event.ts';
import { createKeyMemo, type RepeatKey } from './repeat-key.ts';
import { addSample, createSamples, wantsSample } from './samples.ts';
import { createSender } from './sender.ts';
import type { Spool, SpoolEntry } from './spool.ts';
import { createWindows, type PendingEvent } from './windows.ts';

/** What a door tells about a record beside the error. */
export interface RecordMeta {
  /** When it was logged. @defaultValue now */
  readonly timestamp?: Timestamp;
  /** Replaces the default parts of the hash. */
  readonly fingerprint?: readonly string[];
  /** Equal only for equal errors; the next {@link Forwarder.repeat} with it is a mere count. */
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

/** Takes captured errors and sees that each distinct one reaches the sink once per window, with its count. */
export interface Forwarder {
  /** Synchronous; never throws. */
  record(errorLog: ErrorLog, meta?: RecordMeta): void;
  /**
   * Deals with a record by its key alone: counts a repeat, or drops what there is no room for. False when the record
   * has to be captured after all.
   */
  repeat(key: RepeatKey, at: Timestamp): boolean;
  /** True when everything recorded so far was delivered within the time. Holds the process meanwhile. */
  flush(timeoutMs?: Milliseconds): Promise<boolean>;
  /** Flushes, then stops for good. What is recorded afterwards is dropped as `closed`. */
  close(timeoutMs?: Milliseconds): Promise<boolean>;
  /** True when a crash would lose nothing: all that is pending is in the spool. */
  isSafe(): boolean;
  stats(): ForwarderStats;
}

/** Options of {@link createForwarder}. */
export interface ForwarderOptions {
  readonly config: ForwarderConfig;
  /** Makes the delivery at first use. Undefined: the settings are wrong, and every record is dropped with that reason. */
  readonly delivery: (() => Promise<Delivery>) | undefined;
  /** Most events in one batch. @defaultValue `batchSize` */
  readonly maxBatch?: number | undefined;
  /** Batches on their way at the same time. @defaultValue 4 */
  readonly concurrency?: number;
  /** Writes to the application's log; never called from within `record`. */
  readonly write: (record: AnalysisRecord | DropRecord) => void;
  /** Told once: deliveries keep failing. */
  readonly onTrouble?: (problem: string) => void;
  readonly spool?: Spool | undefined;
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
const MAX_BATCH_BYTES = 900 * 1024;
const MAX_KEYS = 2000;
/** How much of the spool is taken up at a time, and how often it is looked for more. */
const RECOVER_EVENTS = 500;
const RECOVER_INTERVAL_MS: Milliseconds = 60_000;
const SEND_TIMEOUT_MS: Milliseconds = 10_000;

/** See {@link Forwarder}. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { config, write, spool } = options;
  const drops = createDropLedger(write);
  const windows = createWindows({ interval: config.batchInterval, batchSize: config.batchSize });
  const known = createKeyMemo(MAX_KEYS);
  const gate = createFloodGate();
  const maxBatch = Math.max(config.batchSize, options.maxBatch ?? 0);
  const waiting = new Set<{ readonly left: Set<PendingEvent>; readonly done: () => void }>();
  /** Errors for which there is no room in memory, only in the spool. */
  const spilled = new Map<string, SpoolEntry>();
  let openBytes = 0;
  let recorded = 0;
  let recovered = 0;
  let spooled = 0;
  let moreInSpool = false;
  let delivered = 0;
  let events = 0;
  let forced = false;
  let closing = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;

  const sender = createSender({
    delivery: options.delivery ?? (() => Promise.reject(new Error('delivery is off'))),
    timeoutMs: Math.max(SEND_TIMEOUT_MS, config.modelTimeout),
    concurrency: options.concurrency ?? 4,
    take() {
      const now = Date.now();
      const taken = windows.take({ count: maxBatch, bytes: MAX_BATCH_BYTES, all: forced }, now);
      for (const { bytes } of taken) openBytes -= bytes;
      if (windows.size === 0) forced = false;
      return taken;
    },
    takeDrops: () => drops.takeForBatch(),
    onDropsRefused: (dropped) => drops.giveBack(dropped),
    onTrouble: (problem) => options.onTrouble?.(problem),
    onSettled(pending, lost) {
      pending.spooled?.settle();
      if (lost) drops.add(lost, pending.occurrences);
      else {
        delivered += pending.occurrences;
        events += 1;
      }
      for (const waiter of waiting) {
        if (waiter.left.delete(pending) && waiter.left.size === 0) waiter.done();
      }
      const empty = windows.size + sender.sealedCount === 0;
      if (empty && spilled.size > 0) {
        spilled.clear();
        spool?.handOver();
        recover();
      } else if (moreInSpool && sender.sealedCount < RECOVER_EVENTS / 5) recover();
    },
  });

  /** Looks a few times in each window which ones are over; not at all when none is open. */
  const schedule = () => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        sender.pump();
        if (windows.size > 0) schedule();
      },
      Math.max(5, config.batchInterval / 4),
    ).unref();
  };

  /** Soon, and once for all that is logged until then. */
  const pumpSoon = () => {
    soon ??= setImmediate(() => {
      soon = undefined;
      sender.pump();
    });
    soon.unref();
  };

  /** Takes up what dead processes, or this one for want of room, left in the spool. */
  const recover = () => {
    if (spool === undefined || closed || sender.sealedCount >= RECOVER_EVENTS) return;
    const most = RECOVER_EVENTS - sender.sealedCount;
    const { events: found, lost } = spool.recover(most);
    moreInSpool = found.length === most;
    drops.add('spool_corrupt', lost);
    const pending = found.map(({ event, bytes, entry }) => {
      recovered += event.occurrences;
      options.onEvent?.(event);
      return toPending(event, bytes, entry);
    });
    for (let start = 0; start < pending.length; start += maxBatch) {
      sender.resend(pending.slice(start, start + maxBatch));
    }
    if (pending.length > 0) sender.pump();
  };
  const recovery = spool &&
    options.delivery && [setTimeout(recover, 0).unref(), setInterval(recover, RECOVER_INTERVAL_MS).unref()];

  const repeatSpilled = (errorHash: string, at: Timestamp): boolean => {
    const entry = spilled.get(errorHash);
    entry?.repeat?.(at);
    if (entry) spooled += 1;
    return entry !== undefined;
  };

  const isCrowded = () =>
    windows.size + sender.sealedCount >= MAX_EVENTS || openBytes + sender.sealedBytes >= MAX_BYTES;

  /** Why no new event can be opened at the moment, if so. */
  const refusal = (): DropReason | undefined => {
    if (isCrowded() && !spool?.hasRoom()) return 'buffer_full';
    return gate.isOpen(Date.now()) ? undefined : 'flood';
  };

  const open = (errorLog: ErrorLog, errorHash: string, at: Timestamp, meta: RecordMeta) => {
    const crowded = isCrowded();
    // Before the work of redaction: a flood of different errors must not cost more than it has to.
    const reason = refusal();
    if (reason !== undefined) return drops.add(reason, 1);
    gate.pass();
    const fitted = withinLimit(toEvent(redact(errorLog), at, config, meta.fingerprint));
    if (fitted === undefined) return drops.add('too_large', 1);
    const { json, ...rest } = fitted;
    const entry = spool?.add(json, at);
    if (crowded) {
      if (entry === undefined) return drops.add('buffer_full', 1);
      spilled.set(errorHash, entry);
      spooled += 1;
      return;
    }
    const { due, fresh } = windows.windowOf(errorHash, at);
    windows.open({
      errorHash,
      ...rest,
      occurrences: 1,
      lastSeen: at,
      due,
      fresh,
      samples: createSamples(),
      spooled: entry,
    });
    openBytes += rest.bytes;
    options.onEvent?.(rest.event);
    if (windows.full) pumpSoon();
    schedule();
  };

  /** Counts a repeat of what is open; false when there is no such. */
  const count = (errorHash: string, at: Timestamp, errorLog?: ErrorLog): boolean => {
    const repeated = windows.repeat(errorHash, at);
    if (repeated?.samples && errorLog) addSample(repeated.samples, errorLog);
    return repeated !== undefined || repeatSpilled(errorHash, at);
  };

  const record = (logged: ErrorLog, meta: RecordMeta = {}) => {
    recorded += 1;
    if (options.delivery === undefined) return drops.add('invalid_configuration', 1);
    if (closing) return drops.add('closed', 1);
    try {
      const at = meta.timestamp ?? Date.now();
      // A repeat that is looked at for a sample: its fingerprint is known.
      const knownHash = meta.key && known.get(meta.key);
      if (knownHash !== undefined && count(knownHash, at, logged)) return;
      const errorLog = withSourceFrames(logged);
      const { errorHash } = hashErrorLog(errorLog, meta.fingerprint ? { fingerprint: meta.fingerprint } : {});
      if (meta.key) known.set(meta.key, errorHash);
      if (count(errorHash, at, errorLog)) return;
      open(errorLog, errorHash, at, meta);
    } catch {
      drops.add('invalid_record', 1);
    }
  };

  const flush = async (timeoutMs: Milliseconds = config.flushTimeout): Promise<boolean> => {
    const end = Date.now() + timeoutMs;
    recover();
    // What is in the spool comes a portion at a time; what is logged meanwhile has its own window and is not waited for.
    for (let left = pending(); left.length > 0; left = [...sender.sealed].filter(isRecovered)) {
      if (!(await settled(new Set(left), end - Date.now()))) return false;
    }
    spool?.tidy();
    return true;
  };

  /** Sends now, and waits until each of these events arrived or was given up; false when the time is over first. */
  const settled = (left: Set<PendingEvent>, timeoutMs: Milliseconds): Promise<boolean> => {
    if (windows.size > 0) forced = true;
    sender.hurry();
    return new Promise((resolve) => {
      const finish = (done: boolean) => {
        clearTimeout(deadline);
        waiting.delete(waiter);
        resolve(done);
      };
      // Referenced on purpose: it holds the process for the time that a flush may take, and no longer.
      const deadline = setTimeout(() => finish(false), Math.max(0, timeoutMs));
      const waiter = { left, done: () => finish(true) };
      waiting.add(waiter);
    });
  };

  const pending = () => [...windows.values(), ...sender.sealed];

  return {
    record,
    flush,
    repeat(key, at) {
      const errorHash = closing ? undefined : known.get(key);
      if (errorHash === undefined) {
        // A new error that would be dropped: capturing it would change nothing.
        if (closing) return false;
        const reason = refusal();
        if (reason === undefined) return false;
        recorded += 1;
        drops.add(reason, 1);
        return true;
      }
      const samples = windows.get(errorHash)?.samples;
      if (samples && wantsSample(samples)) return false;
      if (!count(errorHash, at)) return false;
      recorded += 1;
      return true;
    },
    isSafe: () => pending().every((one) => one.spooled !== undefined),
    async close(timeoutMs) {
      if (closing) return pending().length === 0;
      closing = true;
      const done = await flush(timeoutMs);
      closed = true;
      clearTimeout(timer);
      for (const one of recovery ?? []) clearTimeout(one);
      const left = pending();
      spooled += recordsOf(left.filter((one) => one.spooled !== undefined));
      drops.add('closed', recordsOf(left.filter((one) => one.spooled === undefined)));
      sender.close();
      spool?.close();
      drops.report();
      return done;
    },
    stats: () => ({
      recorded,
      recovered,
      delivered,
      events,
      pending: closed ? 0 : recordsOf(pending()),
      spooled,
      dropped: { ...drops.totals },
    }),
  };
}

function recordsOf(pending: readonly PendingEvent[]): number {
  return pending.reduce((records, { occurrences }) => records + occurrences, 0);
}
