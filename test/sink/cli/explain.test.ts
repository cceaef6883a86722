import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { explain, explainAsData } from '../../../sink/cli/explain.ts';
import { hashErrorLog } from '../../../src/hashing.ts';

const folder = mkdtempSync(join(tmpdir(), 'patrol-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const explainText = (text: string) => {
  const file = join(folder, `${files++}.txt`);
  writeFileSync(file, text);
  return explain(file);
};

const STACK = 'TypeError: x is not a function\n    at run (/app/src/job.js:3:5)';
const OTHER = 'TypeError: x is not a function\n    at walk (/app/src/job.js:9:5)';
const hash = hashErrorLog({ message: 'x is not a function', name: 'TypeError', stackTrace: STACK }).errorHash;

describe('patrol explain reads', () => {
  test.each([
    ['a stack as it was printed', STACK],
    [
      'a line of pino',
      JSON.stringify({
        level: 50,
        msg: 'failed',
        err: { type: 'TypeError', message: 'x is not a function', stack: STACK },
      }),
    ],
    ['a line of winston', JSON.stringify({ level: 'error', message: 'x is not a function', stack: STACK })],
    [
      'an event',
      JSON.stringify({ errorLog: { message: 'x is not a function', name: 'TypeError', stackTrace: STACK } }),
    ],
  ])('%s', async (_what, text) => {
    expect(await explainText(text)).toContain(hash);
  });

  test.each([
    ['two stacks parted by a line', `${STACK}\n---\n${OTHER}\n`],
    [
      'two log lines',
      [STACK, OTHER]
        .map((stack) =>
          JSON.stringify({ level: 50, err: { type: 'TypeError', message: 'x is not a function', stack } }),
        )
        .join('\n'),
    ],
    [
      'a list of events',
      JSON.stringify([STACK, OTHER].map((stackTrace) => ({ errorLog: { message: 'x', stackTrace } }))),
    ],
  ])('%s, and says where they differ', async (_what, text) => {
    expect(await explainText(text)).toMatch(/frame +first +run src\/job\.js\n +second +walk src\/job\.js/);
  });
});

test('a fingerprint that came with the event is said to replace everything', async () => {
  const event = { errorLog: { message: 'x' }, fingerprint: ['checkout'] };
  expect(await explainText(JSON.stringify(event))).toMatch(/^custom +checkout$/m);
});

test('secrets are not shown', async () => {
  const secret = ['hunter', 'two', '99'].join('-');
  const text = await explainText(
    `AuthError: login failed: password=${secret}\n    at login (/app/src/auth.js:1:2)`,
  );
  expect(text).not.toContain(secret);
  expect(text).toContain('password=<*>');
});

test('nothing to explain, or nothing to read, is said', async () => {
  await expect(explainText(' \n')).rejects.toThrow('Expected an error to explain');
  await expect(explain(join(folder, 'missing.txt'))).rejects.toThrow('Expected a file that can be read');
});

test('programs get every error with its hash and its parts', async () => {
  const file = join(folder, 'two.txt');
  writeFileSync(file, `${STACK}\n---\n${OTHER}\n`);
  const data = await explainAsData(file);
  expect(data[0]).toMatchObject({ errorHash: hash, fingerprintVersion: 1 });
  expect(data[1]?.parts).toContainEqual(expect.objectContaining({ kind: 'frame', value: 'walk src/job.js' }));
});
