/** One of the things that were counted. */
export interface Counted<T> {
  readonly value: T;
  /** Never less than the truth. */
  readonly count: number;
  /** By how much `count` may be too high: what was counted for those that made room. */
  readonly over: number;
}

/** Counts the most frequent of an unbounded number of things in bounded memory. */
export interface TopCounter<T> {
  /** Counts one; `create` makes what is kept of it when it is (again) among those that are kept, `update` what of it changes. */
  add(key: string, create: () => T, update: (value: T) => void): void;
  /** The most frequent first. */
  top(): readonly Counted<T>[];
  /** How often one made room for another: no more than so many different things are missing. */
  readonly folded: number;
}

interface Entry<T> {
  readonly key: string;
  value: T;
  count: number;
  over: number;
}

/**
 * The Space-Saving sketch (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data
 * Streams", ICDT 2005). Of N counted, everything that came more than N / capacity times is kept, and each count is too
 * high by at most N / capacity. Below the capacity all is exact. Each step takes constant time.
 */
export function createTopCounter<T>(capacity: number): TopCounter<T> {
  const entries = new Map<string, Entry<T>>();
  /** Those that were counted equally often; the first of a set has been there longest. */
  const byCount = new Map<number, Set<Entry<T>>>();
  let least = 1;
  let folded = 0;

  const place = (entry: Entry<T>) => {
    const set = byCount.get(entry.count);
    if (set) set.add(entry);
    else byCount.set(entry.count, new Set([entry]));
  };
  const take = (entry: Entry<T>) => {
    const set = byCount.get(entry.count);
    set?.delete(entry);
    if (set?.size !== 0) return;
    byCount.delete(entry.count);
    // Whatever leaves the lowest place comes back one higher.
    if (entry.count === least) least++;
  };
  const makeRoom = (): number => {
    const [oldest] = byCount.get(least) ?? [];
    if (!oldest) return 0;
    const { count } = oldest;
    take(oldest);
    entries.delete(oldest.key);
    folded++;
    return count;
  };

  return {
    get folded() {
      return folded;
    },
    add(key, create, update) {
      const known = entries.get(key);
      if (known) {
        take(known);
        known.count++;
        place(known);
        update(known.value);
        return;
      }
      const over = entries.size < capacity ? 0 : makeRoom();
      const entry = { key, value: create(), count: over + 1, over };
      entries.set(key, entry);
      place(entry);
      least = Math.min(least, entry.count);
    },
    top: () =>
      [...entries.values()]
        .sort((a, b) => b.count - a.count || a.over - b.over)
        .map(({ value, count, over }) => ({ value, count, over })),
  };
}
