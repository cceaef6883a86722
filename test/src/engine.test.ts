import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  captureErrorLog,
  ErrorAnalysisEngine,
  hashErrorLog,
  LocalFilesCodeProvider,
  PatrolError,
} from 'patrol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RuleDefinition } from '../../src/rules.ts';
import type { ErrorLogEventInput } from '../../src/types.ts';

const SOURCE = `export function total(cart) {
  const items = cart.items;
  return items.reduce((sum, item) => sum + item.price.amount, 0);
}
`;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'patrol-engine-'));
  await writeFile(join(root, 'cart.mjs'), SOURCE);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A real error of a real file. */
async function failingTotal(): Promise<ErrorLogEventInput> {
  const { total } = (await import(/* @vite-ignore */ join(root, 'cart.mjs'))) as {
    total: (cart: unknown) => number;
  };
  try {
    total({ items: [{}] });
  } catch (error) {
    return { errorLog: captureErrorLog(error) };
  }
  throw new Error('it should have failed');
}

const refused: ErrorLogEventInput = {
  errorLog: { message: 'connect ECONNREFUSED 127.0.0.1:5432', name: 'Error', code: 'ECONNREFUSED' },
};
const unheardOf: ErrorLogEventInput = {
  errorLog: { message: 'the frobnicator is out of phase', name: 'FrobError' },
};

describe('an engine without a model', () => {
  test('answers a known error that needs no code by its rule', async () => {
    const result = await new ErrorAnalysisEngine().processErrorLog(refused);
    expect(result).toMatchObject({ source: 'rules', category: 'network', cached: false, occurrences: 1 });
    expect(result.rootCause).toContain('127.0.0.1:5432');
    expect(result.suggestedFix).not.toBe('');
    expect(result.confidenceScore).toBeGreaterThanOrEqual(80);
  });

  test('shows place, code and evidence beside a rule that cannot be certain', async () => {
    const engine = new ErrorAnalysisEngine({ codeProvider: new LocalFilesCodeProvider({ root }) });
    const result = await engine.processErrorLog(await failingTotal());
    expect(result).toMatchObject({
      source: 'rules',
      location: { file: 'cart.mjs', line: 3 },
      evidence: [
        {
          file: 'cart.mjs',
          line: 3,
          quote: 'return items.reduce((sum, item) => sum + item.price.amount, 0);',
          verified: true,
        },
      ],
    });
    expect(result.confidenceScore).toBeLessThan(60);
    expect(result.analysis).toContain('>    3 |   return items.reduce');
    expect(result.confidenceReasons.join(' ')).toContain('No model judged the code: none is configured');
  });

  test('says openly that it found no root cause, and why', async () => {
    const result = await new ErrorAnalysisEngine().processErrorLog(unheardOf);
    expect(result).toMatchObject({ source: 'none', rootCause: '', suggestedFix: '', confidenceScore: 0 });
    expect(result.analysis).toMatch(
      /^No root cause found, because .*no model is configured \(OPENAI_API_KEY\)/,
    );
  });

  test('says where it failed and shows the code around it even when it knows no cause', async () => {
    const event = await failingTotal();
    const engine = new ErrorAnalysisEngine({ rules: [], codeProvider: new LocalFilesCodeProvider({ root }) });
    const { analysis, location } = await engine.processErrorLog(event);
    expect(location).toMatchObject({ file: 'cart.mjs', line: 3 });
    expect(analysis).toContain('It was raised at cart.mjs:3');
    expect(analysis).toContain('>    3 |   return items.reduce');
  });

  test('keeps secrets out of what it says', async () => {
    const password = ['correct', 'horse', 'battery'].join('-');
    const engine = new ErrorAnalysisEngine();
    const result = await engine.processErrorLog({
      errorLog: {
        message: `getaddrinfo ENOTFOUND postgres://app:${password}@db.example.com/app`,
        code: 'ENOTFOUND',
      },
    });
    expect(JSON.stringify(result)).not.toContain(password);
  });
});

