import { LRUCache } from 'lru-cache';
import type { Timestamp } from '../types.ts';
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
  /** What it holds at the start. */
  readonly content?: MemoryStoreContent;
  /** Told of every change. */
  readonly onChange?: () => void;
}

/** All that a store holds: keys, values, and when each expires, least recently used first. */
export type MemoryStoreContent = readonly (readonly [key: string, value: string, expiresAt: Timestamp])[];

/** See {@link createMemoryStore}. */
export interface MemoryStore extends Store {
  /** What is valid now. */
  content(): MemoryStoreContent;
}

/** A store of one process alone. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { maxSize = 10_000, now = Date.now, content = [], onChange = () => {} } = options;
  const entries = new LRUCache<string, Entry>({ max: maxSize });
  for (const [key, value, expiresAt] of content) entries.set(key, { value, expiresAt });
  const valid = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.expiresAt > now() ? entry : undefined;
  };
  const set = (key: string, value: string, ttl: number) => {
    entries.set(key, { value, expiresAt: now() + ttl });
    onChange();
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
      if (entries.get(key)?.value !== expected) return;
      entries.delete(key);
      onChange();
    },
    async increment(key, by, ttl) {
      const entry = valid(key);
      const sum = Number(entry?.value ?? 0) + by;
      set(key, String(sum), entry ? entry.expiresAt - now() : ttl);
      return sum;
    },
    content: () =>
      [...entries.entries()]
        .reverse()
        .flatMap(([key, { value, expiresAt }]) =>
          expiresAt > now() ? [[key, value, expiresAt] as const] : [],
        ),
    close() {
      entries.clear();
    },
  };
}
