import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  captureErrorLog,
  ErrorAnalysisEngine,
  InMemoryCache,
  LocalFilesCodeProvider,
  OpenAILLMProvider,
  PatrolError,
  parseErrorLogEvent,
  type StoredAnalysis,
  toAnalysisRecord,
} from 'patrol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ErrorLogEventInput } from '../../src/types.ts';
import { startOpenAI, type TestOpenAI } from '../support/openai-server.ts';

let model: TestOpenAI;
let root: string;
let failing: ErrorLogEventInput;

beforeAll(async () => {
  model = await startOpenAI();
  root = await mkdtemp(join(tmpdir(), 'patrol-model-'));
  const file = join(root, 'cart.mjs');
  await writeFile(
    file,
    'export function total(cart) {\n  const { items } = cart;\n  return items.map((item) => item.price.amount);\n}\n',
  );
  const { total } = (await import(/* @vite-ignore */ file)) as { total: (cart: unknown) => unknown };
  try {
    total({ items: [{}] });
  } catch (error) {
    failing = { errorLog: captureErrorLog(error), service: 'shop' };
  }
});
afterAll(async () => {
  await model.stop();
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => model.reset());

const engineWithModel = () =>
  new ErrorAnalysisEngine({
    llmProvider: new OpenAILLMProvider({
      apiKey: 'k',
      baseUrl: model.url,
      model: 'gpt-4o-mini',
      maxRetries: 0,
      prices: { 'gpt-4o-mini': { input: 1, output: 2 } },
    }),
    codeProvider: new LocalFilesCodeProvider({ root }),
  });

const rightAnswer = {
  rootCause: 'An item without a price is in the cart.',
  suggestedFix: 'Skip items without a price.',
  confidence: 90,
  evidence: [{ file: 'cart.mjs', line: 3, quote: 'item.price.amount' }],
};

describe('an engine with a model', () => {
  test('shows it the error and the code, and gives its answer with checked evidence and cost', async () => {
    model.answer(rightAnswer);
    const result = await engineWithModel().processErrorLog(failing);
    expect(result).toMatchObject({
      source: 'llm',
      rootCause: 'An item without a price is in the cart.',
      suggestedFix: 'Skip items without a price.',
      confidenceScore: 90,
      evidence: [{ file: 'cart.mjs', line: 3, quote: 'item.price.amount', verified: true }],
      cached: false,
    });
    expect(result.usage?.totalTokens).toBeGreaterThan(0);
    expect(result.usage?.costUsd).toBeGreaterThan(0);
    const [request] = model.requests();
    expect(request?.user).toContain('return items.map((item) => item.price.amount);');
    expect(request?.user).toContain("Cannot read properties of undefined (reading 'amount')");
    expect(request?.system).not.toContain('amount');
  });

  test('marks a quote that is not in the code and lowers the score', async () => {
    model.answer({
      ...rightAnswer,
      evidence: [{ file: 'cart.mjs', line: 3, quote: 'cart.discount.rate()' }],
    });
    const result = await engineWithModel().processErrorLog(failing);
    expect(result.evidence).toMatchObject([{ verified: false }]);
    expect(result.confidenceScore).toBeLessThanOrEqual(20);
    expect(result.confidenceReasons.join(' ')).toContain('could not be found');
  });

  test('does not ask it where a rule is certain without code', async () => {
    const refused = { errorLog: { message: 'connect ECONNREFUSED 127.0.0.1:1', code: 'ECONNREFUSED' } };
    const result = await engineWithModel().processErrorLog(refused);
    expect(result.source).toBe('rules');
    expect(model.requests()).toHaveLength(0);
  });

  test('tells it what a rule suggests where the code decides', async () => {
    model.answer(rightAnswer);
    await engineWithModel().processErrorLog(failing);
    expect(model.requests()[0]?.user).toContain('js/read-property-of-nullish');
  });

  test('asks once for a hundred equal errors', async () => {
    model.answer(rightAnswer);
    const engine = engineWithModel();
    const results = await engine.processErrorBatch(Array.from({ length: 100 }, () => failing));
    expect(results.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(model.requests()).toHaveLength(1);
  });

  test('rejects when trying again later makes sense, and does not hammer the model meanwhile', async () => {
    model.answer({ status: 429, message: 'slow down' });
    const engine = engineWithModel();
    await expect(engine.processErrorLog(failing)).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      retryable: true,
    });
    await expect(engine.processErrorLog(failing)).rejects.toBeInstanceOf(PatrolError);
    expect(model.requests()).toHaveLength(1);
  });

  test('does not keep a failure as an answer', async () => {
    model.answer({ status: 500 }, rightAnswer);
    const engine = engineWithModel();
    await expect(engine.processErrorLog(failing)).rejects.toMatchObject({ retryable: true });
    await expect(engine.processErrorLog(failing, { refresh: true })).resolves.toMatchObject({
      source: 'llm',
    });
  });

  test('falls back to what the rule knows when the model refuses for good, and says why', async () => {
    model.answer({ status: 401, message: 'bad key' });
    const result = await engineWithModel().processErrorLog(failing);
    expect(result).toMatchObject({
      source: 'rules',
      rootCause: expect.stringContaining('`item.price` is undefined'),
    });
    expect(result.confidenceReasons.join(' ')).toContain('OPENAI_API_KEY');
    expect(result.ttl).toBeLessThanOrEqual(60);
  });

  test('gives up when its time is over', async () => {
    const signal = AbortSignal.abort();
    await expect(engineWithModel().processErrorLog(failing, { signal })).rejects.toMatchObject({
      retryable: true,
    });
  });

  test('explains a failure with all that is known without the model', async () => {
    const engine = engineWithModel();
    model.answer({ status: 503 });
    const failure = await engine.processErrorLog(failing).catch((error: unknown) => error);
    const event = { eventId: 'e', timestamp: 1, occurrences: 2, ...failing };
    expect(engine.explainFailure(event, failure)).toMatchObject({
      source: 'rules',
      occurrences: 2,
      location: { line: 3 },
    });
  });

  test('takes over the answer for a similar error, says so, and does not ask again', async () => {
    model.answer(rightAnswer);
    const engine = engineWithModel();
    const about = (subject: string) => ({
      errorLog: {
        name: 'SyncError',
        message: `could not replicate the inventory of com.acme.${subject} to the standby`,
      },
    });
    const first = await engine.processErrorLog(about('Warehouse'));
    const second = await engine.processErrorLog(about('Storefront'));
    expect(first.similarTo).toBeUndefined();
    expect(second).toMatchObject({ source: 'llm', similarTo: first.errorHash, rootCause: first.rootCause });
    expect(second.errorHash).not.toBe(first.errorHash);
    expect(second.usage).toBeUndefined();
    expect(second.confidenceScore).toBeLessThan(first.confidenceScore);
    expect(second.confidenceReasons[0]).toContain('similar error');
    expect(model.requests()).toHaveLength(1);
    expect(await engine.processErrorLog(about('Storefront'), { refresh: true })).toMatchObject({
      source: 'llm',
    });
    expect(model.requests()).toHaveLength(2);
  });
});

