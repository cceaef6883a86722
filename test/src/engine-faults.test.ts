import type { ServerResponse } from 'node:http';
import { ErrorAnalysisEngine, OpenAILLMProvider, PatrolError } from 'patrol';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnalysisResult, ErrorLogEventInput } from '../../src/types.ts';
import { type FaultyServer, SOUND_ANSWER, startFaultyServer } from '../support/openai-server.ts';

const event: ErrorLogEventInput = { errorLog: { name: 'CartError', message: 'the cart is gone' } };
let server: FaultyServer | undefined;
afterEach(() => server?.stop());

type Fault = (response: ServerResponse, hit: number) => void;
const TIMEOUT_MS = 1500;
const json = { 'content-type': 'application/json' };
const says =
  (content: string, more: Readonly<Record<string, unknown>> = {}): Fault =>
  (response) => {
    const choices = [{ finish_reason: 'stop', message: { content }, ...more }];
    response.writeHead(200, json).end(JSON.stringify({ model: 'm', choices }));
  };
const status =
  (code: number): Fault =>
  (response) => {
    response.writeHead(code, json).end('{"error":{"message":"no"}}');
  };

/** What an engine makes of a model with a fault, and how often it asked. */
async function outcomeOf(fault: Fault): Promise<{ outcome: AnalysisResult | PatrolError; asked: number }> {
  server = await startFaultyServer(fault);
  const llmProvider = new OpenAILLMProvider({ baseUrl: server.url, maxRetries: 1 });
  const engine = new ErrorAnalysisEngine({ llmProvider, timeoutMs: TIMEOUT_MS });
  const outcome = await engine.processErrorLog(event).catch((error: unknown) => error);
  expect(outcome instanceof Error ? outcome : undefined).toBeOneOf([undefined, expect.any(PatrolError)]);
  return { outcome: outcome as AnalysisResult | PatrolError, asked: server.hits() };
}

describe('a fault of the model that may pass', () => {
  it.each<[what: string, fault: Fault, codes: readonly string[]]>([
    ['429', status(429), ['MODEL_UNAVAILABLE']],
    ['500', status(500), ['MODEL_UNAVAILABLE']],
    ['silence', () => {}, ['MODEL_UNAVAILABLE', 'DEADLINE_EXCEEDED']],
    [
      'an answer that drips',
      (response) => {
        response.writeHead(200, json);
        const drip = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(drip));
      },
      ['MODEL_UNAVAILABLE', 'DEADLINE_EXCEEDED'],
    ],
  ])(
    '(%s) ends within the deadline as an error that asks to try again later',
    async (_what, fault, codes) => {
      const { outcome } = await outcomeOf(fault);
      expect(outcome).toBeInstanceOf(PatrolError);
      expect(outcome).toMatchObject({ retryable: true, code: expect.toBeOneOf([...codes]) });
    },
  );
});

describe('an answer that cannot be used', () => {
  it.each<[what: string, fault: Fault, asked: number]>([
    ['malformed JSON from the server', (response) => response.writeHead(200, json).end('{"choices":'), 2],
    [
      'a page with status 200',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
      2,
    ],
    ['an answer of another form', says('{"verdict": 1}'), 2],
    ['an empty answer', says(' '), 2],
    ['a refusal', says('', { message: { content: null, refusal: 'I will not.' } }), 1],
    ['a rejected key', status(401), 1],
  ])('(%s) is an analysis that says so, for a short while', async (_what, fault, asked) => {
    const { outcome, asked: times } = await outcomeOf(fault);
    expect(outcome).toMatchObject({ source: 'none', confidenceScore: 0, ttl: 60 });
    expect((outcome as AnalysisResult).analysis).toMatch(/^No root cause found, because the model/i);
    expect(times).toBe(asked);
  });

  it('in prose is kept as it stands, with little confidence', async () => {
    const { outcome } = await outcomeOf(says('The cart is gone since the session expired.'));
    expect(outcome).toMatchObject({ source: 'llm', analysis: 'The cart is gone since the session expired.' });
    expect((outcome as AnalysisResult).confidenceScore).toBeLessThanOrEqual(10);
  });

  it('because it was cut off is asked for once more, and its whole fields are kept', async () => {
    const cut = JSON.stringify(SOUND_ANSWER).slice(0, 200);
    const { outcome, asked } = await outcomeOf(says(cut, { finish_reason: 'length' }));
    expect(asked).toBe(2);
    expect(outcome).toMatchObject({ source: 'llm', rootCause: SOUND_ANSWER.rootCause });
  });

  it('is mended by asking once more', async () => {
    const { outcome, asked } = await outcomeOf((response, hit) =>
      (hit === 1 ? says('{"verdict": 1}') : says(JSON.stringify(SOUND_ANSWER)))(response, hit),
    );
    expect(asked).toBe(2);
    expect(outcome).toMatchObject({ source: 'llm', rootCause: SOUND_ANSWER.rootCause });
  });
});
