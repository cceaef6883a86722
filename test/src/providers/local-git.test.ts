import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { createEngine } from '../../../src/create-engine.ts';
import { createLocalCodeProvider } from '../../../src/providers/local-code.ts';
import { LocalGitCodeProvider } from '../../../src/providers/local-git.ts';
import { createRepository, type TestRepository } from '../../support/github-server.ts';

const OLD = 'export function total(cart) {\n  return cart.items.length;\n}\n';
const NEW =
  '// A header that moves the lines.\n\nexport function total(cart) {\n  return cart?.items.length;\n}\n';

let repository: TestRepository;
let old: string;
let head: string;
let git: LocalGitCodeProvider;
beforeAll(async () => {
  repository = await createRepository();
  await symlink('/etc/hostname', join(repository.directory, 'outside.js'));
  old = await repository.commit(
    {
      'src/cart.js': OLD,
      'src/other.js': 'other();\n',
      '.env': 'A=1\n',
      'logo.bin': 'a\u0000b',
      'big.js': 'x();\n'.repeat(2000),
    },
    'Add the cart',
  );
  head = await repository.commit({ 'src/cart.js': NEW, 'src/added.js': 'added();\n' }, 'Mend the cart');
  git = new LocalGitCodeProvider({ directory: repository.directory, maxFileSize: 5000 });
});
afterAll(() => repository.remove());

