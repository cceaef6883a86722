import type { ErrorHash, Timestamp } from '../../src/types.ts';
import { padded } from './dynamodb-errors.ts';
import type { HistoryTable } from './dynamodb-table.ts';
import { addFigures, type Figures } from './figures.ts';
import type { BucketStep, TimeRange } from './history.ts';
import { bucketOf, bucketsIn, DAY, KEPT, STEPS } from './steps.ts';

/** Counts and figures over time. They are added up, each by itself: a process that dies between two leaves one out. */
export interface Counts {
  add(hash: ErrorHash, service: string, at: Timestamp, occurrences: number): Promise<void>;
  addFigures(service: string, at: Timestamp, figures: Figures): Promise<void>;
  ofError(hash: ErrorHash, range: TimeRange, step: BucketStep): Promise<ReadonlyMap<Timestamp, number>>;
  ofAll(
    range: TimeRange,
    step: BucketStep,
    service: string | undefined,
  ): Promise<ReadonlyMap<Timestamp, number>>;
  byError(range: TimeRange, step: BucketStep): Promise<ReadonlyMap<ErrorHash, number>>;
  figures(range: TimeRange, service: string | undefined): Promise<Figures>;
}

/** One partition takes 1000 writes a second; the errors of a bucket are spread over so many. */
const SPREAD = 4;
/** How much time shares a partition of totals. */
const PERIOD: Readonly<Record<BucketStep, number>> = { minute: DAY, hour: 30 * DAY, day: 360 * DAY };

/** See {@link Counts}. */
export function createCounts(table: HistoryTable, retention: number): Counts {
  const steps = Object.keys(STEPS) as BucketStep[];
  const kept = (step: BucketStep) => (step === 'day' ? retention * DAY : KEPT[step]);
  const periods = ({ from, to }: TimeRange, length: number): number[] => {
    const first = from - (from % length);
    return Array.from({ length: Math.floor((to - 1 - first) / length) + 1 }, (_, i) => first + i * length);
  };
  const keyOf = (step: BucketStep, at: Timestamp, spread: number) => `counts#${step}#${at}#${spread}`;

  return {
    async add(hash, service, at, occurrences) {
      await Promise.all(
        steps.flatMap((step) => {
          const bucket = bucketOf(at, step);
          const expiresAt = bucket + kept(step);
          const period = bucket - (bucket % PERIOD[step]);
          const count = { count: occurrences };
          return [
            table.add(keyOf(step, bucket, spreadOf(hash)), hash, count, expiresAt),
            table.add(`totals#${step}#${period}`, `${padded(bucket)}#${service}`, count, expiresAt),
          ];
        }),
      );
    },
    addFigures: (service, at, figures) => {
      const hour = bucketOf(at, 'hour');
      const key = `figures#${hour - (hour % PERIOD.hour)}`;
      return table.add(
        key,
        `${padded(hour)}#${service}`,
        Object.fromEntries(figures),
        hour + retention * DAY,
      );
    },
    async ofError(hash, range, step) {
      const keys = bucketsIn(range, step).map((at) => [keyOf(step, at, spreadOf(hash)), hash] as const);
      const items = await table.getAll(keys);
      return new Map(items.map(({ pk, count }) => [Number(String(pk).split('#')[2]), Number(count)]));
    },
    async ofAll(range, step, service) {
      const sums = new Map<Timestamp, number>();
      const items = await query(range, step, 'totals', step);
      for (const { sk, count } of items) {
        const [at, of] = split(String(sk));
        if (service === undefined || of === service) sums.set(at, (sums.get(at) ?? 0) + Number(count));
      }
      return sums;
    },
    async byError(range, step) {
      const keys = bucketsIn(range, step).flatMap((at) =>
        Array.from({ length: SPREAD }, (_, spread) => keyOf(step, at, spread)),
      );
      const sums = new Map<ErrorHash, number>();
      for (const items of await Promise.all(keys.map((pk) => table.query({ pk })))) {
        for (const { sk, count } of items) sums.set(String(sk), (sums.get(String(sk)) ?? 0) + Number(count));
      }
      return sums;
    },
    async figures(range, service) {
      const sums: Figures = new Map();
      for (const item of await query(range, 'hour', 'figures')) {
        const { pk: _, sk, ttl: __, ...figures } = item;
        if (service !== undefined && split(String(sk))[1] !== service) continue;
        addFigures(
          sums,
          Object.entries(figures).map(([name, value]) => [name, Number(value)] as const),
        );
      }
      return sums;
    },
  };

  async function query(range: TimeRange, step: BucketStep, kind: string, name?: string) {
    const head = name === undefined ? kind : `${kind}#${name}`;
    const between = [padded(bucketOf(range.from, step)), padded(range.to)] as const;
    const found = await Promise.all(
      periods(range, PERIOD[step]).map((period) => table.query({ pk: `${head}#${period}`, between })),
    );
    return found.flat();
  }
}

function split(key: string): readonly [Timestamp, string] {
  const end = key.indexOf('#');
  return [Number(key.slice(0, end)), key.slice(end + 1)];
}

function spreadOf(hash: ErrorHash): number {
  return Number.parseInt(hash.slice(-1), 16) % SPREAD;
}
