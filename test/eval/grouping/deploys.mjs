import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const shop = fileURLToPath(new URL('shop/', import.meta.url));
const patrol = new URL('../../../dist/src/', import.meta.url).href;

/**
 * How the same program was deployed at five times. `root` is where, below a temporary folder whose name is taken
 * out of the stacks; `shift` moves all lines.
 */
const DEPLOYS = [
  { root: '/usr/src/app', shift: 0, layout: 'npm' },
  { root: '/srv/shop/releases/20250112093011', shift: 7, layout: 'pnpm' },
  { root: '/home/deploy/apps/shop/current', shift: 3, layout: 'npm', stackLimit: 5 },
  { root: '/var/lib/docker/overlay2/9c1f0be3a77d4c2e8b6f5a1d3e90c4b7/merged/app', shift: 12, layout: 'pnpm' },
  { root: '/opt/shop', shift: 1, layout: 'npm', bundle: 'maps' },
];

/** The same program, made small, with maps that lead back. */
const MAPPED = [
  { root: '/usr/src/app', shift: 0, layout: 'npm', bundle: 'minified maps', salt: 2 },
  { root: '/srv/shop/releases/20250203170455', shift: 20, layout: 'pnpm', bundle: 'minified maps', salt: 11 },
  { root: '/app', shift: 4, layout: 'npm', bundle: 'minified maps', salt: 30 },
];

/** Messages that name a variable, and frames that name a class: a map does not tell what both were before. */
const UNMAPPED_CASES = new Set([
  'cart.post.not-a-function',
  'cart.post.not-iterable',
  'documents.format.not-a-function',
  'cart.json',
]);

/** A program that is only ever shipped minified and without maps, under another file name each time. */
const MINIFIED = [
  { root: '/usr/src/app', shift: 0, layout: 'npm', bundle: 'minified', salt: 1 },
  { root: '/srv/shop/releases/20250203170455', shift: 5, layout: 'pnpm', bundle: 'minified', salt: 9 },
  { root: '/app', shift: 9, layout: 'npm', bundle: 'minified', salt: 23 },
];

/** What minified code without maps still tells apart: functions are gone, messages and methods are not. */
const MINIFIED_CASES = [
  'orders.quota',
  'orders.not-found',
  'cart.heaviest.grams',
  'documents.format.range',
  'tree.walk',
];

/** Runs every case in the first deploy alone. */
export const runOnce = (folder, random, names) => run(folder, DEPLOYS[0], random, names);

/** Runs every case in every deploy. Answers `{group, errorLog}` for each. */
export function runDeploys(folder, random, names) {
  const runAll = (prefix, deploys, cases) =>
    deploys.flatMap((deploy, index) =>
      run(
        join(folder, `${deploy.bundle ?? 'plain'}${index}`.replaceAll(' ', '-')),
        deploy,
        random,
        cases,
      ).map(({ group, errorLog }) => ({
        group: prefix + group,
        errorLog,
      })),
    );
  return [
    ...runAll('', DEPLOYS, names),
    ...runAll(
      '',
      MAPPED,
      names.filter((name) => !UNMAPPED_CASES.has(name)),
    ),
    ...runAll('minified.', MINIFIED, MINIFIED_CASES),
  ];
}

function run(base, deploy, random, names) {
  const root = join(base, deploy.root);
  install(root, deploy);
  const entry = deploy.bundle === undefined ? join(root, 'src', 'main.mjs') : bundle(root, deploy, random);
  const input = names.map((name) => ({ name, values: valuesOf(random) }));
  const { stdout, stderr } = spawnSync(process.execPath, [entry], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATROL: patrol, STACK_LIMIT: String(deploy.stackLimit ?? '') },
  });
  if (stdout === '') throw new Error(`The program failed to run: ${stderr}`);
  return JSON.parse(stdout.replaceAll(base, '')).map(({ name, errorLog }) => ({ group: name, errorLog }));
}

function install(root, { shift, layout }) {
  mkdirSync(join(root, 'src'), { recursive: true });
  for (const file of readdirSync(join(shop, 'src'))) {
    const text = readFileSync(join(shop, 'src', file), 'utf8');
    writeFileSync(join(root, 'src', file), `${'// A line more than last time.\n'.repeat(shift)}${text}`);
  }
  const store = layout === 'pnpm' ? '.pnpm/acme-db@1.4.2/node_modules/acme-db' : 'acme-db';
  const target = join(root, 'node_modules', store);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(shop, 'acme-db'), target, { recursive: true });
  writeFileSync(join(target, 'package.json'), '{"name":"acme-db","type":"module","exports":"./index.mjs"}');
  if (layout === 'pnpm') symlinkSync(target, join(root, 'node_modules', 'acme-db'));
}

function bundle(root, { bundle: kind, salt = 0 }, random) {
  const outfile = join(root, 'dist', 'server.mjs');
  // More functions in front of the others give all of them other names when they are made short.
  const more = Array.from({ length: salt }, (_, index) => `export const unused${index} = () => ${index};`);
  writeFileSync(join(root, 'src', 'entry.mjs'), `${more.join('\n')}\nexport * from './main.mjs';\n`);
  buildSync({
    entryPoints: [join(root, 'src', 'entry.mjs')],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    minify: kind.includes('minified'),
    sourcemap: kind.includes('maps') ? 'linked' : false,
    logLevel: 'error',
  });
  if (kind.includes('maps')) return outfile;
  const hashed = join(root, 'dist', `server-${random.upnum(8)}.mjs`);
  renameSync(outfile, hashed);
  return hashed;
}

const valuesOf = (random) => ({
  id: random.pick([() => random.uuid(), () => `ord_${random.mixed(8)}`, () => random.digits(6)])(),
  hex: random.mixed(10),
  number: random.int(2, 900),
  // Nothing listens there: the ports below 20 are not given out.
  port: random.int(2, 19),
  otherPort: random.int(2, 19),
  depth: random.int(0, 30),
});
