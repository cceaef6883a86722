import type { AnalysisRecord, DropRecord } from '../src/analysis-record.ts';
import type { PatrolConfig } from '../src/config.ts';
import { hashErrorLog } from '../src/hashing.ts';
import { redact } from '../src/redaction.ts';
import { withSourceFrames } from '../src/source-maps.ts';
import type { DropReason, ErrorLog, ErrorLogEvent, Milliseconds, Timestamp } from '../src/types.ts';
import { createArrivals } from './arrivals.ts';
import type { Delivery } from './delivery/delivery.ts';
import { createDropLedger } from './drops.ts';
import type { Forwarder, RecordMeta } from './forwarder-port.ts';
import { createFloodGate, createSampleGate } from './gate.ts';
import { isRecovered, toEvent, withinLimit } from './outgoing-event.ts';
import { createRecovery } from './recovery.ts';
import { createKeyMemo, type RepeatKey } from './repeat-key.ts';
import { addSample, createSamples, wantsSample } from './samples.ts';
import { createSender } from './sender.ts';
import type { Spool } from './spool.ts';
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
const MAX_KEYS = 2000;
const SEND_TIMEOUT_MS: Milliseconds = 10_000;

/** See {@link Forwarder}. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { config, write, spool } = options;
  const drops = createDropLedger(write);
  const windows = createWindows({ interval: config.batchInterval, batchSize: config.batchSize });
  const known = createKeyMemo(MAX_KEYS);
  const newKinds = createFloodGate();
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

  /** Soon, and once for all that is logged until then. */
  const pumpSoon = () => {
    soon ??= setImmediate(() => {
      soon = undefined;
      sender.pump();
    });
    soon.unref();
  };

  const isCrowded = () =>
    windows.size + sender.sealedCount >= MAX_EVENTS || openBytes + sender.sealedBytes >= MAX_BYTES;

  /** Why no new event can be opened at the moment, if so. */
  const refusal = (): DropReason | undefined => {
    if (isCrowded() && !spool?.hasRoom()) return 'buffer_full';
    return newKinds.isOpen(Date.now()) ? undefined : 'flood';
  };

  const open = (errorLog: ErrorLog, errorHash: string, at: Timestamp, meta: RecordMeta) => {
    const crowded = isCrowded();
    // Before the work of redaction: a flood of different errors must not cost more than it has to.
    const reason = refusal();
    if (reason !== undefined) return drops.add(reason, 1);
    newKinds.pass();
    const fitted = withinLimit(toEvent(redact(errorLog), at, config, meta.fingerprint));
    if (fitted === undefined) return drops.add('too_large', 1);
    const { json, ...rest } = fitted;
    const entry = spool?.add(json, at);
    if (crowded) {
      if (entry === undefined || recovery === undefined) return drops.add('buffer_full', 1);
      recovery.spill(errorHash, entry);
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

  const countSpilled = (errorHash: string, at: Timestamp): boolean => {
    const counted = recovery?.repeatSpilled(errorHash, at) === true;
    if (counted) spooled += 1;
    return counted;
  };

  /** Counts a repeat that has been captured; false when no event of that error is open. */
  const count = (errorHash: string, at: Timestamp, errorLog: ErrorLog): boolean => {
    const pending = windows.get(errorHash);
    if (pending === undefined) return countSpilled(errorHash, at);
    windows.repeat(pending, at);
    if (pending.samples) addSample(pending.samples, errorLog);
    return true;
  };

  const record = (logged: ErrorLog, meta: RecordMeta = {}) => {
    recorded += 1;
    if (options.delivery === undefined) return drops.add('invalid_configuration', 1);
    if (closing) return drops.add('closed', 1);
    try {
      const at = meta.timestamp ?? Date.now();
      const knownHash = meta.key && known.get(meta.key);
      if (knownHash !== undefined && count(knownHash, at, logged)) return;
      const errorLog = withSourceFrames(logged);
      const { errorHash } = hashErrorLog(errorLog, meta.fingerprint ? { fingerprint: meta.fingerprint } : {});
      if (meta.key) known.set(meta.key, errorHash);
      if (!count(errorHash, at, errorLog)) open(errorLog, errorHash, at, meta);
    } catch {
      drops.add('invalid_record', 1);
    }
  };

  /** See {@link Forwarder.repeat}. It runs for each record of a storm. */
  const repeat = (key: RepeatKey, at: Timestamp): boolean => {
    if (closing) return false;
    const errorHash = known.get(key);
    if (errorHash === undefined) {
      // A new error that would be dropped: capturing it would change nothing.
      const reason = refusal();
      if (reason === undefined) return false;
      drops.add(reason, 1);
    } else {
      const pending = windows.get(errorHash);
      if (pending === undefined) {
        if (!countSpilled(errorHash, at)) return false;
      } else {
        if (pending.samples && wantsSample(pending.samples) && looks.isOpen(at)) {
          looks.pass();
          return false;
        }
        windows.repeat(pending, at);
      }
    }
    recorded += 1;
    return true;
  };

  const pending = () => [...windows.values(), ...sender.sealed];

  const flush = async (timeoutMs: Milliseconds = config.flushTimeout): Promise<boolean> => {
    const end = Date.now() + timeoutMs;
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
    flush,
    isSafe: () => pending().every((one) => one.spooled !== undefined),
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
      pending: closed ? 0 : recordsOf(pending()),
      spooled,
      dropped: { ...drops.totals },
    }),
  };
}

function recordsOf(pending: readonly PendingEvent[]): number {
  return pending.reduce((records, { occurrences }) => records + occurrences, 0);
}