describe('equal errors', () => {
  test('are analysed once and then come from the cache, each with its own count', async () => {
    const engine = new ErrorAnalysisEngine();
    const first = await engine.processErrorLog({ ...refused, occurrences: 3 });
    const second = await engine.processErrorLog({
      errorLog: { ...refused.errorLog, message: 'connect ECONNREFUSED 127.0.0.1:9999' },
      occurrences: 40,
    });
    expect(first).toMatchObject({ cached: false, occurrences: 3 });
    expect(second).toMatchObject({ cached: true, occurrences: 40, errorHash: first.errorHash });
    expect(engine.getCacheStats()).toMatchObject({ hits: 1, misses: 1, writes: 1, size: 1 });
  });

  test('share one analysis when they arrive at the same time', async () => {
    const engine = new ErrorAnalysisEngine();
    const results = await Promise.all(Array.from({ length: 24 }, () => engine.processErrorLog(refused)));
    expect(results.filter(({ cached }) => !cached)).toHaveLength(1);
    expect(engine.getCacheStats().writes).toBe(1);
  });

  test('are analysed again when that is asked for, or after the cache was cleared', async () => {
    const engine = new ErrorAnalysisEngine();
    await engine.processErrorLog(refused);
    expect((await engine.processErrorLog(refused, { refresh: true })).cached).toBe(false);
    expect((await engine.processErrorLog(refused)).cached).toBe(true);
    engine.clearCache();
    expect((await engine.processErrorLog(refused)).cached).toBe(false);
  });

  test('of different repositories do not share an answer, those of different commits do', async () => {
    const engine = new ErrorAnalysisEngine();
    const here = { ...refused, repositoryUrl: 'https://github.com/acme/here' };
    await engine.processErrorLog({ ...here, commit: 'aaaaaaa' });
    expect((await engine.processErrorLog({ ...here, commit: 'bbbbbbb' })).cached).toBe(true);
    expect(
      (await engine.processErrorLog({ ...here, repositoryUrl: 'https://github.com/acme/there' })).cached,
    ).toBe(false);
  });

  test('are told apart, or joined, by a fingerprint of their own', async () => {
    const engine = new ErrorAnalysisEngine();
    await engine.processErrorLog(refused);
    expect((await engine.processErrorLog({ ...refused, fingerprint: ['db'] })).cached).toBe(false);
    expect((await engine.processErrorLog({ ...unheardOf, fingerprint: ['db'] })).cached).toBe(true);
  });

  test('have the hash that the application computed before it redacted them', async () => {
    const event = await failingTotal();
    const { errorHash } = await new ErrorAnalysisEngine().processErrorLog(event);
    expect(errorHash).toBe(hashErrorLog(event.errorLog).errorHash);
    expect(errorHash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a batch', () => {
  test('settles each event in its own place; a wrong one harms no neighbour', async () => {
    const wrong = { errorLog: { text: 'no message' } } as unknown as ErrorLogEventInput;
    const settled = await new ErrorAnalysisEngine().processErrorBatch([refused, wrong, unheardOf]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({
      reason: new PatrolError('EVENT_INVALID', 'Expected event.errorLog.message to be a text, got nothing.'),
    });
  });

  test('of nothing is nothing', async () => {
    expect(await new ErrorAnalysisEngine().processErrorBatch([])).toEqual([]);
  });
});

describe("rules of the user's own", () => {
  const mine: RuleDefinition = {
    id: 'acme.frobnicator',
    match: { name: 'FrobError', message: 'out of (?<what>\\w{1,20})' },
    category: 'resource',
    rootCause: 'The frobnicator is out of {what}.',
    suggestedFix: 'Refill it.',
    confidence: 99,
  };

  test('answer what Patrol does not know', async () => {
    const result = await new ErrorAnalysisEngine({ rules: [mine] }).processErrorLog(unheardOf);
    expect(result).toMatchObject({
      source: 'rules',
      ruleId: 'acme.frobnicator',
      rootCause: 'The frobnicator is out of phase.',
      suggestedFix: 'Refill it.',
      confidenceScore: 99,
    });
  });

  test('are refused at start when they are wrong', () => {
    const broken = { ...mine, match: { message: '(' } };
    expect(() => new ErrorAnalysisEngine({ rules: [broken] })).toThrow(
      expect.objectContaining({ code: 'RULE_INVALID', message: expect.stringContaining('acme.frobnicator') }),
    );
  });
});
