import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ANSWER_SCHEMA } from '../../../src/answer.ts';
import { PatrolError } from '../../../src/errors.ts';
import { OpenAILLMProvider, type OpenAIOptions } from '../../../src/providers/openai.ts';
import type { LLMRequest, LLMResponse } from '../../../src/types.ts';
import {
  type FaultyServer,
  startFaultyServer,
  startOpenAI,
  type TestOpenAI,
} from '../../support/openai-server.ts';

const request: LLMRequest = { system: 'Find the cause.', user: 'TypeError: x', schema: ANSWER_SCHEMA };
let openai: TestOpenAI;
beforeAll(async () => {
  openai = await startOpenAI();
});
afterAll(() => openai.stop());
beforeEach(() => openai.reset());

const provider = (options: Partial<OpenAIOptions> = {}): OpenAILLMProvider =>
  new OpenAILLMProvider({ apiKey: 'sk-very-secret', baseUrl: openai.url, ...options });

const failure = async (call: Promise<LLMResponse>): Promise<PatrolError> => {
  const outcome = await call.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(PatrolError);
  return outcome as PatrolError;
};

describe('a call', () => {
  it('asks for the schema, strictly, with a bound on tokens and without tools', async () => {
    await provider().complete(request);
    const { body, system, user } = openai.requests()[0]!;
    expect({ system, user }).toEqual({ system: request.system, user: request.user });
    expect(body).toMatchObject({ model: 'gpt-4o-mini', temperature: 0, max_completion_tokens: 4000 });
    expect(body.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { strict: true, schema: { additionalProperties: false } },
    });
    expect(body).not.toHaveProperty('tools');
  });

  it('answers with the text, the model and the usage', async () => {
    openai.answer('{"analysis": "x"}');
    const response = await provider().complete(request);
    expect(response).toMatchObject({ text: '{"analysis": "x"}', model: 'gpt-4o-mini' });
    expect(response.usage?.totalTokens).toBeGreaterThan(0);
  });

  it('knows no price on a compatible server unless it is told one', async () => {
    expect((await provider().complete(request)).usage).not.toHaveProperty('costUsd');
    const prices = { 'gpt-4o-mini': { input: 1, output: 2 } };
    const { usage } = await provider({ prices }).complete(request);
    expect(usage?.costUsd).toBeCloseTo((usage!.promptTokens + 2 * usage!.completionTokens) / 1e6, 12);
  });

  it.each(['o3-mini', 'gpt-5'])('leaves the temperature to %s, which refuses one', async (model) => {
    await provider({ model }).complete(request);
    expect(openai.requests()[0]?.body).not.toHaveProperty('temperature');
  });

  it('says when the answer was cut off', async () => {
    openai.answer({ cutOff: '{"analysis": "x' });
    expect((await provider().complete(request)).truncated).toBe(true);
  });

  it('needs no key for a server that asks for none', async () => {
    const open = new OpenAILLMProvider({ baseUrl: openai.url });
    expect((await open.complete(request)).text).not.toBe('');
  });

  it('needs a key or a base URL', () => {
    expect(() => new OpenAILLMProvider({})).toThrow(/OPENAI_API_KEY/);
  });
});

describe('a server that knows less than OpenAI', () => {
  const noSchema = { status: 400, message: "'response_format' of type 'json_schema' is not supported" };

  it('without JSON schemas is asked in JSON mode, with the schema in words, and stays remembered', async () => {
    const llm = provider();
    openai.answer(noSchema, '{"analysis": "x"}', '{"analysis": "y"}');
    expect((await llm.complete(request)).text).toBe('{"analysis": "x"}');
    expect((await llm.complete(request)).text).toBe('{"analysis": "y"}');
    const formats = openai.requests().map(({ body }) => (body.response_format as { type: string }).type);
    expect(formats).toEqual(['json_schema', 'json_object', 'json_object']);
    expect(openai.requests()[1]?.system).toContain(JSON.stringify(ANSWER_SCHEMA));
  });

  it('without JSON mode is asked in words alone', async () => {
    openai.answer(noSchema, { status: 400, message: 'json_object is not supported' }, '{"analysis": "x"}');
    expect((await provider().complete(request)).text).toBe('{"analysis": "x"}');
    expect(openai.requests()[2]?.body).not.toHaveProperty('response_format');
  });

  it('without max_completion_tokens is given max_tokens', async () => {
    openai.answer(
      { status: 400, message: 'Unrecognized field', param: 'max_completion_tokens' },
      '{"analysis": "x"}',
    );
    await provider().complete(request);
    expect(openai.requests()[1]?.body).toMatchObject({ max_tokens: 4000 });
    expect(openai.requests()[1]?.body).not.toHaveProperty('max_completion_tokens');
  });
});

