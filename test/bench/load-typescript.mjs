/** Loads one of the TypeScript files of the tests' support into plain Node. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const CACHE = new URL('../../node_modules/.cache/patrol-bench/', import.meta.url);

/** @param {URL} file */
export async function loadTypeScript(file) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(file)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
    // Paths beside the source have to stay right.
    define: { 'import.meta.url': JSON.stringify(file.href) },
  });
  await mkdir(CACHE, { recursive: true });
  const built = new URL(`${basename(file.pathname, '.ts')}-${process.pid}.mjs`, CACHE);
  await writeFile(built, outputFiles[0].text);
  try {
    return await import(built.href);
  } finally {
    await rm(built);
  }
}
