/** Bundles the dashboard's pages into dist/sink/dashboard/pages; run by `npm run build`. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const source = `${root}sink/dashboard/app/`;
const outdir = `${root}dist/sink/dashboard/pages/`;

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [`${source}main.tsx`, `${source}look/styles.css`, `${source}look/icon.svg`],
  outdir: `${outdir}assets`,
  // A name that changes with the content: browsers may keep the file for ever.
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  bundle: true,
  // Charts are loaded with the first page that has one.
  splitting: true,
  format: 'esm',
  platform: 'browser',
  loader: { '.svg': 'copy' },
  jsx: 'automatic',
  jsxImportSource: 'preact',
  // The last two years' browsers: light-dark(), <dialog>, <search>.
  target: ['chrome123', 'firefox120', 'safari17.5'],
  minify: true,
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
});

const assetOf = (end) => {
  const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(end));
  const [path] = found ?? Object.entries(metafile.outputs).find(([out]) => out.endsWith('.svg'));
  return `/assets/${basename(path)}`;
};
const html = await readFile(`${source}index.html`, 'utf8');
await writeFile(
  `${outdir}index.html`,
  html
    .replace('{script}', assetOf('main.tsx'))
    .replace('{style}', assetOf('styles.css'))
    .replace('{icon}', assetOf('icon.svg')),
);

/** What is bundled must carry its licence: https://opensource.org/license/mit */
const packages = new Set(
  Object.keys(metafile.inputs).flatMap(
    (input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? [],
  ),
);
const licences = await Promise.all(
  [...packages].sort().map(async (name) => {
    const folder = `${root}node_modules/${name}/`;
    const { version } = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
    return `${name} ${version}\n\n${(await readFile(`${folder}LICENSE`, 'utf8')).trim()}\n`;
  }),
);
await writeFile(`${outdir}LICENSES.txt`, licences.join(`\n${'-'.repeat(80)}\n\n`));

/** Compressed once, here, rather than at each request. */
for (const name of await readdir(outdir, { recursive: true })) {
  if (!/\.(?:js|css|svg|html)$/.test(name)) continue;
  const content = await readFile(outdir + name);
  await writeFile(`${outdir}${name}.gz`, gzipSync(content, { level: 9 }));
  await writeFile(`${outdir}${name}.br`, brotliCompressSync(content));
}
