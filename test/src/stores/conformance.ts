import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Store } from '../../../src/stores/store.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const MINUTE = 60_000;

/** What every store must do; each implementation runs it against a real server. */
export function describesAStore(open: () => Store): void {
  it('keeps a value until it expires', async () => {
    const [store, key] = [open(), randomUUID()];
    expect(await store.get(key)).toBeUndefined();
    await store.put(key, 'ä\u0000\n', MINUTE);
    expect(await store.get(key)).toBe('ä\u0000\n');
    await store.put(key, 'short', 30);
    await pause(60);
    expect(await store.get(key)).toBeUndefined();
  });

  it('lets one of twenty put what is absent', async () => {
    const [store, key] = [open(), randomUUID()];
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.putIfAbsent(key, String(index), MINUTE)),
    );
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await store.get(key)).toBe(String(tries.indexOf(true)));
  });

  it('takes what is expired for absent', async () => {
    const [store, key] = [open(), randomUUID()];
    await store.putIfAbsent(key, 'a', 30);
    await pause(60);
    expect(await store.putIfAbsent(key, 'b', MINUTE)).toBe(true);
  });

  it('replaces only what is expected', async () => {
    const [store, key] = [open(), randomUUID()];
    await store.put(key, 'mine', MINUTE);
    expect(await store.replace(key, 'other', 'x', MINUTE)).toBe(false);
    expect(await store.replace(key, 'mine', 'done', MINUTE)).toBe(true);
    expect(await store.replace(key, 'mine', 'late', MINUTE)).toBe(false);
    expect(await store.get(key)).toBe('done');
  });

  it('removes only what is expected', async () => {
    const [store, key] = [open(), randomUUID()];
    await store.put(key, 'mine', MINUTE);
    await store.remove(key, 'other');
    expect(await store.get(key)).toBe('mine');
    await store.remove(key, 'mine');
    expect(await store.get(key)).toBeUndefined();
  });

  it('counts up, whole numbers and others, until the number expires', async () => {
    const [store, key] = [open(), randomUUID()];
    const sums = await Promise.all(Array.from({ length: 20 }, () => store.increment(key, 1, MINUTE)));
    expect([...sums].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(await store.increment(key, 0.25, MINUTE)).toBeCloseTo(20.25);
    // What was set aside and not spent is given back; nothing added is how it is asked.
    expect(await store.increment(key, -1, MINUTE)).toBeCloseTo(19.25);
    expect(await store.increment(key, 0, MINUTE)).toBeCloseTo(19.25);
    const short = randomUUID();
    await store.increment(short, 5, 30);
    await pause(60);
    expect(await store.increment(short, 1, MINUTE)).toBe(1);
  });
}
