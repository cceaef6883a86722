import { LRUCache } from 'lru-cache';
import type { Milliseconds, Seconds, Timestamp } from '../../src/types.ts';

/** What came of a token: what it stands for, or nothing; and where it was not looked at, how long to wait. */
export interface Guess<T> {
  readonly found?: T | undefined;
  readonly wait?: Seconds;
}

/** Bounds how often tokens may be guessed. */
export interface Guesses {
  /** Looks a token up for an address, unless too many were wrong of late; right ones cost nothing. */
  weigh<T>(address: string, lookUp: () => T | undefined): Guess<T>;
}

/** Wrong tokens that are looked at within the window: of one address, and of all together. */
const MAX_WRONG = 10;
const MAX_WRONG_OVERALL = 300;
/** From the first wrong one on. Nobody is kept waiting for longer by what others did before. */
const WINDOW_MS: Milliseconds = 60_000;
/** More than can be wrong in a window: nobody gets rid of their own count by means of many addresses. */
const MAX_ADDRESSES = 20_000;
const MAX_KNOWN = 1000;
const OVERALL = 'all';

/**
 * See {@link Guesses}. An address that has brought a right token waits for its own wrong ones only: who guesses from
 * many addresses keeps nobody out of where they have been before.
 * https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
 */
export function createGuesses(now: () => Timestamp = Date.now): Guesses {
  const wrong = new LRUCache<string, number>({
    max: MAX_ADDRESSES,
    ttl: WINDOW_MS,
    noUpdateTTL: true,
    perf: { now },
    ttlResolution: 0,
  });
  const known = new LRUCache<string, true>({ max: MAX_KNOWN });

  const waitFor = (key: string, most: number): Seconds =>
    (wrong.get(key) ?? 0) < most ? 0 : Math.max(1, Math.ceil(wrong.getRemainingTTL(key) / 1000));

  return {
    weigh(address, lookUp) {
      const wait = Math.max(
        waitFor(address, MAX_WRONG),
        known.has(address) ? 0 : waitFor(OVERALL, MAX_WRONG_OVERALL),
      );
      if (wait > 0) return { wait };
      const found = lookUp();
      if (found !== undefined) known.set(address, true);
      else for (const key of [address, OVERALL]) wrong.set(key, (wrong.get(key) ?? 0) + 1);
      return { found };
    },
  };
}
