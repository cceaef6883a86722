import type { Milliseconds, Timestamp } from '../../src/types.ts';
import type { Bucket, BucketStep, TimeRange } from './history.ts';

const MINUTE: Milliseconds = 60_000;
const HOUR: Milliseconds = 3_600_000;
/** A day in UTC. */
export const DAY: Milliseconds = 86_400_000;

/** Length of each step. */
export const STEPS: Readonly<Record<BucketStep, Milliseconds>> = { minute: MINUTE, hour: HOUR, day: DAY };
/** How long counts of each step are kept; days as long as everything. */
export const KEPT: Readonly<Record<Exclude<BucketStep, 'day'>, Milliseconds>> = {
  minute: 2 * DAY,
  hour: 30 * DAY,
};
/** Most buckets in one answer. */
const MAX_BUCKETS = 1500;

/** The beginning of the bucket that a time falls into. */
export function bucketOf(at: Timestamp, step: BucketStep): Timestamp {
  return at - (at % STEPS[step]);
}

/** The finest step whose counts are still kept for the range, and that gives no more than a chart can show. */
export function stepFor({ from, to }: TimeRange, now: Timestamp): BucketStep {
  if (to - from <= 3 * HOUR && now - from < KEPT.minute) return 'minute';
  return to - from <= 2 * DAY && now - from < KEPT.hour ? 'hour' : 'day';
}

/** The buckets that the range touches, with what was counted in each. The latest ones where there are too many. */
export function fill(counts: ReadonlyMap<Timestamp, number>, range: TimeRange, step: BucketStep): Bucket[] {
  return bucketsIn(range, step).map((at) => ({ at, count: counts.get(at) ?? 0 }));
}

/** Where the buckets begin that the range touches. */
export function bucketsIn({ from, to }: TimeRange, step: BucketStep): Timestamp[] {
  const length = STEPS[step];
  const last = bucketOf(Math.max(from, to - 1), step);
  const first = Math.max(bucketOf(from, step), last - (MAX_BUCKETS - 1) * length);
  return Array.from({ length: (last - first) / length + 1 }, (_, index) => first + index * length);
}
