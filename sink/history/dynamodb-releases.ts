import { LRUCache } from 'lru-cache';
import type { Timestamp } from '../../src/types.ts';
import { padded } from './dynamodb-errors.ts';
import { type HistoryTable, toTtl } from './dynamodb-table.ts';
import { DAY } from './steps.ts';

/** When releases were first seen: which of two is the older one. */
export interface Releases {
  /** When it was first heard of; that is now, where nobody has before. */
  seen(release: string): Promise<Timestamp>;
  /** Whether a release is older than the one in which an error was resolved. */
  isOlder(release: string | undefined, resolvedIn: string | undefined): Promise<boolean>;
}

/** See {@link Releases}. */
export function createReleases(table: HistoryTable, retention: number, now: () => Timestamp): Releases {
  const releases = new LRUCache<string, Timestamp>({ max: 1000 });

  const seen = async (release: string): Promise<Timestamp> => {
    const known = releases.get(release);
    if (known !== undefined) return known;
    const key = { pk: `release#${release}`, sk: 'release' };
    const first = await table.put(
      { ...key, seen: padded(now()), ttl: toTtl(now() + 4 * retention * DAY) },
      0,
    );
    const seenAt = first ? now() : Number((await table.get(key.pk, key.sk))?.seen ?? now());
    releases.set(release, seenAt);
    return seenAt;
  };

  const isOlder = async (release: string | undefined, resolvedIn: string | undefined): Promise<boolean> => {
    if (release === undefined) return false;
    const seenAt = await seen(release);
    return resolvedIn !== undefined && seenAt < (await seen(resolvedIn));
  };

  return { seen, isOlder };
}
