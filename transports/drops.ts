import { type DropRecord, toDropRecord } from '../src/analysis-record.ts';
import type { DropReason, Milliseconds } from '../src/types.ts';
import type { DropCounts } from './delivery/delivery.ts';

/** Losses are told in the log at once, then at most this often. */
const REPORT_INTERVAL_MS: Milliseconds = 10_000;

/** Counts every loss by its reason and sees that it is told: in the application's log and in the next batch. */
export interface DropLedger {
  add(reason: DropReason, records: number): void;
  /** What no batch has carried yet; from now on this batch does. */
  takeForBatch(): DropCounts | undefined;
  /** What a batch carried that was refused for good: the next one carries it again. */
  giveBack(dropped: DropCounts): void;
  /** Tells the log now what it was not told yet. */
  report(): void;
  /** Since the start. */
  readonly totals: Readonly<DropCounts>;
}

/** @param tell - Writes the record to the application's log; called outside of any logging call. */
export function createDropLedger(tell: (record: DropRecord) => void): DropLedger {
  const totals: DropCounts = {};
  let forBatch: DropCounts = {};
  let forLog: DropCounts = {};
  let timer: NodeJS.Timeout | undefined;
  let lastReport = 0;

  const report = () => {
    clearTimeout(timer);
    timer = undefined;
    if (Object.keys(forLog).length === 0) return;
    const dropped = forLog;
    forLog = {};
    lastReport = Date.now();
    tell(toDropRecord(dropped));
  };

  return {
    totals,
    report,
    add(reason, records) {
      if (records <= 0) return;
      for (const counts of [totals, forBatch, forLog]) counts[reason] = (counts[reason] ?? 0) + records;
      timer ??= setTimeout(report, Math.max(0, lastReport + REPORT_INTERVAL_MS - Date.now())).unref();
    },
    takeForBatch() {
      if (Object.keys(forBatch).length === 0) return undefined;
      const taken = forBatch;
      forBatch = {};
      return taken;
    },
    giveBack(dropped) {
      for (const [reason, count] of Object.entries(dropped) as [DropReason, number][]) {
        forBatch[reason] = (forBatch[reason] ?? 0) + count;
      }
    },
  };
}
