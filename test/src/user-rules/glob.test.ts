import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesGlob } from '../../../src/user-rules/glob.ts';

it('agrees with the expression of the same meaning', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, (glob, value) => {
      const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
      expect(matchesGlob(glob, value)).toBe(expression.test(value));
    }),
    { numRuns: 2000 },
  );
});

it('looks at no more pairs than there are, whatever the pattern', () => {
  // An expression of the same meaning takes longer than anybody waits.
  expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(4096))).toBe(false);
});
