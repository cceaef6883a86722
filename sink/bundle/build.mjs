/** Bundles sink/lambda.ts for AWS Lambda into dist/sink/bundle; run by `npm run build`. */
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const outdir = `${root}dist/sink/bundle`;

/** The known errors as JSON: V8 reads that faster than the same objects in code, and they are a third of it all. */
const rulesAsJson = {
  name: 'rules-as-json',
  setup(bundler) {
    bundler.onLoad({ filter: /src[\\/]known-errors[\\/]index\.ts$/ }, async () => {
      const { knownErrors } = await import('../../dist/src/known-errors/index.js');
      const json = JSON.stringify(JSON.stringify(knownErrors));
      return { contents: `export const knownErrors = JSON.parse(${json});`, loader: 'js' };
    });
  },
};

await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { index: 'sink/lambda.ts' },
  outdir,
  bundle: true,
  // What an invocation does not need stays in files of its own: the model's client, the code host's, SQS's.
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  // The AWS SDK's ESM build: smaller than its CommonJS one, and only what is used of it.
  mainFields: ['module', 'main'],
  target: 'node20',
  // Rules are put into the zip as JSON.
  external: ['yaml'],
  minify: true,
  plugins: [rulesAsJson],
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS packages inside still call require() for Node's own modules.
  banner: {
    js: "import{createRequire as __patrolRequire}from'node:module';const require=__patrolRequire(import.meta.url);",
  },
});
