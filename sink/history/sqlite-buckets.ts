import { LRUCache } from 'lru-cache';
import type { Milliseconds, Timestamp } from '../../src/types.ts';
import type { BucketStep, TimeRange } from './history.ts';
import type { SqliteFile, Value } from './sqlite-file.ts';
import { text } from './sqlite-rows.ts';
import { bucketsIn, STEPS } from './steps.ts';

/** What came in each bucket, error by error. Most buckets are over and change no more: they are read once. */
export interface Buckets {
  /** Occurrences by the id of an error, of those that are wanted. */
  sums(range: TimeRange, step: BucketStep, isWanted: (id: number) => boolean): ReadonlyMap<number, number>;
  /** Something was counted in the bucket of that length that begins there. */
  changed(length: Milliseconds, at: Timestamp): void;
  /** Any of them may have changed. */
  clear(): void;
}

/** A day in which 100,000 errors come every other hour takes about 14 MB. */
const MAX_BYTES = 33_554_432;

/** Ids that are summed side by side. */
const PAGE = 4096;

interface Counts {
  readonly ids: Uint32Array;
  readonly counts: Float64Array;
}

/** See {@link Buckets}. */
export function createBuckets(file: SqliteFile): Buckets {
  const kept = new LRUCache<string, Counts>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ ids, counts }) => 1 + ids.byteLength + counts.byteLength,
  });
  const keyOf = (length: Milliseconds, at: Timestamp): string => `${length} ${at}`;

  const read = (length: Milliseconds, at: Timestamp): Counts => {
    const known = kept.get(keyOf(length, at));
    if (known) return known;
    // As two lists: in rows of their own it takes three times as long.
    const row = file.get(
      'SELECT json_group_array(id) AS ids, json_group_array(count) AS counts FROM counts WHERE step = ? AND at = ?',
      length,
      at,
    );
    const found = {
      ids: Uint32Array.from(numbersIn(row?.ids)),
      counts: Float64Array.from(numbersIn(row?.counts)),
    };
    kept.set(keyOf(length, at), found);
    return found;
  };

  return {
    sums(range, step, isWanted) {
      // Summed in pages of neighbouring ids: a million steps in a map would take as long as all the rest.
      const pages = new Map<number, Float64Array>();
      for (const at of bucketsIn(range, step)) {
        const { ids, counts } = read(STEPS[step], at);
        for (let index = 0; index < ids.length; index++) {
          const id = ids[index] ?? 0;
          const number = Math.floor(id / PAGE);
          let page = pages.get(number);
          if (!page) {
            page = new Float64Array(PAGE);
            pages.set(number, page);
          }
          page[id % PAGE] = (page[id % PAGE] ?? 0) + (counts[index] ?? 0);
        }
      }
      const sums = new Map<number, number>();
      for (const [number, page] of pages) {
        for (const [index, sum] of page.entries()) {
          const id = number * PAGE + index;
          if (sum > 0 && isWanted(id)) sums.set(id, sum);
        }
      }
      return sums;
    },
    changed: (length, at) => kept.delete(keyOf(length, at)),
    clear: () => kept.clear(),
  };
}

/** A list of numbers in a column, as JSON. */
export function numbersIn(json: Value | undefined): readonly number[] {
  return JSON.parse(text(json) || '[]');
}
