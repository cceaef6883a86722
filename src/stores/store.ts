import type { Milliseconds } from '../types.ts';

/**
 * The port of a store that processes share. Values are text; what is expired is not there, whether or not the
 * store has deleted it. Every method rejects when the store cannot be asked.
 */
export interface Store {
  readonly name: string;
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string, ttl: Milliseconds): Promise<void>;
  /** Of all who try at once, one is told true. */
  putIfAbsent(key: string, value: string, ttl: Milliseconds): Promise<boolean>;
  /** Writes only over `expected`, expired or not; false when somebody else has written meanwhile. */
  replace(key: string, expected: string, value: string, ttl: Milliseconds): Promise<boolean>;
  /** Deletes only `expected`. */
  remove(key: string, expected: string): Promise<void>;
  /** Adds to a number and answers the sum; `ttl` counts from its first use. */
  increment(key: string, by: number, ttl: Milliseconds): Promise<number>;
  close(): void;
}
