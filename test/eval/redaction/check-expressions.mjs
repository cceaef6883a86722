import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { check } from 'recheck';

/**
 * Searches every expression of the redaction for inputs that take more than linear time, and writes down those
 * that are safe, so that the tests need not search again. Takes a minute or two.
 *
 *   node test/eval/redaction/check-expressions.mjs
 */
const root = new URL('../../../', import.meta.url);
const { outputFiles } = await build({
  entryPoints: [new URL('test/support/expressions.ts', root).pathname],
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  write: false,
});
const module = new URL('node_modules/.expressions.mjs', root);
writeFileSync(module, outputFiles[0].contents);
const { expressionsOf, sourceOf } = await import(module.href);

const safe = [];
let doubtful = 0;
for (const { source, flags } of await expressionsOf(sourceOf('redaction/'), sourceOf('redaction.ts'))) {
  const { status } = await check(source, flags, { timeout: 60_000 });
  if (status === 'safe')
    safe.push(createHash('sha256').update(`/${source}/${flags}`).digest('hex').slice(0, 12));
  else {
    doubtful++;
    console.error(`${status}: /${source}/${flags}`);
  }
}
writeFileSync(
  new URL('test/src/redaction-expressions.json', root),
  `${JSON.stringify(safe.sort(), null, 2)}\n`,
);
console.log(`${safe.length} expressions are safe, ${doubtful} are not.`);
process.exit(doubtful === 0 ? 0 : 1);
