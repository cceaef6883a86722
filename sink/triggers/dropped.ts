import { isRecord } from '../../src/bounds.ts';

/** Losses that an application reports with a batch, by reason; a redelivery repeats `batchId`. */
export interface DroppedBatch {
  readonly batchId: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** Reads `{batchId, dropped: {reason: count}}`; undefined where nothing was lost. */
export function readDropped(value: unknown): DroppedBatch | undefined {
  if (!isRecord(value) || typeof value.batchId !== 'string' || !isRecord(value.dropped)) return undefined;
  const counts = Object.entries(value.dropped)
    .map(([reason, count]) => [reason, Number(count)] as const)
    .filter(([, count]) => Number.isSafeInteger(count) && count > 0);
  return counts.length > 0 ? { batchId: value.batchId, counts: Object.fromEntries(counts) } : undefined;
}
