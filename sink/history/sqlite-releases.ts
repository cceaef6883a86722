import { LRUCache } from 'lru-cache';
import type { Timestamp } from '../../src/types.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { number } from './sqlite-rows.ts';

/** When releases were first seen: which of two is the older one. */
export interface Releases {
  /** When it was first heard of; that is now, where nobody has before. */
  seen(release: string): Timestamp;
  /** Whether a release is older than the one in which an error was resolved. */
  isOlder(release: string | undefined, resolvedIn: string | undefined): boolean;
  /** After a transaction that failed: nothing of it is true. */
  forget(): void;
}

/** See {@link Releases}. */
export function createReleases(file: SqliteFile, now: () => Timestamp): Releases {
  const releases = new LRUCache<string, Timestamp>({ max: 1000 });

  const seen = (release: string): Timestamp => {
    const known = releases.get(release);
    if (known !== undefined) return known;
    file.run('INSERT OR IGNORE INTO releases (release, first_seen) VALUES (?, ?)', release, now());
    const seenAt = number(file.get('SELECT first_seen FROM releases WHERE release = ?', release)?.first_seen);
    releases.set(release, seenAt);
    return seenAt;
  };

  const isOlder = (release: string | undefined, resolvedIn: string | undefined): boolean => {
    if (release === undefined) return false;
    const seenAt = seen(release);
    return resolvedIn !== undefined && seenAt < seen(resolvedIn);
  };

  return { seen, isOlder, forget: () => releases.clear() };
}