describe('a server that is unwell', () => {
  it('with 500 is asked again', async () => {
    openai.answer({ status: 500 }, { status: 503 }, '{"analysis": "x"}');
    expect((await provider().complete(request)).text).toBe('{"analysis": "x"}');
  });

  it('with nothing but 500 is unavailable after the retries', async () => {
    openai.answer({ status: 500 });
    const error = await failure(provider({ maxRetries: 1 }).complete(request));
    expect(error).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
    expect(openai.requests()).toHaveLength(2);
  });

  it('that asks for more patience than there is time is not waited for', async () => {
    openai.answer({ status: 429, retryAfter: 120 });
    const error = await failure(provider().complete(request, { timeoutMs: 5000 }));
    expect(error).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryAfterMs: 120_000 });
    expect(openai.requests()).toHaveLength(1);
  });

  it.each([
    [401, /OPENAI_API_KEY/],
    [403, /OPENAI_MODEL/],
    [404, /OPENAI_MODEL.*OPENAI_BASE_URL/],
    [400, /context length.*OPENAI_MODEL/],
  ])('with %i is not asked again, and says what to change', async (status, advice) => {
    openai.answer({ status, message: 'bad sk-very-secret: context length' });
    const error = await failure(provider().complete(request));
    expect(error).toMatchObject({ code: 'MODEL_REJECTED', retryable: false });
    expect(error.message).toMatch(advice);
    expect(error.message).not.toContain('sk-very-secret');
    expect(openai.requests()).toHaveLength(1);
  });
});

describe('a server that answers as no proper one would', () => {
  let faulty: FaultyServer | undefined;
  afterEach(() => faulty?.stop());
  const json = { 'content-type': 'application/json' };
  const ask = (options: Partial<OpenAIOptions> = {}, timeoutMs = 10_000): Promise<LLMResponse> =>
    new OpenAILLMProvider({ apiKey: 'k', baseUrl: faulty!.url, ...options }).complete(request, { timeoutMs });

  it.each([
    ['a page', { 'content-type': 'text/html' }, '<html>login</html>', /OPENAI_BASE_URL/],
    ['malformed JSON', json, '{"choices":', /malformed JSON/],
    ['no choices', json, '{"id":"1","choices":[]}', /without a choice/],
    ['a choice of another shape', json, '{"choices":[{"message":"hi"}]}', /without a choice/],
    ['an empty answer', json, '{"choices":[{"message":{"content":" "}}]}', /empty answer/],
    ['null', json, 'null', /without a choice/],
  ])('with %s has given no answer', async (_name, headers, body, message) => {
    faulty = await startFaultyServer((response) => response.writeHead(200, headers).end(body));
    const error = await failure(ask());
    expect(error.code).toBe('MODEL_ANSWER_INVALID');
    expect(error.message).toMatch(message);
  });

  it.each([
    ['refuses', '{"choices":[{"message":{"content":null,"refusal":"I will not."}}]}'],
    ['filters', '{"choices":[{"finish_reason":"content_filter","message":{"content":"{"}}]}'],
  ])('that %s is not asked again', async (_what, body) => {
    faulty = await startFaultyServer((response) => response.writeHead(200, json).end(body));
    expect(await failure(ask())).toMatchObject({ code: 'MODEL_ANSWER_INVALID', retryable: false });
    expect(faulty.hits()).toBe(1);
  });

  it('with silence is given up in time', async () => {
    faulty = await startFaultyServer(() => {});
    const error = await failure(ask({}, 300));
    expect(error).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
    expect(error.message).toContain('300 ms');
  });

  it('with a body that never ends is given up in time', async () => {
    faulty = await startFaultyServer((response) => {
      response.writeHead(200, json).write('{"choices":');
    });
    expect((await failure(ask({}, 300))).code).toBe('MODEL_UNAVAILABLE');
  });

  it('with a broken connection is asked again', async () => {
    faulty = await startFaultyServer((response, hit, incoming) => {
      if (hit === 1) incoming.socket.destroy();
      else response.writeHead(200, json).end('{"choices":[{"message":{"content":"{}"}}]}');
    });
    expect((await ask()).text).toBe('{}');
  });

  it('with retry-after in milliseconds is asked again then', async () => {
    faulty = await startFaultyServer((response, hit) => {
      if (hit === 1) response.writeHead(429, { 'retry-after-ms': '20' }).end('{}');
      else response.writeHead(200, json).end('{"choices":[{"message":{"content":"{}"}}]}');
    });
    expect((await ask()).text).toBe('{}');
  });

  it('that nobody answers at is unavailable', async () => {
    faulty = await startFaultyServer(() => {});
    await faulty.stop();
    const error = await failure(ask({ maxRetries: 0 }));
    expect(error.code).toBe('MODEL_UNAVAILABLE');
    faulty = undefined;
  });

  it('is left when the caller gives up', async () => {
    faulty = await startFaultyServer(() => {});
    const llm = new OpenAILLMProvider({ apiKey: 'k', baseUrl: faulty.url });
    const error = await failure(llm.complete(request, { signal: AbortSignal.timeout(100) }));
    expect(error.code).toBe('DEADLINE_EXCEEDED');
  });
});

