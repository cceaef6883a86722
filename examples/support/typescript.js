import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';

/**
 * A loader hook: Node 20 does not read TypeScript, and the demo uses the very servers that the tests use.
 *
 * @type {import('node:module').LoadHook}
 */
export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const { code } = await transform(await readFile(new URL(url), 'utf8'), { loader: 'ts', format: 'esm' });
  return { format: 'module', source: code, shortCircuit: true };
}
