import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTopCounter } from '../../../sink/report/distinct-errors.ts';

const countAll = (keys: readonly string[], capacity: number) => {
  const counter = createTopCounter<string>(capacity);
  for (const key of keys)
    counter.add(
      key,
      () => key,
      () => {},
    );
  return counter;
};
const truth = (keys: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};
const keys = fc.array(fc.constantFrom(...'aaaaabbbcdefghij'), { maxLength: 200 });

it('counts exactly what fits', () => {
  fc.assert(
    fc.property(keys, (some) => {
      const counter = countAll(some, 10);
      expect(counter.folded).toBe(0);
      expect(new Map(counter.top().map(({ value, count }) => [value, count]))).toEqual(truth(some));
    }),
  );
});

it('keeps everything that came more often than its share, and says by how much a count may be too high', () => {
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 6 }), (some, capacity) => {
      const counted = countAll(some, capacity).top();
      expect(counted.length).toBeLessThanOrEqual(capacity);
      for (const [key, count] of truth(some)) {
        const found = counted.find(({ value }) => value === key);
        if (count > some.length / capacity) expect(found).toBeDefined();
        if (!found) continue;
        expect(found.count).toBeGreaterThanOrEqual(count);
        expect(found.count - found.over).toBeLessThanOrEqual(count);
        expect(found.over).toBeLessThanOrEqual(some.length / capacity);
      }
    }),
  );
});

it('says how often one made room', () => {
  expect(countAll(['a', 'b', 'c', 'd'], 2).folded).toBe(2);
});
