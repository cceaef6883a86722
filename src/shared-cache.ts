import { randomUUID } from 'node:crypto';
import { isRecord } from './bounds.ts';
import { InMemoryCache, type InMemoryCacheOptions, type Looked } from './cache.ts';
import { messageOf, PatrolError, type PatrolErrorCode } from './errors.ts';
import type { Store } from './stores/store.ts';
import type { Milliseconds, Seconds } from './types.ts';

/** Options of {@link SharedCache}. */
export interface SharedCacheOptions extends InMemoryCacheOptions {
  readonly store: Store;
  /** How long one process may work on a key before another takes over: longer than an analysis, shorter than the function's time. */
  readonly leaseTime: Milliseconds;
  /** Told once when the store cannot be asked: from then on this process works for itself, and asks again now and then. */
  readonly onTrouble?: (problem: string) => void;
  /** Told of each answer that was another process's; from then on it is in memory. */
  readonly onSharedHit?: () => void;
}

/** How long the store is left alone after it failed. */
const PAUSE_AFTER_TROUBLE_MS: Milliseconds = 30_000;
/** How long a failure is known to all, when the other side did not say how long to wait. */
const FAILURE_MS: Milliseconds = 5000;
const MAX_FAILURE_MS: Milliseconds = 900_000;
/** DynamoDB takes items of 400 KB; a longer answer stays in the process. */
const MAX_VALUE_LENGTH = 350_000;

/** What stands under a key: one of them. */
interface Entry<V> {
  readonly answer?: V;
  /** When the answer ends, in milliseconds since 1970. */
  readonly until?: number;
  /** The owner's token. */
  readonly lease?: string;
  readonly failed?: { readonly code: PatrolErrorCode; readonly message: string; readonly until: number };
}

interface Answer<V> {
  readonly value: V;
  readonly ttl?: Seconds;
  /** True when another process computed it. */
  readonly shared: boolean;
}

type Compute<V> = () => Promise<{ readonly value: V; readonly ttl?: Seconds }>;

/**
 * The cache in memory with a store behind it that other processes share: of all who meet a new key, one computes.
 *
 * The one holds a lease, a conditional write that ends by itself. Its answer replaces the lease only while it is
 * still its own, so that a late finisher writes over nobody. The others are told `ANALYSED_ELSEWHERE`.
 */
export class SharedCache<V extends object = object> extends InMemoryCache<V> {
  readonly #store: Store;
  readonly #leaseTime: Milliseconds;
  readonly #ttl: Seconds;
  readonly #onTrouble: (problem: string) => void;
  readonly #onSharedHit: (() => void) | undefined;
  #pausedUntil = 0;
  #told = false;

  constructor(options: SharedCacheOptions) {
    super(options);
    this.#store = options.store;
    this.#leaseTime = options.leaseTime;
    this.#ttl = options.ttl ?? 86_400;
    this.#onTrouble = options.onTrouble ?? (() => {});
    this.#onSharedHit = options.onSharedHit;
  }

  /**
   * @throws {PatrolError} `ANALYSED_ELSEWHERE` while another process computes the key; what it failed with when
   *   it failed a moment ago; whatever `compute` rejects with.
   */
  override async getOrCompute(key: string, compute: Compute<V>, refresh = false): Promise<Looked<V>> {
    let shared = false;
    const looked = await super.getOrCompute(
      key,
      async () => {
        const found = refresh ? undefined : await this.#find(key);
        const answer = found ?? (await this.#computeOnce(key, compute, refresh));
        shared = answer.shared;
        if (shared) this.#onSharedHit?.();
        return answer;
      },
      refresh,
    );
    return { value: looked.value, cached: looked.cached || shared };
  }

  /** The answer of another process; undefined when the key is free, or the store cannot be asked. */
  async #find(key: string): Promise<Answer<V> | undefined> {
    const text = await this.#ask(() => this.#store.get(key));
    const { answer, until = 0, lease, failed } = parse<V>(text);
    if (failed) {
      const retryAfterMs = Math.max(0, failed.until - Date.now());
      throw new PatrolError(failed.code, failed.message, { retryable: true, retryAfterMs });
    }
    if (lease !== undefined) throw elsewhere();
    const ttl = (until - Date.now()) / 1000;
    return answer && ttl > 0 ? { value: answer, ttl, shared: true } : undefined;
  }

  async #computeOnce(key: string, compute: Compute<V>, refresh: boolean): Promise<Answer<V>> {
    const lease = JSON.stringify({ lease: randomUUID() } satisfies Entry<V>);
    const won = refresh
      ? await this.#ask(async () => {
          await this.#store.put(key, lease, this.#leaseTime);
          return true;
        })
      : await this.#ask(() => this.#store.putIfAbsent(key, lease, this.#leaseTime));
    // The winner may have answered since we looked.
    if (won === false) return (await this.#find(key)) ?? Promise.reject(elsewhere());
    try {
      const computed = await compute();
      if (won && !(await this.#complete(key, lease, computed))) {
        return (await this.#find(key)) ?? Promise.reject(elsewhere());
      }
      return { ...computed, shared: false };
    } catch (error) {
      if (won) await this.#release(key, lease, error);
      throw error;
    }
  }

  /** False when the lease was lost: another process has taken over, and its answer is the one that counts. */
  async #complete(
    key: string,
    lease: string,
    { value, ttl = this.#ttl }: { readonly value: V; readonly ttl?: Seconds },
  ): Promise<boolean> {
    const ms = ttl * 1000;
    const text = JSON.stringify({ answer: value, until: Date.now() + ms } satisfies Entry<V>);
    if (text.length > MAX_VALUE_LENGTH) {
      await this.#ask(() => this.#store.remove(key, lease));
      return true;
    }
    return (await this.#ask(() => this.#store.replace(key, lease, text, ms))) ?? true;
  }

  /** A failure that may pass is told to all for a while, so that each process does not find out by itself. */
  async #release(key: string, lease: string, error: unknown): Promise<void> {
    // Who waits for the budget is not a matter of the key: the budget itself tells each event apart.
    const isBudget = error instanceof PatrolError && error.code === 'BUDGET_EXCEEDED';
    if (!(error instanceof PatrolError) || !error.retryable || isBudget) {
      await this.#ask(() => this.#store.remove(key, lease));
      return;
    }
    const ms = Math.min(MAX_FAILURE_MS, Math.max(FAILURE_MS, error.retryAfterMs ?? 0));
    const failed = { code: error.code, message: error.message, until: Date.now() + ms };
    await this.#ask(() => this.#store.replace(key, lease, JSON.stringify({ failed }), ms));
  }

  /** Undefined when the store cannot be asked: then this process works for itself. */
  async #ask<T>(request: () => Promise<T>): Promise<T | undefined> {
    if (this.#pausedUntil > Date.now()) return undefined;
    try {
      return await request();
    } catch (error) {
      this.#pausedUntil = Date.now() + PAUSE_AFTER_TROUBLE_MS;
      if (!this.#told) this.#onTrouble(`${this.#store.name} cannot be asked: ${messageOf(error)}`);
      this.#told = true;
      return undefined;
    }
  }
}

function elsewhere(): PatrolError {
  return new PatrolError('ANALYSED_ELSEWHERE', 'Another process is analysing this error at the moment.');
}

/** What is no entry of ours is no entry. */
function parse<V>(text: string | undefined): Entry<V> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? (value as Entry<V>) : {};
  } catch {
    return {};
  }
}
