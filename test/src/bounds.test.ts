import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toPlain, truncate } from '../../src/bounds.ts';

describe('toPlain', () => {
  test('copies plain data as it is', () => {
    const value = { a: 1, b: ['x', null, true], c: { d: 'e' } };
    expect(toPlain(value)).toEqual(value);
    expect(toPlain(value)).not.toBe(value);
  });

  test.each([
    ['BigInt', 12n, '12'],
    ['NaN', Number.NaN, 'NaN'],
    ['symbol', Symbol('s'), 'Symbol(s)'],
    ['function', () => 1, '[function]'],
    ['date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['invalid date', new Date(Number.NaN), 'Invalid Date'],
    ['bytes', Buffer.from('abc'), '[3 bytes]'],
    ['map', new Map([['k', 1]]), { k: 1 }],
    ['set', new Set([1, 2]), [1, 2]],
    ['null', null, null],
  ])('shows a %s as what it is', (_, value, plain) => {
    expect(toPlain(value)).toEqual(plain);
  });

  test('marks a cycle, but not a value that merely stands twice', () => {
    const shared = { x: 1 };
    const value: Record<string, unknown> = { a: shared, b: shared };
    value.self = value;
    expect(toPlain(value)).toEqual({ a: { x: 1 }, b: { x: 1 }, self: '[circular]' });
  });

  test('survives getters, toJSON and proxies that throw', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const value = {
      get bad(): never {
        throw new Error('no');
      },
      toJSON(): never {
        throw new Error('no');
      },
      proxy,
      good: 1,
    };
    expect(toPlain(value)).toEqual({
      bad: '[unreadable]',
      toJSON: '[function]',
      proxy: '[unreadable]',
      good: 1,
    });
  });

  test('cuts depth, breadth, length and number of values', () => {
    expect(toPlain({ a: { b: { c: 1 } } }, { depth: 2 })).toEqual({ a: { b: '[object]' } });
    expect(toPlain([1, 2, 3], { entries: 2 })).toEqual([1, 2, '[1 more]']);
    expect(toPlain({ a: 1, b: 2, c: 3 }, { entries: 2 })).toEqual({ a: 1, b: 2, '[more]': 1 });
    expect(toPlain('abcdef', { stringLength: 4 })).toBe('abc…');
    expect(toPlain([1, 2, 3, 4], { values: 3 })).toEqual([1, 2, '[cut]', '[cut]']);
  });

  test('answers with JSON data of a bounded size, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
        (value) => {
          const text = JSON.stringify(toPlain(value, { values: 50, stringLength: 100 })) ?? '';
          expect(text.length).toBeLessThan(100_000);
        },
      ),
    );
  });
});

describe('truncate', () => {
  test('leaves short text alone and marks a cut', () => {
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncate('abcd', 3)).toBe('ab…');
  });

  test('never leaves half a character', () => {
    expect(truncate('a\u{1F600}b', 3)).toBe('a\uFFFD…');
    expect(truncate('\uD800', 3)).toBe('\uFFFD');
  });
});
