/**
 * Bundles what an application loads into dist/transports/bundle; run by `npm run build`. To find, read and link 130
 * files takes twice as long as a few files of the same code, and more memory in each thread that loads them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('../../', import.meta.url));

const { output } = await build({
  cwd: root,
  input: {
    winston: 'transports/winston.ts',
    pino: 'transports/pino.ts',
    register: 'transports/register.ts',
  },
  platform: 'node',
  // Packages stay packages: they are the application's to update.
  external: (id) => !/^([./]|[a-z]:)/i.test(id),
  logLevel: 'warn',
  output: {
    dir: `${root}dist/transports/bundle`,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    comments: false,
  },
});

// A file with a single character beyond ASCII takes twice the memory.
for (const { fileName } of output) {
  const path = `${root}dist/transports/bundle/${fileName}`;
  const code = await readFile(path, 'utf8');
  const ascii = code.replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  await writeFile(path, ascii);
}