describe('the Responses API', () => {
  const overResponses = (options: Partial<OpenAIOptions> = {}) => provider({ api: 'responses', ...options });
  /** A server that gives one answer to every request and keeps what it was asked. */
  const serverOf = async (answer: unknown, status = 200) => {
    const bodies: Record<string, unknown>[] = [];
    const server = await startFaultyServer(async (response, hit, incoming) => {
      bodies.push(JSON.parse(await text(incoming)));
      const given = Array.isArray(answer)
        ? answer[Math.min(hit, answer.length) - 1]
        : { status, body: answer };
      response
        .writeHead(given.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(given.body));
    });
    return { ...server, bodies };
  };
  const message = (...content: object[]) => ({ type: 'message', role: 'assistant', content });
  const said = { type: 'output_text', text: '{"analysis": "x"}' };

  it('is asked for the schema, strictly, and to keep nothing', async () => {
    const server = await serverOf({ output: [{ type: 'reasoning', summary: [] }, message(said)] });
    await overResponses({ baseUrl: server.url }).complete(request);
    expect(server.bodies[0]).toMatchObject({
      instructions: request.system,
      input: request.user,
      store: false,
      temperature: 0,
      max_output_tokens: 4000,
      text: { format: { type: 'json_schema', strict: true, schema: { additionalProperties: false } } },
    });
    expect(server.bodies[0]).not.toHaveProperty('tools');
    await server.stop();
  });

  it('answers with the text, the model, the usage and its cost', async () => {
    const usage = { input_tokens: 1000, output_tokens: 200, total_tokens: 1200 };
    const server = await serverOf({ model: 'gpt-4o-mini-2024-07-18', output: [message(said)], usage });
    const prices = { 'gpt-4o-mini': { input: 1, output: 2 } };
    const response = await overResponses({ baseUrl: server.url, prices }).complete(request);
    expect(response).toEqual({
      text: said.text,
      model: 'gpt-4o-mini-2024-07-18',
      usage: { promptTokens: 1000, completionTokens: 200, totalTokens: 1200, costUsd: 0.0014 },
    });
    await server.stop();
  });

  it('is spoken by a server that counts no tokens, which is not taken for costing nothing', async () => {
    openai.answer('{"analysis": "x"}');
    const response = await overResponses().complete(request);
    expect(response.text).toBe('{"analysis": "x"}');
    expect(response).not.toHaveProperty('usage');
  });

  it.each([
    [
      'was cut off before a word',
      { output: [], incomplete_details: { reason: 'max_output_tokens' } },
      /used up its tokens/,
    ],
    ['was filtered', { output: [], incomplete_details: { reason: 'content_filter' } }, /content filter/],
    ['was refused', { output: [message({ type: 'refusal', refusal: 'No.' })] }, /refused/],
    ['is empty', { output: [] }, /empty answer/],
    ['is of the other API', { choices: [] }, /without a choice/],
  ])('says when the answer %s', async (_what, answer, reason) => {
    const server = await serverOf(answer);
    const error = await failure(overResponses({ baseUrl: server.url }).complete(request));
    expect(error).toMatchObject({ code: 'MODEL_ANSWER_INVALID', message: expect.stringMatching(reason) });
    await server.stop();
  });

  it('marks an answer that was cut off in the middle', async () => {
    const incomplete_details = { reason: 'max_output_tokens' };
    const server = await serverOf({ output: [message(said)], incomplete_details });
    expect((await overResponses({ baseUrl: server.url }).complete(request)).truncated).toBe(true);
    await server.stop();
  });

  it('is asked in words where the server knows no schemas', async () => {
    const refused = {
      error: { message: "Unsupported value: 'text.format.type'", param: 'text.format.type' },
    };
    const server = await serverOf([
      { status: 400, body: refused },
      { status: 400, body: refused },
      { status: 200, body: { output: [message(said)] } },
    ]);
    await overResponses({ baseUrl: server.url }).complete(request);
    expect(
      server.bodies.map(({ text }) => (text as { format: { type: string } } | undefined)?.format.type),
    ).toEqual(['json_schema', 'json_object', undefined]);
    expect(server.bodies[2]?.instructions).toContain('JSON schema');
    await server.stop();
  });

  it('that a server does not have is named in the error', async () => {
    const server = await serverOf({ error: { message: 'Not found' } }, 404);
    const error = await failure(overResponses({ baseUrl: server.url }).complete(request));
    expect(error).toMatchObject({
      code: 'MODEL_REJECTED',
      message: expect.stringContaining('PATROL_OPENAI_API=chat'),
    });
    await server.stop();
  });
});