describe('answers in another language', () => {
  const engineIn = (language: string, cache = new InMemoryCache<StoredAnalysis>()) =>
    new ErrorAnalysisEngine({
      cache,
      language,
      llmProvider: new OpenAILLMProvider({ apiKey: 'k', baseUrl: model.url, maxRetries: 0 }),
      codeProvider: new LocalFilesCodeProvider({ root }),
    });
  const korean = {
    ...rightAnswer,
    rootCause: '장바구니에 가격이 없는 상품이 들어 있습니다.',
    suggestedFix: '가격이 없는 상품은 건너뛰세요.',
  };

  test('are asked for, checked and logged like English ones', async () => {
    model.answer(korean);
    const result = await engineIn('ko').processErrorLog(failing);
    expect(model.requests()[0]?.user).toContain('in Korean');
    expect(result).toMatchObject({ rootCause: korean.rootCause, confidenceScore: 90 });
    expect(result.evidence[0]?.verified).toBe(true);
    const { msg } = toAnalysisRecord(parseErrorLogEvent(failing), result);
    expect(msg).toContain(korean.rootCause);
    expect(msg).toContain(korean.suggestedFix);
  });

  test('are not taken from answers in English', async () => {
    const cache = new InMemoryCache<StoredAnalysis>();
    model.answer(rightAnswer, korean);
    const english = await engineIn('en', cache).processErrorLog(failing);
    const inKorean = await engineIn('ko', cache).processErrorLog(failing);
    expect([english.rootCause, inKorean.rootCause]).toEqual([rightAnswer.rootCause, korean.rootCause]);
    expect((await engineIn('ko', cache).processErrorLog(failing)).cached).toBe(true);
  });
});
