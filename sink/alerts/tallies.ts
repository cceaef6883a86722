import { LRUCache } from 'lru-cache';
import type { AnalysisResult, ErrorHash, ErrorLogEvent } from '../../src/types.ts';

/** An analysed event. */
export interface Sighting {
  readonly event: ErrorLogEvent;
  readonly result: AnalysisResult;
}

/** What has come of one error since the last look. */
export interface Tally {
  /** Occurrences that were not reported yet. */
  pending: number;
  /** A message could not be written over in its turn. */
  behind: boolean;
  latest: Sighting;
}

/** Counts occurrences of errors whose messages show counts. Cheap: it is called for every event. */
export interface Tallies {
  add(sighting: Sighting): void;
  /** Those with most to report, each until it is dropped. */
  busiest(): readonly (readonly [ErrorHash, Tally])[];
  /** Nobody has a message about it: it is not counted for a while. */
  drop(errorHash: ErrorHash): void;
  /** There is a message about it from now on. */
  heed(errorHash: ErrorHash): void;
}

/** Errors that are counted at the same time; of more the least recent are forgotten. */
const MAX_ERRORS = 500;
/** Messages that are brought up to date in one round. */
const MAX_BUSIEST = 20;
const IGNORED_MS = 600_000;

/** See {@link Tallies}. */
export function createTallies(now: () => number): Tallies {
  const tallies = new LRUCache<ErrorHash, Tally>({ max: MAX_ERRORS });
  const ignored = new LRUCache<ErrorHash, number>({ max: 10 * MAX_ERRORS });
  return {
    add(sighting) {
      const { errorHash } = sighting.result;
      const tally = tallies.get(errorHash);
      if (tally) {
        tally.pending += sighting.event.occurrences;
        if (!sighting.result.cached) tally.latest = sighting;
        return;
      }
      if ((ignored.get(errorHash) ?? 0) > now()) return;
      tallies.set(errorHash, { pending: sighting.event.occurrences, behind: false, latest: sighting });
    },
    busiest: () =>
      [...tallies.entries()]
        .filter(([, { pending, behind }]) => pending > 0 || behind)
        .sort(([, one], [, other]) => other.pending - one.pending)
        .slice(0, MAX_BUSIEST),
    drop(errorHash) {
      tallies.delete(errorHash);
      ignored.set(errorHash, now() + IGNORED_MS);
    },
    heed(errorHash) {
      ignored.delete(errorHash);
    },
  };
}
