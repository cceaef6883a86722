import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ownCases } from '../../../sink/eval/own-cases/index.ts';
import { measurePaths } from '../../../sink/eval/paths.ts';
import { findMirror, withOwnCases } from '../../../sink/eval/repositories.ts';
import { parseStackTrace } from '../../../src/stacktrace.ts';

const run = promisify(execFile);
const byId = (id: string) => ownCases.find((one) => one.id === id)!;
/** Writes a case's program, runs a script in it, and gives what it printed with the folder under its deployed name. */
async function print(id: string, script: string, deployed: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'patrol-own-')));
  for (const [path, text] of Object.entries(byId(id).files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: folder });
  await rm(folder, { recursive: true });
  return stdout.replaceAll(folder, deployed);
}
const own = (stack: string, id: string): string[] =>
  stack
    .split('\n')
    .filter((line) => line.includes(id))
    .map((line) => line.trim());

describe("Patrol's own cases", () => {
  it.each(ownCases.map((one) => [one.id, one] as const))(
    '%s names its fault within its files',
    (_id, one) => {
      for (const { path, ranges, functions } of one.fixed) {
        const lines = one.files[path]!.split('\n');
        for (const [first, last] of ranges) {
          expect(lines[first - 1]?.trim()).toBeTruthy();
          expect(functions.some(({ range }) => range[0] <= first && last <= range[1])).toBe(true);
        }
        for (const { range } of functions) expect(lines[range[1] - 1]).toBeDefined();
      }
      const stack = parseStackTrace(one.errorLog.stackTrace!);
      if (one.kind !== 'noInApp') expect(stack.frames.some(({ inApp }) => inApp)).toBe(true);
      expect(stack.language).toBe(one.language === 'typescript' ? 'javascript' : one.language);
    },
  );

  it('are real: what Node prints today is what was recorded', async () => {
    const handler = "require('./src/handler').handler({orderId: 'o-2'}).catch((e) => console.log(e.stack))";
    const printed = await print('js-lambda', handler, '/var/task');
    expect(own(printed, '/var/task/')).toEqual(own(byId('js-lambda').errorLog.stackTrace!, '/var/task/'));
    const quote =
      "try { require('./apps/api').quote({ value: 1, weight: 2, country: 'JP' }) } catch (e) { console.log(e.stack) }";
    const monorepo = await print('js-monorepo', quote, '/usr/src/app');
    expect(own(monorepo, '/usr/src/app/')).toEqual(
      own(byId('js-monorepo').errorLog.stackTrace!, '/usr/src/app/'),
    );
  });

  it('stand in repositories that are the same wherever they are built, and gone afterwards', async () => {
    const build = () => withOwnCases((cases) => Promise.resolve(cases.map(({ commit }) => commit)));
    expect(await build()).toEqual(await build());
    const directory = await withOwnCases(([first]) => Promise.resolve(first!.directory));
    expect(await findMirror(dirname(directory), 'patrol/none')).toBeUndefined();
  });
});

describe('path mapping over every deployment', () => {
  it('is right or abstains in 98 %, wrong in at most 1 %, and right in nine of ten', async () => {
    const { cases, right, abstained, wrong } = await measurePaths();
    expect(cases).toBeGreaterThan(400);
    expect((right + abstained) / cases).toBeGreaterThanOrEqual(0.98);
    expect(wrong / cases).toBeLessThanOrEqual(0.01);
    expect(right / cases).toBeGreaterThanOrEqual(0.9);
  });
});
