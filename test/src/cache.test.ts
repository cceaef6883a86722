import { describe, expect, test } from 'vitest';
import { InMemoryCache } from '../../src/cache.ts';
import { PatrolError } from '../../src/errors.ts';

interface Entry {
  readonly text: string;
}
const entry = (text: string): Entry => ({ text });

describe('InMemoryCache', () => {
  test('evicts what was unused for longest when the policy is LRU', () => {
    const cache = new InMemoryCache<Entry>({ maxSize: 2, evictionPolicy: 'LRU' });
    cache.set('a', entry('a'));
    cache.set('b', entry('b'));
    cache.get('a');
    cache.set('c', entry('c'));
    expect([cache.get('a'), cache.get('b'), cache.get('c')].map((found) => found?.text)).toEqual([
      'a',
      undefined,
      'c',
    ]);
  });

  test('evicts the oldest, however often it is read, when the policy is FIFO', () => {
    const cache = new InMemoryCache<Entry>({ maxSize: 2, evictionPolicy: 'FIFO' });
    cache.set('a', entry('a'));
    cache.set('b', entry('b'));
    cache.get('a');
    cache.set('c', entry('c'));
    expect([cache.get('a'), cache.get('b'), cache.get('c')].map((found) => found?.text)).toEqual([
      undefined,
      'b',
      'c',
    ]);
  });

  test('forgets an entry when its time is over', () => {
    let now = 1000;
    const cache = new InMemoryCache<Entry>({ ttl: 60, now: () => now });
    cache.set('a', entry('a'));
    now += 59_000;
    expect(cache.get('a')).toEqual(entry('a'));
    now += 2000;
    expect(cache.get('a')).toBeUndefined();
  });

  test('gives an entry a time of its own when asked to', () => {
    let now = 1000;
    const cache = new InMemoryCache<Entry>({ ttl: 60, now: () => now });
    cache.set('short', entry('short'), 1);
    now += 1500;
    expect(cache.get('short')).toBeUndefined();
  });

  test('counts hits, misses and writes, and tells how full it is', () => {
    const cache = new InMemoryCache<Entry>({ maxSize: 4 });
    cache.set('a', entry('a'));
    cache.get('a');
    cache.get('a');
    cache.get('a');
    cache.get('b');
    expect(cache.stats()).toEqual({
      hits: 3,
      misses: 1,
      writes: 1,
      hitRate: 0.75,
      size: 1,
      maxSize: 4,
      evictionPolicy: 'LRU',
      utilizationPercent: 25,
    });
  });

  test('has a hit rate of 0 before the first look-up', () => {
    expect(new InMemoryCache().stats().hitRate).toBe(0);
  });

  test.each(['LRU', 'FIFO'] as const)(
    'keeps the newest entries when it is made smaller (%s)',
    (evictionPolicy) => {
      const cache = new InMemoryCache<Entry>({ maxSize: 4, evictionPolicy });
      for (const key of ['a', 'b', 'c', 'd']) cache.set(key, entry(key));
      cache.setMaxSize(2);
      expect(cache.stats()).toMatchObject({ size: 2, maxSize: 2 });
      expect([cache.get('a'), cache.get('b'), cache.get('c')?.text, cache.get('d')?.text]).toEqual([
        undefined,
        undefined,
        'c',
        'd',
      ]);
    },
  );

  test('keeps everything when it is made larger', () => {
    const cache = new InMemoryCache<Entry>({ maxSize: 1 });
    cache.set('a', entry('a'));
    cache.setMaxSize(2);
    cache.set('b', entry('b'));
    expect([cache.get('a')?.text, cache.get('b')?.text]).toEqual(['a', 'b']);
  });

  test('computes a missing value once for all who ask at the same time', async () => {
    const cache = new InMemoryCache<Entry>();
    let calls = 0;
    const compute = async () => {
      calls++;
      await new Promise(setImmediate);
      return { value: entry('once') };
    };
    const all = await Promise.all(Array.from({ length: 24 }, () => cache.getOrCompute('k', compute)));
    expect(calls).toBe(1);
    expect(all.filter(({ cached }) => !cached)).toHaveLength(1);
    expect(all.every(({ value }) => value.text === 'once')).toBe(true);
  });

  test('does not store a failure: everyone who waited gets it, the next one computes again', async () => {
    const cache = new InMemoryCache<Entry>();
    let calls = 0;
    const compute = async () => {
      calls++;
      await new Promise(setImmediate);
      if (calls === 1) throw new Error('down');
      return { value: entry('up') };
    };
    const first = await Promise.allSettled([
      cache.getOrCompute('k', compute),
      cache.getOrCompute('k', compute),
    ]);
    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(cache.getOrCompute('k', compute)).resolves.toEqual({ value: entry('up'), cached: false });
  });

  test('forgets all values and keeps its figures when it is cleared', () => {
    const cache = new InMemoryCache<Entry>();
    cache.set('a', entry('a'));
    cache.get('a');
    cache.clear();
    expect(cache.get('a')).toBeUndefined();
    expect(cache.stats()).toMatchObject({ size: 0, hits: 1, misses: 1, writes: 1 });
  });

  test.each([
    [{ maxSize: 0 }, 'Expected maxSize to be a whole number of at least 1, got a number.'],
    [{ maxSize: 1.5 }, 'Expected maxSize to be a whole number of at least 1, got a number.'],
    [{ ttl: 0 }, 'Expected ttl to be a number of seconds above 0, got a number.'],
    [
      { evictionPolicy: 'LFU' as 'LRU' },
      'Expected evictionPolicy to be LRU or FIFO, got a string of 3 characters.',
    ],
  ])('refuses %o with a sentence that names the option', (options, message) => {
    expect(() => new InMemoryCache(options)).toThrow(new PatrolError('CONFIG_INVALID', message));
  });

  test('refuses a new size that is no size and stays as it was', () => {
    const cache = new InMemoryCache<Entry>({ maxSize: 3 });
    cache.set('a', entry('a'));
    expect(() => cache.setMaxSize(Number.NaN)).toThrow('Expected maxSize');
    expect(cache.stats()).toMatchObject({ size: 1, maxSize: 3 });
  });
});
