import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalFilesCodeProvider } from '../../../src/providers/local-files.ts';

let folder: string;
let root: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-files-'));
  root = join(folder, 'app');
  await mkdir(join(root, 'src', 'routes'), { recursive: true });
  await mkdir(join(root, 'node_modules', 'x'), { recursive: true });
  await writeFile(join(root, 'src', 'routes', 'cart.js'), 'cart\n');
  await writeFile(join(root, 'server.js'), 'server\n');
  await writeFile(join(root, 'logo.bin'), 'a\u0000b');
  await writeFile(join(root, '.env'), 'SECRET=1\n');
  await writeFile(join(root, 'node_modules', 'x', 'index.js'), 'x\n');
  await writeFile(join(folder, 'outside.js'), 'outside\n');
  await symlink(join(folder, 'outside.js'), join(root, 'leak.js'));
  await symlink(join(root, '.env'), join(root, 'env.js'));
  await symlink(join(root, 'server.js'), join(root, 'alias.js'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const files = (maxFileSize?: number): LocalFilesCodeProvider =>
  new LocalFilesCodeProvider({ root, ...(maxFileSize !== undefined && { maxFileSize }) });

describe('local files', () => {
  it.each([
    ['in place', () => join(root, 'src', 'routes', 'cart.js'), 'src/routes/cart.js'],
    ['of a container', () => '/app/src/routes/cart.js', 'src/routes/cart.js'],
    ['of a bundle', () => 'webpack://shop/./src/routes/cart.js', 'src/routes/cart.js'],
    ['at the root', () => '/app/server.js', 'server.js'],
    ['outside', () => join(folder, 'outside.js'), undefined],
    ['of a secret', () => join(root, '.env'), undefined],
    ['of a dependency', () => join(root, 'node_modules', 'x', 'index.js'), undefined],
    ['that is nowhere', () => '/app/src/nowhere.js', undefined],
  ])('are found by a path %s', async (_what, stackPath, path) => {
    expect(await files().locate({}, stackPath())).toBe(path);
  });

  it('are read from the working tree, whatever commit is asked for', async () => {
    expect(await files().readFile({ commit: 'abc' }, 'src/routes/cart.js')).toEqual({
      path: 'src/routes/cart.js',
      text: 'cart\n',
      state: 'working-tree',
    });
    expect((await files().readFile({}, 'alias.js'))?.text).toBe('server\n');
  });

  it.each([
    'leak.js',
    'env.js',
    '.env',
    'node_modules/x/index.js',
    '../outside.js',
    '/etc/passwd',
    'src',
    'logo.bin',
    'nowhere.js',
  ])('%s is not one of them', async (path) => {
    expect(await files().readFile({}, path)).toBeUndefined();
  });

  it('that are too large are not read', async () => {
    expect(await files(3).readFile({}, 'server.js')).toBeUndefined();
  });

  it('are listed without dependencies, secrets and links', async () => {
    expect([...(await files().listFiles({}))].sort()).toEqual([
      'logo.bin',
      'server.js',
      'src/routes/cart.js',
    ]);
  });

  it('of a root that is not there are reported with the variable', async () => {
    const nowhere = new LocalFilesCodeProvider({ root: join(folder, 'nowhere') });
    await expect(nowhere.readFile({}, 'a.js')).rejects.toThrow(/PATROL_SOURCE_ROOT/);
  });
});
