/** Bundles sink/lambda.ts for AWS Lambda into dist/sink/bundle; run by `npm run build`. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The known errors as JSON: V8 reads that faster than the same objects in code, and they are a third of it all. */
const rulesAsJson = {
  name: 'rules-as-json',
  load: {
    filter: { id: /src[\\/]known-errors[\\/]index\.ts$/ },
    async handler() {
      const { knownErrors } = await import('../../dist/src/known-errors/index.js');
      const json = JSON.stringify(JSON.stringify(knownErrors));
      return { code: `export const knownErrors = JSON.parse(${json});`, moduleType: 'js' };
    },
  },
};

const input = {
  cwd: root,
  input: { index: 'sink/lambda.ts' },
  platform: 'node',
  // The AWS SDK's ESM build: smaller than its CommonJS one, and only what is used of it.
  resolve: { mainFields: ['module', 'main'] },
  // Rules are put into the zip as JSON.
  external: ['yaml', /^node:/],
  logLevel: 'warn',
};

/** The modules that every container loads at its start: all that the entry imports, and what those import. */
async function findEager() {
  const eager = new Set();
  const walk = {
    name: 'walk',
    buildEnd() {
      const add = (id) => {
        if (eager.has(id)) return;
        eager.add(id);
        for (const imported of this.getModuleInfo(id)?.importedIds ?? []) add(imported);
      };
      for (const id of this.getModuleIds()) if (this.getModuleInfo(id)?.isEntry) add(id);
    },
  };
  await build({ ...input, plugins: [rulesAsJson, walk], write: false });
  return eager;
}

const eager = await findEager();
const { output } = await build({
  ...input,
  plugins: [rulesAsJson],
  output: {
    dir: `${root}dist/sink/bundle`,
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    minify: true,
    // What an invocation does not need stays in files of its own: the model's client, the code host's, SQS's.
    // What each container needs is one file: a cold start pays for every file that it has to find.
    codeSplitting: { groups: [{ name: 'eager', test: (id) => eager.has(id) }] },
  },
});

// V8 reads and keeps a file of ASCII as half of what one with a single other character takes.
for (const { fileName } of output) {
  const path = `${root}dist/sink/bundle/${fileName}`;
  const code = await readFile(path, 'utf8');
  const toEscape = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  await writeFile(path, code.replace(/[^\0-\x7f]/g, toEscape));
}
