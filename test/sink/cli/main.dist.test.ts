import { describe, expect, it, test } from 'vitest';
import { runApp } from '../../support/run-app.ts';

const CLI = new URL('../../../dist/sink/cli/main.js', import.meta.url);
const patrol = (...args: string[]) => runApp(CLI, { args });

/** Every command, as the help lists them. */
async function commands(): Promise<string[][]> {
  const below = async (path: string[]): Promise<string[][]> => {
    const { stdout } = await patrol(...path, '--help');
    const list = stdout.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
    const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name]) =>
      name === 'help' ? [] : [name ?? ''],
    );
    const inner = await Promise.all(names.map((name) => below([...path, name])));
    return names.length === 0 ? [path] : inner.flat();
  };
  return below([]);
}

describe('the command line', () => {
  it('has help with an example for every command', async () => {
    const all = await commands();
    expect(all.map((path) => path.join(' '))).toEqual(
      expect.arrayContaining(['serve', 'explain', 'rules check']),
    );
    for (const path of all) {
      const { stdout, code } = await patrol(...path, '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\\n.*${path[0]}`));
    }
  });

  test.each([
    ['an unknown command', ['nonsense'], 2],
    ['an unknown option', ['serve', '--nonsense'], 2],
    ['a missing argument', ['complete'], 2],
    ['a file that is not there', ['explain', '/no/such/file'], 1],
    ['a wrong rule file', ['rules', 'validate', '/no/such/file'], 1],
  ])('ends %s with one line and its code', async (_what, args, code) => {
    const run = await patrol(...args);
    expect(run.code).toBe(code);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/^(?:patrol|error): .*\n$/);
  });

  it('writes no colours where nobody sees them', async () => {
    expect((await patrol('--help')).stdout).not.toContain('\u001b[');
  });

  test.each(['bash', 'zsh', 'fish'])('has a script that completes in %s', async (shell) => {
    const { stdout, code } = await patrol('complete', shell);
    expect(code).toBe(0);
    expect(stdout).toContain('patrol');
  });

  it('completes commands and options', async () => {
    expect((await patrol('complete', '--', 'rules', '')).stdout).toMatch(/^validate\t/m);
    expect((await patrol('complete', '--', 'serve', '--')).stdout).toMatch(/^--port\t/m);
  });
});
