import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRepository } from '../../support/github-server.ts';
import { startOpenAI, type TestOpenAI } from '../../support/openai-server.ts';

const MAIN = fileURLToPath(new URL('../../../dist/sink/cli/main.js', import.meta.url));
const CART = 'export function total(cart) {\n  return cart.items.length;\n}\n';

let model: TestOpenAI;
let folder: string;
beforeAll(async () => {
  model = await startOpenAI();
  folder = await mkdtemp(join(tmpdir(), 'patrol-eval-test-'));
});
afterAll(async () => {
  await model.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const patrol = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, HOME: folder, ...env }, timeout: 60_000 };
    execFile(process.execPath, [MAIN, 'eval', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });

describe('patrol eval', () => {
  it('measures its own cases without a model, reaches its bars, and says what it skipped', async () => {
    const { code, stdout, stderr } = await patrol([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/fix-in-stack +\d+ +\d+ % +\d+ % +\d+ % +\d+/);
    expect(stdout).toMatch(/\d+ paths: \d+ right, \d+ abstained, \d+ wrong/);
    expect(stdout).toContain('Answers: skipped, for no model is configured (OPENAI_API_KEY).');
    expect(stdout).not.toContain('FAIL');
  });

  it('fails under a bar', async () => {
    const { code, stdout } = await patrol([], { MAX_REPOSITORY_CONTEXT_CHARS: '50' });
    expect(code).toBe(1);
    expect(stdout).toContain('FAIL function shown, fix in the stack: 0.0 % (at least 92)');
  });

  it('judges the answers of a model case by case, with cost and time', async () => {
    model.answer({
      rootCause: 'The voucher has no rate.',
      evidence: [{ file: 'src/lib/pricing.js', line: 5, quote: 'return RATES[order.voucher.code].percent;' }],
    });
    const { stdout } = await patrol(['--only', '^js-(lambda|esm)$'], model.env);
    expect(stdout).toMatch(/Answers of gpt-4o-mini, held against the known fix/);
    expect(stdout).toMatch(/js-lambda +yes +no +80 % +unknown +\d+\.\d s/);
    expect(stdout).toMatch(/js-esm +no +no +20 % +unknown/);
    expect(stdout).toContain('1 of 2 found the function of the fix');
  });

  it('asks no model when told so', async () => {
    model.reset();
    const { stdout } = await patrol(['--no-answers', '--only', '^js-lambda$'], model.env);
    expect(stdout).toContain('Answers: skipped, as asked.');
    expect(model.requests()).toHaveLength(0);
  });

  it('measures a folder of cases over mirrors of their repositories', async () => {
    const repository = await createRepository();
    const commit = await repository.commit({ 'src/cart.js': CART });
    await mkdir(join(folder, 'mirrors/acme+shop'), { recursive: true });
    await mkdir(join(folder, 'cases'));
    await rename(repository.directory, join(folder, 'mirrors/acme+shop/repo'));
    const one = {
      id: 'shop-1',
      language: 'javascript',
      repository: 'acme/shop',
      commit,
      kind: 'fix-in-stack',
      event: {
        errorLog: { message: 'boom', stackTrace: 'TypeError: boom\n    at total (/app/src/cart.js:2:15)' },
      },
      fixed: [{ path: 'src/cart.js', ranges: [[2, 2]], functions: [{ range: [1, 3], name: 'total' }] }],
    };
    const rows = [one, { ...one, id: 'other-1', repository: 'acme/other' }];
    await writeFile(join(folder, 'cases/all.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const args = ['--cases', join(folder, 'cases'), '--mirrors', join(folder, 'mirrors')];
    const { code, stdout } = await patrol(args);
    expect(code).toBe(0);
    expect(stdout).toContain('Left out, for their repository is not among the mirrors: acme/other');
    expect(stdout).toMatch(/fix-in-stack +1 +100 % +100 % +100 %/);
  });

  it('says what is wrong with cases that are none', async () => {
    await mkdir(join(folder, 'broken'));
    await writeFile(join(folder, 'broken/a.jsonl'), '{"id": "x"}\n');
    const { code, stderr } = await patrol(['--cases', join(folder, 'broken'), '--mirrors', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^patrol: a\.jsonl:1 is no case: language: /);
    expect((await patrol(['--cases', folder])).stderr).toContain('Expected --mirrors');
  });
});
