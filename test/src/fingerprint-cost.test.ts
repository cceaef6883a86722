import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fingerprintSources } from '../eval/grouping/sources.mjs';
import { literalsOf } from '../support/expressions.ts';

/**
 * `test/eval/grouping/check-expressions.mjs` searches for inputs on which an expression is slow, and writes down
 * those that it proved linear. Whoever changes one runs it again.
 */
test('every expression that a hostile text meets on its way to a hash was proved linear', () => {
  const safe = new Set<string>(JSON.parse(readFileSync('test/src/fingerprint-expressions.json', 'utf8')));
  const expressions = literalsOf(fingerprintSources());
  expect(expressions.length).toBeGreaterThan(150);
  const doubtful = expressions
    .map(({ source, flags }) => `/${source}/${flags}`)
    .filter((text) => !safe.has(createHash('sha256').update(text).digest('hex').slice(0, 12)));
  expect(doubtful).toEqual([]);
});
