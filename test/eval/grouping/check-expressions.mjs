import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';
import { transformSync } from 'esbuild';
import { check } from 'recheck';
import { fingerprintSources } from './sources.mjs';

/**
 * Searches every expression on the way to a hash for inputs that take more than linear time, and writes down those
 * that are safe, so that the tests need not search again. Takes a minute or two.
 *
 *   node test/eval/grouping/check-expressions.mjs
 */
const expressions = new Map();
const collect = (node) => {
  if (Array.isArray(node)) for (const entry of node) collect(entry);
  else if (typeof node === 'object' && node !== null) {
    if (node.regex) expressions.set(`/${node.regex.pattern}/${node.regex.flags}`, node.regex);
    for (const value of Object.values(node)) collect(value);
  }
};
for (const file of fingerprintSources()) {
  const { code } = transformSync(readFileSync(file, 'utf8'), { loader: 'ts' });
  collect(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }));
}

const safe = [];
for (const [text, { pattern, flags }] of expressions) {
  const { status } = await check(pattern, flags, { timeout: 60_000 });
  if (status === 'safe') safe.push(createHash('sha256').update(text).digest('hex').slice(0, 12));
  else console.error(`${status}: ${text}`);
}
const list = fileURLToPath(new URL('../../src/fingerprint-expressions.json', import.meta.url));
writeFileSync(list, `${JSON.stringify(safe.sort(), null, 2)}\n`);
console.log(`${safe.length} of ${expressions.size} expressions are safe.`);
