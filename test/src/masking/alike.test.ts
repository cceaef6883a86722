import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differsInIdsOnly, idPattern } from '../../../src/masking/alike.ts';
import { maskText } from '../../../src/masking.ts';

/** What texts are made of: words that the masks look at, signs between them, and numbers in many shapes. */
const piece = fc.oneof(
  fc.constantFrom(
    ...'order user status code 404 503 Bearer password: token= module reading timeout at line is not a function'.split(
      ' ',
    ),
    ...[
      'ENOTFOUND',
      'host:',
      'http://',
      '/srv/',
      'a@b.de',
      '5 MB',
      'Dec',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      '<',
      '=',
    ],
    ...['.', ',', ':', ';', '(', ')', '#', '-', '_', '@', '/', '!', '?', 'ä', '\t'],
  ),
  fc.constant(' '),
  fc.constant(' '),
  fc.constant('\u0000'),
);
const id = fc.oneof(
  fc.integer({ min: 0, max: 9_999_999 }).map(String),
  fc.constantFrom('404', '500', '2024-01-02', '10.0.0.1', '0'),
);
/** Two texts that differ in what stands at each mark. */
const pair = fc
  .array(piece, { minLength: 1, maxLength: 14 })
  .chain((pieces) => {
    const text = pieces.join('');
    const marks = text.split('\u0000').length - 1;
    return fc.tuple(
      fc.constant(text),
      fc.array(fc.tuple(id, id), { minLength: marks, maxLength: marks }),
      fc.constantFrom('', 'E', 'order-', 'A#', 'iterable', 'from'),
    );
  })
  .map(([text, ids, lead]) => {
    const fill = (side: 0 | 1) => {
      let next = 0;
      return text.replaceAll('\u0000', () => lead + (ids[next++] as [string, string])[side]);
    };
    return [fill(0), fill(1)] as const;
  });

const isAlike = (one: string, other: string) => {
  const pattern = idPattern(one);
  return pattern !== undefined && differsInIdsOnly(pattern, other);
};

describe('texts that differ in ids only', () => {
  it('have equal masks', () => {
    let alike = 0;
    fc.assert(
      fc.property(pair, ([one, other]) => {
        if (!isAlike(one, other)) return;
        if (one !== other) alike += 1;
        expect(maskText(one)).toBe(maskText(other));
      }),
      { numRuns: 5000 },
    );
    expect(alike).toBeGreaterThan(50);
  });

  it.each([
    ['card declined for order E#12345#', 'card declined for order E#987654321#'],
    ['Order 123456: not found', 'Order 9876543: not found'],
    ['order 1234567, then 7654321.', 'order 7654321, then 123456789.'],
  ])('are seen: %s', (one, other) => {
    expect(isAlike(one, other)).toBe(true);
  });

  it.each([
    ['a status, which the masks keep', 'status 404', 'status 500'],
    ['a number that may be one', 'took 12 of 5', 'took 13 of 5'],
    ['another word', 'order 1234567 declined', 'order 1234567 refused'],
    ['an end of its own', 'order 1234567', 'order 1234567 again'],
    ['quotes', "order '1234567'", "order '7654321'"],
  ])('are not: %s', (_name, one, other) => {
    expect(isAlike(one, other)).toBe(false);
  });
});
