import type { Timestamp } from '../../src/types.ts';
import { addFigures, type Figures } from './figures.ts';
import type { Buckets } from './sqlite-buckets.ts';
import type { SqliteFile } from './sqlite-file.ts';
import type { StoredError } from './sqlite-rows.ts';
import { bucketOf, STEPS } from './steps.ts';

/** Counts and figures over time, gathered until they are written. */
export interface Counts {
  add(error: StoredError, service: string, at: Timestamp, occurrences: number): void;
  addFigures(service: string, figures: Figures): void;
  /** Writes what was gathered. */
  write(): void;
  /** Drops what was gathered. */
  forget(): void;
}

const COUNT = `INSERT INTO counts (step, at, id, count) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;
const TOTAL = `INSERT INTO totals (step, at, service, count) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;
const FIGURE = `INSERT INTO figures (at, service, figure, value) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = value + excluded.value`;

/** See {@link Counts}. */
export function createCounts(file: SqliteFile, buckets: Buckets, now: () => Timestamp): Counts {
  const counts = new Map<number, Map<StoredError, number>>();
  const totals = new Map<string, Map<number, number>>();
  const figures = new Map<string, Figures>();
  const forget = () => {
    for (const gathered of [counts, totals, figures]) gathered.clear();
  };

  return {
    add(error, service, at, occurrences) {
      const minute = bucketOf(at, 'minute');
      const inMinute = counts.get(minute) ?? new Map<StoredError, number>();
      inMinute.set(error, (inMinute.get(error) ?? 0) + occurrences);
      counts.set(minute, inMinute);
      const ofService = totals.get(service) ?? new Map<number, number>();
      ofService.set(minute, (ofService.get(minute) ?? 0) + occurrences);
      totals.set(service, ofService);
    },
    addFigures(service, more) {
      const sums = figures.get(service) ?? new Map<string, number>();
      addFigures(sums, more);
      figures.set(service, sums);
    },
    write() {
      const steps = Object.keys(STEPS) as (keyof typeof STEPS)[];
      for (const [minute, errors] of counts) {
        // Neighbours in the file one after the other.
        const ordered = [...errors].sort(([a], [b]) => a.id - b.id);
        for (const step of steps) {
          const at = bucketOf(minute, step);
          buckets.changed(STEPS[step], at);
          for (const [{ id }, count] of ordered) file.run(COUNT, STEPS[step], at, id, count);
        }
      }
      for (const [service, minutes] of totals) {
        for (const [minute, count] of minutes) {
          for (const step of steps) file.run(TOTAL, STEPS[step], bucketOf(minute, step), service, count);
        }
      }
      const hour = bucketOf(now(), 'hour');
      for (const [service, sums] of figures) {
        for (const [figure, value] of sums) file.run(FIGURE, hour, service, figure, value);
      }
      forget();
    },
    forget,
  };
}
