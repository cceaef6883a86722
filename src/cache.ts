import { LRUCache } from 'lru-cache';
import { describeShape, PatrolError } from './errors.ts';
import type { Seconds } from './types.ts';

/** Which answer goes when the cache is full: the one unused for longest, or the oldest. */
export type EvictionPolicy = 'LRU' | 'FIFO';

/** Options of {@link InMemoryCache}. */
export interface InMemoryCacheOptions {
  /** Most entries kept; the next one evicts. @defaultValue 1000 */
  readonly maxSize?: number;
  /** @defaultValue `LRU` */
  readonly evictionPolicy?: EvictionPolicy;
  /** How long an entry stays valid. @defaultValue 86 400 */
  readonly ttl?: Seconds;
  /** Clock in milliseconds that never goes back. @defaultValue `performance.now` */
  readonly now?: () => number;
}

/** Figures of an {@link InMemoryCache}. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly writes: number;
  /** `hits / (hits + misses)`, 0–1; 0 before the first look-up. */
  readonly hitRate: number;
  readonly size: number;
  readonly maxSize: number;
  readonly evictionPolicy: EvictionPolicy;
  /** `size / maxSize` in per cent, 0–100. */
  readonly utilizationPercent: number;
}

/** What {@link InMemoryCache.getOrCompute} found. */
export interface Looked<V> {
  readonly value: V;
  /** False for the one caller that computed; true for all who found the value or waited for it. */
  readonly cached: boolean;
}

type Compute<V> = () => Promise<{ readonly value: V; readonly ttl?: Seconds }>;

/**
 * A bounded cache in memory with single flight: callers who ask for the same missing key at the same time
 * share one computation. What fails is not stored.
 *
 * @example
 * ```ts
 * const cache = new InMemoryCache({ maxSize: 500, evictionPolicy: 'FIFO', ttl: 3600 });
 * ```
 */
export class InMemoryCache<V extends object = object> {
  readonly #ttl: Seconds;
  readonly #policy: EvictionPolicy;
  readonly #now: (() => number) | undefined;
  #entries: LRUCache<string, V>;
  // Beside the library's own `fetch`, which forgets a computation that is evicted while it runs.
  readonly #inFlight = new Map<string, Promise<V>>();
  #hits = 0;
  #misses = 0;
  #writes = 0;

  /** @throws {PatrolError} `CONFIG_INVALID` when an option is out of range. */
  constructor(options: InMemoryCacheOptions = {}) {
    const { maxSize = 1000, evictionPolicy = 'LRU', ttl = 86_400 } = options;
    if (evictionPolicy !== 'LRU' && evictionPolicy !== 'FIFO') {
      throw new PatrolError(
        'CONFIG_INVALID',
        `Expected evictionPolicy to be LRU or FIFO, got ${describeShape(evictionPolicy)}.`,
      );
    }
    if (!(ttl > 0)) {
      throw new PatrolError(
        'CONFIG_INVALID',
        `Expected ttl to be a number of seconds above 0, got ${describeShape(ttl)}.`,
      );
    }
    this.#ttl = ttl;
    this.#policy = evictionPolicy;
    this.#now = options.now;
    this.#entries = this.#create(maxSize);
  }

  /** The value, if it is there and valid; counts as a hit or a miss. */
  get(key: string): V | undefined {
    const value = this.find(key);
    if (value === undefined) this.#misses++;
    return value;
  }

  /** The same, but what is not there is not counted: whoever asks will compute it, and that counts. */
  find(key: string): V | undefined {
    // `peek` leaves the order alone, and so eviction goes by age of insertion: FIFO.
    const value = this.#policy === 'FIFO' ? this.#entries.peek(key) : this.#entries.get(key);
    if (value !== undefined) this.#hits++;
    return value;
  }

  /** The value, if it is there and valid; changes neither figures nor order. */
  peek(key: string): V | undefined {
    return this.#entries.peek(key);
  }

  /** Stores a value for `ttl` seconds, or for the cache's own time. */
  set(key: string, value: V, ttl: Seconds = this.#ttl): void {
    this.#entries.set(key, value, { ttl: ttl * 1000 });
    this.#writes++;
  }

  /**
   * The value, computed once however many ask for it at the same time.
   *
   * @param refresh - Compute again even when a value is there.
   * @throws whatever `compute` rejects with, to everyone who waited for it.
   */
  async getOrCompute(key: string, compute: Compute<V>, refresh = false): Promise<Looked<V>> {
    const running = this.#inFlight.get(key);
    if (running) {
      this.#hits++;
      return { value: await running, cached: true };
    }
    const found = refresh ? undefined : this.get(key);
    if (found) return { value: found, cached: true };
    const started = compute().then(({ value, ttl }) => {
      this.set(key, value, ttl);
      return value;
    });
    this.#inFlight.set(key, started);
    try {
      return { value: await started, cached: false };
    } finally {
      this.#inFlight.delete(key);
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets all values; the figures stay. */
  clear(): void {
    this.#entries.clear();
  }

  /**
   * Changes the bound; when it shrinks, the entries next in line for eviction go at once.
   *
   * @throws {PatrolError} `CONFIG_INVALID` for anything but a whole number of at least 1.
   */
  setMaxSize(maxSize: number): void {
    const resized = this.#create(maxSize);
    resized.load(this.#entries.dump());
    this.#entries = resized;
  }

  stats(): CacheStats {
    this.#entries.purgeStale();
    const { size, max } = this.#entries;
    const lookUps = this.#hits + this.#misses;
    return {
      hits: this.#hits,
      misses: this.#misses,
      writes: this.#writes,
      hitRate: lookUps === 0 ? 0 : this.#hits / lookUps,
      size,
      maxSize: max,
      evictionPolicy: this.#policy,
      utilizationPercent: (size / max) * 100,
    };
  }

  #create(maxSize: number): LRUCache<string, V> {
    if (!Number.isInteger(maxSize) || maxSize < 1) {
      throw new PatrolError(
        'CONFIG_INVALID',
        `Expected maxSize to be a whole number of at least 1, got ${describeShape(maxSize)}.`,
      );
    }
    return new LRUCache<string, V>({
      max: maxSize,
      ttl: this.#ttl * 1000,
      // The time is read ten times a second: an answer may be that much older than it should.
      ttlResolution: 100,
      ...(this.#now && { perf: { now: this.#now }, ttlResolution: 0 }),
    });
  }
}
