import pLimit from 'p-limit';
import { messageOf } from '../../src/errors.ts';
import type { Store } from '../../src/stores/store.ts';
import type { Milliseconds } from '../../src/types.ts';

/** Requests at the same time: a thousand new errors at once would make a store of any kind slow, and then seem down. */
const PARALLEL = 16;
/** How long the store is left alone after it failed. */
const PAUSE_MS: Milliseconds = 30_000;

/**
 * A store that never rejects: while the shared one cannot be asked, this process remembers for itself, so that its
 * alerts go on; another process may then send the same one.
 *
 * @param own - What this process remembers in.
 * @param onTrouble - Told once.
 */
export function createSteadyStore(
  shared: Store | undefined,
  own: Store,
  onTrouble: (problem: string) => void,
  now: () => number,
): Omit<Store, 'close'> & { readonly isShared: boolean } {
  const limit = pLimit(PARALLEL);
  let pausedUntil = 0;
  let told = false;

  const ask = async <T>(request: (store: Store) => Promise<T>): Promise<T> => {
    try {
      return await limit(() => request(!shared || pausedUntil > now() ? own : shared));
    } catch (error) {
      if (!shared) throw error;
      pausedUntil = now() + PAUSE_MS;
      if (!told) onTrouble(`${shared.name} cannot be asked: ${messageOf(error)}`);
      told = true;
      return request(own);
    }
  };

  return {
    name: shared?.name ?? own.name,
    isShared: shared !== undefined,
    get: (key) => ask((store) => store.get(key)),
    put: (key, value, ttl) => ask((store) => store.put(key, value, ttl)),
    putIfAbsent: (key, value, ttl) => ask((store) => store.putIfAbsent(key, value, ttl)),
    replace: (key, expected, value, ttl) => ask((store) => store.replace(key, expected, value, ttl)),
    remove: (key, expected) => ask((store) => store.remove(key, expected)),
    increment: (key, by, ttl) => ask((store) => store.increment(key, by, ttl)),
  };
}
