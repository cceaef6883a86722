import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureErrorLog, ErrorAnalysisEngine, LocalFilesCodeProvider } from 'patrol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'patrol-receiver-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let files = 0;
/** Runs a real file that fails, and analyses what it threw. */
async function analyse(body: string) {
  const file = join(root, `case-${files++}.mjs`);
  await writeFile(file, `export function run(input) {\n${body}\n}\n`);
  const { run } = (await import(/* @vite-ignore */ file)) as { run: (input: unknown) => unknown };
  const engine = new ErrorAnalysisEngine({ codeProvider: new LocalFilesCodeProvider({ root }) });
  try {
    run({ list: [], nested: { none: null } });
  } catch (error) {
    return engine.processErrorLog({ errorLog: captureErrorLog(error) });
  }
  throw new Error('it should have failed');
}

describe('a property of nothing', () => {
  test.each([
    [
      'return input.customer.address;',
      '`input.customer` is undefined where the code reads its property "address".',
    ],
    ['return 1 + input.nested.none.x;', '`input.nested.none` is null where the code reads its property "x".'],
    [
      'return input.list[0].price;',
      '`input.list[0]` is undefined where the code reads its property "price".',
    ],
    ["return input['a-b'].c;", '`input[\'a-b\']` is undefined where the code reads its property "c".'],
    [
      'return input.list.find((x) => x).name;',
      '`input.list.find((x) => x)` is undefined where the code reads its property "name".',
    ],
    [
      'return input?.customer.name;',
      '`input?.customer` is undefined where the code reads its property "name".',
    ],
    [
      'const key = "k"; return input.gone[key];',
      '`input.gone` is undefined where the code reads its property "k".',
    ],
    ['input.gone.here = 1;', '`input.gone` is undefined where the code sets its property "here".'],
    ['return input.gone.here();', '`input.gone` is undefined where the code reads its property "here".'],
  ])('%s names the expression that was missing', async (body, rootCause) => {
    expect(await analyse(body)).toMatchObject({ source: 'rules', rootCause, confidenceScore: 55 });
  });

  test.each([
    ['const { a: { b } } = input; return b;'],
    ['return input\n  .gone\n  .here;'],
    ['return [undefined].map(({ x }) => x);'],
  ])('%s leaves the cause as general as it was: the line does not show the expression', async (body) => {
    const { rootCause } = await analyse(body);
    expect(rootCause).not.toContain('`');
  });

  test('inside a dependency says nothing of the line that called it', async () => {
    const { rootCause } = await analyse(
      'return [1].map(globalThis.structuredClone.bind(null)) && Reflect.ownKeys(input.gone).x;',
    );
    expect(rootCause).not.toContain('where the code reads its property');
  });
});
