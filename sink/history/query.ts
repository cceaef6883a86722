import { PatrolError } from '../../src/errors.ts';
import type { ErrorQuery } from './history.ts';

/** Errors on a page when nobody says. */
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** Words of a search that count. */
const MAX_WORDS = 8;

/** How many errors a page holds. */
export function limitOf({ limit = DEFAULT_LIMIT }: ErrorQuery): number {
  return Math.min(MAX_LIMIT, Math.max(1, limit));
}

/** The words of a search, in small letters; signs alone are none, unless there is nothing else. */
export function wordsOf({ search = '' }: ErrorQuery): readonly string[] {
  const all = search.toLowerCase().split(/\s+/).filter(Boolean);
  const words = all.filter((word) => /[\p{L}\p{N}]/u.test(word));
  return (words.length > 0 ? words : all).slice(0, MAX_WORDS);
}

/** Where a page ended: nobody but the store reads it. */
export function toCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * The place that a cursor names.
 *
 * @throws {PatrolError} `REQUEST_INVALID` for what is no cursor.
 */
export function fromCursor<T>(
  cursor: string | undefined,
  isPlace: (place: unknown) => place is T,
): T | undefined {
  if (cursor === undefined) return undefined;
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Said below.
  }
  if (isPlace(place)) return place;
  throw new PatrolError('REQUEST_INVALID', 'Expected cursor to be the `next` of the page before.');
}

/** The place in a sorted list: the sorted value, and the number of the error. */
export function isPlace(place: unknown): place is readonly [number, number] {
  return Array.isArray(place) && place.length === 2 && place.every((part) => Number.isFinite(part));
}
