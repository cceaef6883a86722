import type { Milliseconds, Timestamp } from '../src/types.ts';
import { toPending } from './outgoing-event.ts';
import type { Sender } from './sender.ts';
import type { Spool, SpoolEntry } from './spool.ts';
import type { PendingEvent } from './windows.ts';

/** How much of the spool is taken up at a time, and how often it is looked for more. */
const RECOVER_EVENTS = 500;
const RECOVER_INTERVAL_MS: Milliseconds = 60_000;

/** Sends what waits in the spool: what dead processes left, and what this one had no room for in memory. */
export interface Recovery {
  /** Takes up as much as there is room for. */
  takeUp(): void;
  /** An error for which there is room in the spool only. */
  spill(errorHash: string, entry: SpoolEntry): void;
  /** Counts repeats of a spilled error; false when it is none. */
  repeatSpilled(errorHash: string, at: Timestamp, count: number): boolean;
  /** To be called when an event has arrived: there may be room for others. */
  goOn(isIdle: boolean): void;
  stop(): void;
}

/** Options of {@link createRecovery}. */
export interface RecoveryOptions {
  readonly spool: Spool;
  readonly sender: Sender;
  readonly maxBatch: number;
  readonly onRecovered: (pending: PendingEvent) => void;
  readonly onLost: (records: number) => void;
}

export function createRecovery(options: RecoveryOptions): Recovery {
  const { spool, sender, maxBatch } = options;
  const spilled = new Map<string, SpoolEntry>();
  let stopped = false;
  let more = false;

  const takeUp = () => {
    if (stopped || sender.sealedCount >= RECOVER_EVENTS) return;
    const most = RECOVER_EVENTS - sender.sealedCount;
    const { events, lost } = spool.recover(most);
    more = events.length === most;
    options.onLost(lost);
    const pending = events.map(({ event, bytes, entry }) => toPending(event, bytes, entry));
    for (const one of pending) options.onRecovered(one);
    for (let start = 0; start < pending.length; start += maxBatch) {
      sender.resend(pending.slice(start, start + maxBatch));
    }
    if (pending.length > 0) sender.pump();
  };
  const timers = [setTimeout(takeUp, 0).unref(), setInterval(takeUp, RECOVER_INTERVAL_MS).unref()];

  return {
    takeUp,
    spill: (errorHash, entry) => void spilled.set(errorHash, entry),
    repeatSpilled(errorHash, at, count) {
      const entry = spilled.get(errorHash);
      entry?.repeat?.(at, count);
      return entry !== undefined;
    },
    goOn(isIdle) {
      if (isIdle && spilled.size > 0) {
        spilled.clear();
        spool.handOver();
        takeUp();
      } else if (more && sender.sealedCount < RECOVER_EVENTS / 5) takeUp();
    },
    stop() {
      stopped = true;
      for (const one of timers) clearTimeout(one);
    },
  };
}
