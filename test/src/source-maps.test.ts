import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashErrorLog } from '../../src/hashing.ts';
import { resolveStackTrace, withSourceFrames } from '../../src/source-maps.ts';

const SOURCE = `
interface Order { total: { amount: number } }
export class Basket {
  constructor(private readonly orders: Order[]) {}
  sum(): number {
    return this.orders.map((order) => amountOf(order)).reduce((a, b) => a + b, 0);
  }
}
function amountOf(order: Order): number {
  return order.total.amount;
}
try {
  new Basket([{} as Order]).sum();
} catch (error) {
  process.stdout.write((error as Error).stack ?? '');
}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patrol maps '));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'basket.ts'), SOURCE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Builds the program, runs it, and gives the stack that it printed. */
function stackOf(name: string, options: BuildOptions): string {
  const outfile = join(folder, 'dist', name);
  buildSync({
    entryPoints: [join(folder, 'src', 'basket.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    logLevel: 'error',
    ...options,
  });
  return spawnSync(process.execPath, [outfile], { encoding: 'utf8' }).stdout;
}

describe('the frames of minified code', () => {
  test.each([
    ['with a map beside the file', 'linked.js', { sourcemap: 'linked' }],
    ['with a map that no comment names', 'external.js', { sourcemap: 'external' }],
    ['with the map in the file', 'inline.js', { sourcemap: 'inline' }],
    ['of an ES module', 'module.mjs', { sourcemap: 'linked', format: 'esm' }],
  ] as const)('%s lead to the source', (_what, name, options) => {
    const stack = stackOf(name, options);
    expect(stack).toContain(`${name}:`);
    const resolved = resolveStackTrace(stack);
    const source = join(folder, 'src', 'basket.ts');
    expect(resolved).toContain(`at amountOf (${source}:10:`);
    expect(resolved).toContain(`at sum (${source}:6:`);
    expect(resolved).not.toContain('dist');
  });

  test('have the same hash whatever the minifier called things', () => {
    const hashes = [false, true].map((minify) => {
      const stack = stackOf(`${minify ? 'small' : 'large'}.js`, { sourcemap: 'linked', minify });
      return hashErrorLog({ message: 'x', stackTrace: resolveStackTrace(stack) }).errorHash;
    });
    expect(hashes[0]).toBe(hashes[1]);
  });

  test('stay as they are without a map', () => {
    const stack = stackOf('plain.js', { sourcemap: false });
    expect(resolveStackTrace(stack)).toBe(stack);
  });
});

describe('a stack comes back as it is', () => {
  const at = (place: string) => `Error: x\n    at f (${place}:1:2)`;

  test.each([
    ['when its files are not there', at('/nowhere/at/all/a.js')],
    ['when its paths are relative', at('dist/a.js')],
    ['when its files are sources already', at('/app/src/a.ts')],
    ['when its files are no code', at('/etc/passwd')],
    ['when its files are Node’s', 'Error: x\n    at f (node:internal/a.js:1:2)'],
    ['when it has no frames', 'Error: x.js:1:2'],
    ['when a line is longer than any path', at(`/${'a/'.repeat(5000)}a.js`)],
  ])('%s', (_what, stack) => {
    expect(resolveStackTrace(stack)).toBe(stack);
  });

  test('when the file is a folder, a device, or its map is broken', () => {
    mkdirSync(join(folder, 'folder.js'));
    writeFileSync(join(folder, 'broken.js'), 'x();\n//# sourceMappingURL=broken.js.map\n');
    writeFileSync(join(folder, 'broken.js.map'), '{"version":3,"mappings":');
    writeFileSync(
      join(folder, 'remote.js'),
      'x();\n//# sourceMappingURL=https://example.com/remote.js.map\n',
    );
    for (const name of ['folder.js', 'broken.js', 'remote.js']) {
      const stack = at(join(folder, name));
      expect(resolveStackTrace(stack)).toBe(stack);
    }
  });

  test('when it is no text', () => {
    expect(resolveStackTrace(undefined as unknown as string)).toBeUndefined();
  });
});

test('an error without anything to lead back is handed on as it is', () => {
  const errorLog = { message: 'x', stackTrace: 'Error: x\n    at f (/nowhere/a.js:1:2)' };
  expect(withSourceFrames(errorLog)).toBe(errorLog);
  const bare = { message: 'x' };
  expect(withSourceFrames(bare)).toBe(bare);
});

describe('a map that lies', () => {
  test.each([
    ['names a source that it does not list', []],
    ['names a file of another host', ['file://elsewhere/src/a.ts']],
  ])('and %s leads nowhere', (name, sources) => {
    const file = join(folder, `${name.replaceAll(' ', '-')}.js`);
    writeFileSync(file, `f()\n//# sourceMappingURL=${name.replaceAll(' ', '-')}.js.map\n`);
    writeFileSync(`${file}.map`, JSON.stringify({ version: 3, sources, names: ['f'], mappings: 'AAAAA' }));
    const stack = `Error: x\n    at f (${file}:1:1)`;
    expect(resolveStackTrace(stack)).toBe(stack);
  });
});
