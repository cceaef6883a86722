import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amount,
  type Check,
  filledText,
  listOf,
  matching,
  oneOf,
  prepared,
  recordOf,
  text,
  textOrNumber,
  texts,
  urlOf,
  wholeNumber,
} from '../../src/checks.ts';

const EXPECTED = 'something else';
const date = new Date(0);

/** What a check makes of values; what is not named of these is refused. */
const ANYTHING = [undefined, null, true, '', 'a', 'abcdef', '7', 7, 2.5, -1, Number.NaN, [], ['a'], {}, date];

interface Case {
  readonly check: Check<unknown>;
  readonly expected?: string;
  /** Pairs of a value and what is kept of it. */
  readonly takes: readonly (readonly [unknown, unknown])[];
  readonly refuses?: readonly unknown[];
}

const cases: Record<string, Case> = {
  'a text is cut': {
    check: text(3),
    expected: 'a text',
    takes: [
      ['', ''],
      ['a', 'a'],
      ['7', '7'],
      ['abcdef', 'ab…'],
    ],
  },
  'a text or a number is a text': {
    check: textOrNumber(3, EXPECTED),
    takes: [
      ['a', 'a'],
      ['7', '7'],
      ['abcdef', 'ab…'],
      [7, '7'],
      [2.5, '2.5'],
      [-1, '-1'],
      [12_345, '12…'],
    ],
    refuses: [Number.POSITIVE_INFINITY],
  },
  'a whole number has its limits': {
    check: wholeNumber(2, 7, EXPECTED),
    takes: [
      [7, 7],
      [2, 2],
    ],
    refuses: [1, 8, 2 ** 53],
  },
  'texts are few, and cut': {
    check: texts(2, 3),
    expected: 'an array of at most 2 texts',
    takes: [
      [[], []],
      [['a'], ['a']],
      [
        ['abcdef', ''],
        ['ab…', ''],
      ],
    ],
    refuses: [['a', 'b', 'c'], ['a', 7], [7, 'a'], { length: 1 }],
  },
  'a filled text has a length': {
    check: filledText(3, EXPECTED),
    takes: [
      ['a', 'a'],
      ['7', '7'],
      ['abc', 'abc'],
    ],
    refuses: ['abcd', { length: 2 }],
  },
  'a filled text may be long': {
    check: filledText(),
    expected: 'a text',
    takes: [
      ['a', 'a'],
      ['7', '7'],
      ['abcdef', 'abcdef'],
    ],
  },
  'a text has a form': {
    check: matching(/^(?:\d|null)$/, EXPECTED),
    takes: [['7', '7']],
    refuses: ['77', ['7']],
  },
  'a URL has a protocol': {
    check: urlOf(['http', 'https'], EXPECTED),
    takes: [
      ['http://a', 'http://a'],
      ['HTTPS://a/b', 'HTTPS://a/b'],
    ],
    refuses: ['ftp://a', 'a://b', 'http//a', 'httpx://a', new URL('http://a')],
  },
  'a choice is one of them': {
    check: oneOf(['a', 'b'], EXPECTED),
    takes: [
      ['a', 'a'],
      ['b', 'b'],
    ],
    refuses: ['ab', 'A'],
  },
  'an amount may be written out': {
    check: amount(2, 7, EXPECTED),
    takes: [
      ['7', 7],
      [' 2.5 ', 2.5],
      [7, 7],
      [2.5, 2.5],
      [2, 2],
    ],
    refuses: ['1', 8, 1.9, 7.1, ' '],
  },
  'a list holds what passes': {
    check: listOf(wholeNumber(1, 9, EXPECTED), EXPECTED),
    takes: [
      [[], []],
      [
        [1, 2],
        [1, 2],
      ],
    ],
    refuses: [[1, 0], [0, 1], new Set([1]), { length: 0 }],
  },
  'a record holds what passes': {
    check: recordOf(wholeNumber(1, 9, EXPECTED), EXPECTED),
    takes: [
      [{}, {}],
      [
        { a: 1, b: 2 },
        { a: 1, b: 2 },
      ],
    ],
    refuses: [{ a: 1, b: 0 }, { a: 0, b: 1 }, [1]],
  },
  'a prepared value is checked': {
    check: prepared(wholeNumber(3, 7, EXPECTED), (value) => (value === 'a' ? 3 : value)),
    takes: [
      ['a', 3],
      [7, 7],
    ],
  },
};

describe('of a value from outside', () => {
  for (const [name, { check, expected = EXPECTED, takes, refuses = [] }] of Object.entries(cases)) {
    it(name, () => {
      const taken = takes.map(([value]) => JSON.stringify(value));
      for (const [value, kept] of takes) expect(check.read(value)).toEqual(kept);
      const others = ANYTHING.filter((value) => !taken.includes(JSON.stringify(value) ?? 'undefined'));
      for (const value of [...others, ...refuses]) {
        // A date is a record without a field.
        if (value === date && taken.includes('{}')) continue;
        expect(check.read(value), JSON.stringify(value)).toBeUndefined();
      }
      expect(check.expected).toBe(expected);
    });
  }

  it('a check never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (value) => {
        for (const { check } of Object.values(cases)) check.read(value);
      }),
    );
  });
});