describe('a local git repository', () => {
  it('is read at the commit of the event, not as it lies on the disk', async () => {
    await writeFile(join(repository.directory, 'src/other.js'), 'changed();\n');
    const file = await git.readFile({ commit: old }, 'src/cart.js');
    expect(file).toEqual({ path: 'src/cart.js', text: OLD, commit: old, state: 'asked' });
    expect((await git.readFile({ commit: head }, 'src/other.js'))?.text).toBe('other();\n');
  });

  it('is read at HEAD where the commit is unknown, and says so', async () => {
    const commit = 'f'.repeat(40);
    expect(await git.readFile({ commit }, 'src/cart.js')).toMatchObject({
      commit: head,
      state: 'default-branch',
    });
    await expect(git.versionOf({ commit }, 'src/cart.js')).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
  });

  it('takes short hashes, tags and branches', async () => {
    await repository.git('tag', 'v1.0.0', old);
    for (const commit of [old.slice(0, 10), 'v1.0.0']) {
      expect((await git.readFile({ commit }, 'src/cart.js'))?.text).toBe(OLD);
    }
  });

  it.each(['--help', '-h', 'main..old', 'HEAD:src/cart.js', '@{1}', '$(id)', 'a b'])(
    'takes no commit that git could read as something else: %s',
    async (ref) => expect(await git.commitOf({ commit: ref })).toBeUndefined(),
  );

  it('maps the paths of stacks', async () => {
    const at = { commit: old };
    expect(await git.locate(at, '/var/task/src/cart.js')).toBe('src/cart.js');
    expect(await git.locate(at, join(repository.directory, 'src/other.js'))).toBe('src/other.js');
    expect(await git.locate(at, '/var/task/src/added.js')).toBeUndefined();
  });

  it.each(['.env', 'outside.js', 'logo.bin', 'big.js', '../x', '--help', '.git/config', 'none.js'])(
    'shows no secrets, links, binaries, giants and nothing outside: %s',
    async (path) => expect(await git.readFile({ commit: old }, path)).toBeUndefined(),
  );

  it('names contents, lists and searches', async () => {
    const [before, after] = await Promise.all([
      git.versionOf({ commit: old }, 'src/cart.js'),
      git.versionOf({ commit: head }, 'src/cart.js'),
    ]);
    expect(before).toMatch(/^[0-9a-f]{40}$/);
    expect(after).not.toBe(before);
    expect(await git.listFiles({ commit: old })).not.toContain('src/added.js');
    expect(await git.searchFiles({ commit: old }, 'total')).toEqual(['src/cart.js']);
    expect(await git.searchFiles({ commit: old }, '--help')).toEqual([]);
  });

  it('names the commits of a file, or of the lines that matter', async () => {
    const byFile = await git.recentCommits({ commit: head }, 'src/cart.js', 5);
    expect(byFile.map(({ message }) => message)).toEqual(['Mend the cart', 'Add the cart']);
    expect(byFile[0]).toMatchObject({ sha: head, author: 'Ada' });
    expect(byFile[0]?.date).toBeGreaterThan(1e12);
    const last = await repository.commit({ 'src/cart.js': `${NEW}\nexport const later = 1;\n` }, 'Add later');
    const lines = { startLine: 3, endLine: 5 };
    const byLines = await git.recentCommits({ commit: last }, 'src/cart.js', 5, { lines });
    expect(byLines.map(({ message }) => message)).toEqual(['Mend the cart', 'Add the cart']);
    await repository.git('reset', '--quiet', '--hard', head);
  });

  it('tells what a commit did to a file', async () => {
    const change = await git.changeOf({ commit: head }, head, 'src/cart.js');
    expect(change?.split('\n').slice(0, 3)).toEqual([
      '@@ -1,3 +1,5 @@',
      '+// A header that moves the lines.',
      '+',
    ]);
    expect(await git.changeOf({}, head, 'src/other.js')).toBeUndefined();
    expect(await git.changeOf({}, '--output=x', 'src/cart.js')).toBeUndefined();
    const folder = new LocalGitCodeProvider({ directory: join(repository.directory, 'src') });
    expect(await folder.changeOf({}, head, 'cart.js')).toBe(change);
  });

  it('works in a folder of it, and in a bare one', async () => {
    const folder = new LocalGitCodeProvider({ directory: join(repository.directory, 'src') });
    expect(await folder.listFiles({ commit: old })).toEqual(['cart.js', 'other.js']);
    expect((await folder.readFile({ commit: old }, 'cart.js'))?.text).toBe(OLD);
    expect(await folder.searchFiles({ commit: old }, 'total')).toEqual(['cart.js']);
    const lines = { startLine: 1, endLine: 3 };
    expect(await folder.recentCommits({ commit: old }, 'cart.js', 3, { lines })).toHaveLength(1);
    const bare = join(repository.directory, '.bare');
    await repository.git('clone', '--quiet', '--bare', '.', bare);
    const inBare = new LocalGitCodeProvider({ directory: bare });
    expect((await inBare.readFile({ commit: old }, 'src/cart.js'))?.text).toBe(OLD);
  });

  it('that is none says so', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'patrol-no-git-'));
    const none = new LocalGitCodeProvider({ directory });
    await expect(none.readFile({}, 'a.js')).rejects.toThrow(/is no git repository/);
    await rm(directory, { recursive: true });
  });
});

describe("an application's own folder", () => {
  it('is read from git at another commit than HEAD, else as it lies there', async () => {
    const local = createLocalCodeProvider(repository.directory);
    const file = join(repository.directory, 'src/other.js');
    await writeFile(file, 'not committed();\n');
    expect((await local.readFile({ commit: old }, 'src/cart.js'))?.text).toBe(OLD);
    for (const ref of [{}, { commit: head }, { commit: 'e'.repeat(40) }]) {
      expect(await local.readFile(ref, 'src/other.js')).toMatchObject({
        text: 'not committed();\n',
        state: 'working-tree',
      });
    }
  });

  it('gives the engine the code of the commit that failed', async () => {
    const engine = await createEngine(loadConfig({ sourceRoot: repository.directory }, {}));
    const stackTrace = 'TypeError: boom\n    at total (/var/task/src/cart.js:2:15)';
    const errorLog = { message: 'boom', name: 'TypeError', stackTrace };
    const { evidence } = await engine.processErrorLog({ errorLog, commit: old });
    expect(evidence).toEqual([
      { file: 'src/cart.js', line: 2, commit: old, quote: 'return cart.items.length;', verified: true },
    ]);
  });
});
