import { exec } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { runApp } from '../../support/run-app.ts';

const CLI = new URL('../../../dist/sink/cli/main.js', import.meta.url);
const patrol = (...args: string[]) => runApp(CLI, { args });

const help = async (...path: string[]) => (await patrol(...path, '--help')).stdout;
/** The commands that a help lists. */
const listed = (text: string): string[] => {
  const list = text.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name]) => (name && name !== 'help' ? [name] : []));
};

describe('the command line', () => {
  it('has help with examples for every command', async () => {
    const names = listed(await help());
    expect(names).toEqual(expect.arrayContaining(['analyze', 'doctor', 'explain', 'rules', 'serve']));
    for (const name of names) {
      const own = await help(name);
      // What has commands of its own has its examples here or there.
      const below = /\nExamples:\n/.test(own) ? [] : listed(own);
      const shown = below.length > 0 ? await Promise.all(below.map((inner) => help(name, inner))) : [own];
      for (const text of shown) expect(text).toMatch(new RegExp(`\nExamples:\n(?:.*\n)*?.*patrol ${name}`));
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

  it('ends quietly when nobody reads on', async () => {
    const { stderr, stdout } = await promisify(exec)(
      `"${process.execPath}" "${fileURLToPath(CLI)}" rules schema | head -c 10`,
    );
    expect(stdout).toHaveLength(10);
    expect(stderr).toBe('');
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
