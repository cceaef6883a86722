import { LRUCache } from 'lru-cache';
import type { Store } from './store.ts';

interface Entry {
  readonly value: string;
  readonly expiresAt: number;
}

/** Options of {@link createMemoryStore}. */
export interface MemoryStoreOptions {
  /** Most entries kept. @defaultValue 10 000 */
  readonly maxSize?: number;
  /** @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** A store of one process alone. */
export function createMemoryStore({ maxSize = 10_000, now = Date.now }: MemoryStoreOptions = {}): Store {
  const entries = new LRUCache<string, Entry>({ max: maxSize });
  const valid = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.expiresAt > now() ? entry : undefined;
  };
  const set = (key: string, value: string, ttl: number) => {
    entries.set(key, { value, expiresAt: now() + ttl });
  };

  return {
    name: 'memory',
    async get(key) {
      return valid(key)?.value;
    },
    async put(key, value, ttl) {
      set(key, value, ttl);
    },
    async putIfAbsent(key, value, ttl) {
      if (valid(key)) return false;
      set(key, value, ttl);
      return true;
    },
    async replace(key, expected, value, ttl) {
      if (entries.get(key)?.value !== expected) return false;
      set(key, value, ttl);
      return true;
    },
    async remove(key, expected) {
      if (entries.get(key)?.value === expected) entries.delete(key);
    },
    async increment(key, by, ttl) {
      const entry = valid(key);
      const sum = Number(entry?.value ?? 0) + by;
      set(key, String(sum), entry ? entry.expiresAt - now() : ttl);
      return sum;
    },
    close() {
      entries.clear();
    },
  };
}
