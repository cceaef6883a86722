import type { AnalysisRecord, DropRecord } from '../src/analysis-record.ts';
import type { PatrolConfig } from '../src/config.ts';
import { redact } from '../src/redaction.ts';
import type { DropReason, ErrorLog, ErrorLogEvent, Milliseconds, Timestamp } from '../src/types.ts';
import { createArrivals } from './arrivals.ts';
import type { Delivery } from './delivery/delivery.ts';
import { createDropLedger } from './drops.ts';
import { captured, type Forwarder, type Logged, type RecordMeta } from './forwarder-port.ts';
import { createSampleGate } from './gate.ts';
import { createKinds, DONE } from './kinds.ts';
import { isRecovered, toEvent, withinLimit } from './outgoing-event.ts';
import { createRecovery } from './recovery.ts';
import type { RepeatKey } from './repeat-key.ts';
import { addSample, createSamples, wantsSample } from './samples.ts';
import { createSender } from './sender.ts';
import type { Spool } from './spool.ts';
import type { Seen } from './waiting.ts';
import { createWindows, type PendingEvent } from './windows.ts';

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
/** Between two batches that are sent because they are full; and before the first, for a storm has enough to do there. */
const MIN_PAUSE_MS: Milliseconds = 50;
const SEND_TIMEOUT_MS: Milliseconds = 10_000;

/** See {@link Forwarder}. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { config, write, spool } = options;
  const drops = createDropLedger(write);
  const windows = createWindows({ interval: config.batchInterval, batchSize: config.batchSize });
  const looks = createSampleGate();
  const arrivals = createArrivals();
  const maxBatch = Math.max(config.batchSize, options.maxBatch ?? 0);
  let openBytes = 0;
  let recorded = 0;
  let recovered = 0;
  let spooled = 0;
  let delivered = 0;
  let events = 0;
  let forced = false;
  let closing = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let soon = false;

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
      arrivals.settled(pending);
      recovery?.goOn(windows.size + sender.sealedCount === 0);
    },
  });

  const recovery =
    spool &&
    options.delivery &&
    createRecovery({
      spool,
      sender,
      maxBatch,
      onRecovered({ event, occurrences }) {
        recovered += occurrences;
        options.onEvent?.(event);
      },
      onLost: (records) => drops.add('spool_corrupt', records),
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

  /** Soon, and once for all that is logged until then; a flood is no reason for hundreds of small batches. */
  const pumpSoon = () => {
    if (soon) return;
    soon = true;
    setTimeout(() => {
      soon = false;
      sender.pump();
    }, MIN_PAUSE_MS).unref();
  };

  const isCrowded = () =>
    windows.size + sender.sealedCount >= MAX_EVENTS || openBytes + sender.sealedBytes >= MAX_BYTES;

  const refusal = (): DropReason | undefined =>
    isCrowded() && !spool?.hasRoom() ? 'buffer_full' : undefined;

  const open = (errorLog: ErrorLog, errorHash: string, seen: Seen, meta: RecordMeta) => {
    const { at, lastSeen, occurrences } = seen;
    const crowded = isCrowded();
    // Before the work of redaction: a flood of different errors must not cost more than it has to.
    const reason = refusal();
    if (reason !== undefined) return drops.add(reason, occurrences);
    const fitted = withinLimit(toEvent(redact(errorLog), at, config, meta.fingerprint));
    if (fitted === undefined) return drops.add('too_large', occurrences);
    const { json, ...rest } = fitted;
    const entry = spool?.add(json, at);
    if (occurrences > 1) entry?.repeat?.(lastSeen, occurrences - 1);
    if (crowded) {
      if (entry === undefined || recovery === undefined) return drops.add('buffer_full', occurrences);
      recovery.spill(errorHash, entry);
      spooled += occurrences;
      return;
    }
    const { due, fresh } = windows.windowOf(errorHash, at);
    windows.open({
      errorHash,
      ...rest,
      occurrences,
      lastSeen,
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

  const countSpilled = (errorHash: string, { lastSeen, occurrences }: Seen): boolean => {
    const counted = recovery?.repeatSpilled(errorHash, lastSeen, occurrences) === true;
    if (counted) spooled += occurrences;
    return counted;
  };

  /** Counts what was seen of an error; false when no event of it is open. */
  const count = (errorHash: string, seen: Seen, logged: Logged): boolean => {
    const pending = windows.get(errorHash);
    if (pending === undefined) return countSpilled(errorHash, seen);
    if (pending.samples && wantsSample(pending.samples)) addSample(pending.samples, captured(logged));
    windows.repeat(pending, seen.lastSeen, seen.occurrences);
    return true;
  };

  const kinds = createKinds({
    count,
    open,
    refusal,
    drop: (reason, records) => drops.add(reason, records),
    retract(records) {
      recorded -= records;
    },
  });

  const record = (logged: Logged, meta: RecordMeta = {}) => {
    recorded += 1;
    if (options.delivery === undefined) return drops.add('invalid_configuration', 1);
    if (closing) return drops.add('closed', 1);
    try {
      kinds.record(logged, meta.timestamp ?? Date.now(), meta);
    } catch {
      drops.add('invalid_record', 1);
    }
  };

  /** See {@link ErrorTaker.repeat}. It runs for each record of a storm. */
  const repeat = (key: RepeatKey, at: Timestamp): boolean => {
    if (closing) return false;
    const found = kinds.find(key, at);
    if (found === undefined) return false;
    if (found !== DONE) {
      const pending = windows.get(found);
      if (pending === undefined) {
        if (!countSpilled(found, { at, lastSeen: at, occurrences: 1 })) return false;
      } else {
        const { samples } = pending;
        if (samples && wantsSample(samples) && !kinds.isBusy() && looks.passes(at)) return false;
        windows.repeat(pending, at);
      }
    }
    recorded += 1;
    return true;
  };

  const pending = () => [...windows.values(), ...sender.sealed];

  const flush = async (timeoutMs: Milliseconds = config.flushTimeout): Promise<boolean> => {
    const end = Date.now() + timeoutMs;
    kinds.settle();
    recovery?.takeUp();
    // What is in the spool comes a portion at a time; what is logged meanwhile has its own window and is not waited for.
    for (let left = pending(); left.length > 0; left = [...sender.sealed].filter(isRecovered)) {
      if (windows.size > 0) forced = true;
      sender.hurry();
      if (!(await arrivals.wait(left, end - Date.now()))) return false;
    }
    spool?.tidy();
    return true;
  };

  return {
    record,
    repeat,
    together: (work) => (spool ? spool.together(work) : work()),
    flush,
    isSafe() {
      kinds.settle();
      return pending().every((one) => one.spooled !== undefined);
    },
    async close(timeoutMs) {
      if (closing) return pending().length === 0;
      closing = true;
      const done = await flush(timeoutMs);
      closed = true;
      clearTimeout(timer);
      recovery?.stop();
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
      pending: closed ? 0 : recordsOf(pending()) + kinds.waiting,
      spooled,
      dropped: { ...drops.totals },
    }),
  };
}

function recordsOf(pending: readonly PendingEvent[]): number {
  return pending.reduce((records, { occurrences }) => records + occurrences, 0);
}
