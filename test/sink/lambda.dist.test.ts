import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AnalysisRecord } from '../../src/analysis-record.ts';
import type { AnalysisResult } from '../../src/types.ts';
import { badRequests, SECRET } from '../support/bad-requests.ts';
import { startEventSourceMapping } from '../support/event-source-mapping.ts';
import { errorEvent, sqsRecord } from '../support/events.ts';
import { type LambdaFunction, type LambdaOptions, startLambda } from '../support/lambda-runtime.ts';
import { SOUND_ANSWER, startOpenAI, type TestOpenAI } from '../support/openai-server.ts';
import { startSqs, type TestSqs } from '../support/sqs.ts';
import { unzip } from '../support/unzip.ts';

const CLI = fileURLToPath(new URL('../../dist/sink/cli/main.js', import.meta.url));

let folder: string;
let zip: string;
let taskRoot: string;
let sqs: TestSqs;
let lambda: LambdaFunction | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-lambda-'));
  zip = join(folder, 'function.zip');
  taskRoot = join(folder, 'code');
  execFileSync(process.execPath, [CLI, 'bundle', '--out', zip]);
  await unzip(zip, taskRoot);
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  sqs = await startSqs();
});
afterEach(async () => {
  await lambda?.stop();
  await sqs.stop();
});

async function start(env: LambdaOptions['env'] = {}): Promise<LambdaFunction> {
  lambda = await startLambda({ taskRoot, env: { ...sqs.env, ...env } });
  return lambda;
}

/** The sink's own lines in the function's log. */
const lines = () =>
  (lambda?.log() ?? '')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('patrol-sink'))
    .map((line) => JSON.parse(line));

describe('patrol bundle', () => {
  it('writes a zip below 1 MB with the handler at its top', async () => {
    expect((await stat(zip)).size).toBeLessThan(1_000_000);
    expect(await readdir(taskRoot)).toContain('index.mjs');
  });

  it('writes the same bytes again, whatever the time zone', async () => {
    const again = join(folder, 'again.zip');
    execFileSync(process.execPath, [CLI, 'bundle', '--out', again], {
      env: { ...process.env, TZ: 'Asia/Tokyo' },
    });
    expect((await readFile(again)).equals(await readFile(zip))).toBe(true);
  });
});

describe('the function behind SQS', () => {
  it('answers on the reply queue, and lets poison alone into the dead-letter queue', async () => {
    const [dead, replies] = [await sqs.createQueue(), await sqs.createQueue()];
    const redrive = { deadLetterTargetArn: await sqs.queueArn(dead), maxReceiveCount: '2' };
    const queue = await sqs.createQueue({ VisibilityTimeout: '1', RedrivePolicy: JSON.stringify(redrive) });
    const started = await start({ PATROL_REPLY_QUEUE_URL: replies });
    const mapping = startEventSourceMapping({
      client: sqs.client,
      queueUrl: queue,
      queueArn: await sqs.queueArn(queue),
      lambda: started,
    });
    for (let index = 0; index < 8; index++) {
      await sqs.send(queue, index === 3 ? '{"poison":' : errorEvent({ eventId: `e${index}` }));
    }

    const received = await sqs.receiveJson<AnalysisRecord>(replies, 7);
    const [poison] = await sqs.receive(dead, { waitSeconds: 10 });
    await mapping.stop();

    expect(received.map(({ patrol }) => patrol.eventId).sort()).toEqual([
      ...['e0', 'e1', 'e2', 'e4', 'e5', 'e6', 'e7'],
    ]);
    expect(received[0]?.patrol).toMatchObject({ event: 'analysis', source: 'rules', service: 'orders' });
    expect(poison?.Body).toBe('{"poison":');
    expect(await sqs.count(queue)).toEqual({ ready: 0, inFlight: 0, delayed: 0 });
    expect(mapping.stats.functionErrors).toBe(0);
  });

  it.each([
    ['wrapped by SNS', false],
    ['as SNS got it', true],
  ])('takes what a topic sends to its queue: %s', async (_, raw) => {
    const [queue, replies] = [await sqs.createQueue(), await sqs.createQueue()];
    const { topicArn } = sqs.createTopic(queue, { raw });
    const started = await start({ PATROL_REPLY_QUEUE_URL: replies });
    const queueArn = await sqs.queueArn(queue);
    const mapping = startEventSourceMapping({
      client: sqs.client,
      queueUrl: queue,
      queueArn,
      lambda: started,
    });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { errorLog } = errorEvent();
    await sqs.publish(
      topicArn,
      errorEvent({ eventId: 'e1', errorLog: { ...(errorLog as object), context: { traceparent } } }),
    );
    const [reply] = await sqs.receiveJson<AnalysisRecord>(replies, 1);
    await mapping.stop();
    expect(reply?.patrol).toMatchObject({ eventId: 'e1', source: 'rules' });
    expect(reply?.correlation).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736' });
    expect(await sqs.count(queue)).toEqual({ ready: 0, inFlight: 0, delayed: 0 });
  });

  it('writes one line an event, on which the known filters count', async () => {
    const started = await start();
    const Records = ['a', 'b'].map((eventId) => sqsRecord(`m-${eventId}`, errorEvent({ eventId })));
    await started.invoke({ Records: [Records[0]] });
    await started.invoke({ Records });
    expect(lines().map(({ level, msg, eventId }) => [level, msg, eventId])).toEqual([
      ['INFO', 'Analysed', 'a'],
      ['INFO', 'Cache hit', 'a'],
      ['INFO', 'Cache hit', 'b'],
    ]);
    expect(lines()[0]).toMatchObject({
      errorHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      message: 'connect ECONNREFUSED 127.0.0.1:5432',
      result: { source: 'rules', confidenceScore: expect.any(Number) },
    });
  });

  it('redacts what it writes', async () => {
    const secret = ['AKIA', 'Z7'.repeat(8)].join('');
    const started = await start();
    const errorLog = { message: `bad key ${secret}`, context: { reqId: secret } };
    await started.invoke({ Records: [sqsRecord('m', errorEvent({ errorLog }))] });
    expect(started.log()).toContain('bad key');
    expect(started.log()).not.toContain(secret);
  });

  it('reports a malformed record by its field and message id, and fails it alone', async () => {
    const started = await start();
    const { result } = await started.invoke({
      Records: [
        sqsRecord('good', errorEvent()),
        sqsRecord('no-message', { errorLog: { message: 42 } }),
        sqsRecord('no-json', 'hunter2'),
      ],
    });
    expect(result).toEqual({
      batchItemFailures: [{ itemIdentifier: 'no-message' }, { itemIdentifier: 'no-json' }],
    });
    expect(lines().filter(({ level }) => level === 'ERROR')).toEqual([
      expect.objectContaining({
        recordId: 'no-message',
        code: 'EVENT_INVALID',
        error: expect.stringContaining('event.errorLog.message'),
      }),
      expect.objectContaining({ recordId: 'no-json', error: expect.stringContaining('body') }),
    ]);
    expect(started.log()).not.toContain('hunter2');
  });

  it('takes a batch of nothing but poison without failing as a function', async () => {
    const started = await start();
    const { result, error } = await started.invoke({ Records: [sqsRecord('a', 'x'), sqsRecord('b', 'y')] });
    expect(error).toBeUndefined();
    expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'b' }] });
  });

  it('leaves a record to be delivered again for a lost reply, but not for ever', async () => {
    const replies = await sqs.createQueue();
    const started = await start({ PATROL_REPLY_QUEUE_URL: replies, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    const deliver = (count: string) =>
      started.invoke({ Records: [sqsRecord('m', errorEvent(), { ApproximateReceiveCount: count })] });
    expect((await deliver('1')).result).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
    expect((await deliver('3')).result).toEqual({ batchItemFailures: [] });
    expect(lines().filter(({ level }) => level === 'ERROR')).toHaveLength(2);
  });

  it('does not deliver again for a reply queue that is gone', async () => {
    const replies = await sqs.createQueue();
    await sqs.client.send(new DeleteQueueCommand({ QueueUrl: replies }));
    const started = await start({ PATROL_REPLY_QUEUE_URL: replies });
    const { result } = await started.invoke({ Records: [sqsRecord('m', errorEvent())] });
    expect(result).toEqual({ batchItemFailures: [] });
    expect(lines().find(({ level }) => level === 'ERROR')).toMatchObject({ code: 'DELIVERY_FAILED' });
  });
});

describe('the function with a model', () => {
  let openai: TestOpenAI;
  beforeEach(async () => {
    openai = await startOpenAI();
  });
  afterEach(() => openai.stop());

  const unknown = (eventId: string) =>
    errorEvent({ eventId, errorLog: { name: 'CartError', message: 'cart is not priced' } });

  it('asks it once for equal errors, and replies to each', async () => {
    const replies = await sqs.createQueue();
    const started = await start({ ...openai.env, PATROL_REPLY_QUEUE_URL: replies });
    const Records = Array.from({ length: 10 }, (_, index) => sqsRecord(`m${index}`, unknown(`e${index}`)));
    const { result } = await started.invoke({ Records });
    expect(result).toEqual({ batchItemFailures: [] });
    expect(openai.requests()).toHaveLength(1);
    const received = await sqs.receiveJson<AnalysisRecord>(replies, 10);
    expect(received.map(({ patrol }) => patrol.rootCause)).toEqual(
      Array(10).fill('The cart is undefined when the session has expired.'),
    );
    expect(received[0]?.patrol).toMatchObject({ source: 'llm', aiGenerated: true });
  });

  it('leaves to a redelivery what the model was too busy for', async () => {
    openai.answer({ status: 503 });
    const started = await start(openai.env);
    const { result } = await started.invoke({ Records: [sqsRecord('m', unknown('e'))] });
    expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
    expect(lines()).toMatchObject([{ level: 'ERROR', eventId: 'e', code: 'MODEL_UNAVAILABLE' }]);
  });

  it.each([
    ['the model asks for patience', { status: 429, retryAfter: 600 }, {}],
    ['the budget is used up', SOUND_ANSWER, { PATROL_BUDGET_CALLS_PER_DAY: '0' }],
  ])('puts off an event without using up a receive when %s', async (_, answer, settings) => {
    openai.answer(answer);
    const queue = await sqs.createQueue();
    const started = await start({ ...openai.env, ...settings });
    const eventSourceARN = await sqs.queueArn(queue);
    const event = { ...unknown('e'), timestamp: Date.now() };
    const { result } = await started.invoke({ Records: [{ ...sqsRecord('m', event), eventSourceARN }] });
    expect(result).toEqual({ batchItemFailures: [] });
    expect(await sqs.count(queue)).toEqual({ ready: 0, inFlight: 0, delayed: 1 });
    expect(lines().at(-1)).toMatchObject({ msg: 'Deferred', eventId: 'e', retryAfterMs: expect.any(Number) });
  });

  it('puts one event of each error off above the budget, counts the others, and tells it once', async () => {
    const queue = await sqs.createQueue();
    const started = await start({ ...openai.env, PATROL_BUDGET_CALLS_PER_DAY: '0', PATROL_QUEUE_URL: queue });
    const eventSourceARN = await sqs.queueArn(queue);
    const deliver = async (message: string, eventId: string, more = {}) => {
      const body = { ...unknown(eventId), timestamp: Date.now(), errorLog: { message } };
      return (await started.invoke({ Records: [{ ...sqsRecord('m', body), eventSourceARN, ...more }] }))
        .result;
    };
    for (const [message, eventId] of [
      ['one', 'e1'],
      ['one', 'e2'],
      ['other', 'e3'],
    ] as const) {
      expect(await deliver(`${message} is lost`, eventId)).toEqual({ batchItemFailures: [] });
    }
    // What was put off comes again, and is known again.
    const messageAttributes = { patrolDeferred: { stringValue: 'true', dataType: 'String' } };
    await deliver('one is lost', 'e1', { messageAttributes });
    expect(await sqs.count(queue)).toMatchObject({ ready: 0, delayed: 3 });

    const said = lines().map(({ msg, eventId }) => (eventId ? `${msg} ${eventId}` : msg));
    expect(said).toEqual([
      'Budget used up',
      'Deferred e1',
      'Analysed elsewhere e2',
      'Deferred e3',
      'Deferred e1',
    ]);
    const counted = started
      .log()
      .split('\n')
      .filter((line) => line.includes('"_aws"'))
      .map((line) => JSON.parse(line));
    const sum = (name: string) => counted.reduce((total, one) => total + (one[name] ?? 0), 0);
    expect({ over: sum('OverBudget'), received: sum('EventsReceived') }).toEqual({ over: 2, received: 3 });
    expect(openai.requests()).toHaveLength(0);
  });

  it('puts off to its queue what a trigger without one has brought', async () => {
    const queue = await sqs.createQueue();
    const started = await start({ ...openai.env, PATROL_BUDGET_CALLS_PER_DAY: '0', PATROL_QUEUE_URL: queue });
    const detail = { ...unknown('e'), timestamp: Date.now() };
    const { error } = await started.invoke({ 'detail-type': 'error', id: 'b', detail });
    expect(error).toBeUndefined();
    expect(await sqs.count(queue)).toMatchObject({ delayed: 1 });
  });

  it('gives up before the invocation’s time is over, and says so', async () => {
    const hanging = createServer(() => {});
    hanging.listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const { port } = hanging.address() as AddressInfo;
    const started = await start({ ...openai.env, OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` });
    const { result, error } = await started.invoke(
      { Records: [sqsRecord('m', unknown('e')), sqsRecord('known', errorEvent())] },
      { timeoutMs: 2500 },
    );
    hanging.closeAllConnections();
    hanging.close();
    expect(error).toBeUndefined();
    expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
  });
});

describe('the function called directly', () => {
  it('answers one event with its analysis', async () => {
    const started = await start();
    const { result } = await started.invoke<AnalysisResult>(errorEvent({ eventId: 'e1' }));
    expect(result).toMatchObject({ eventId: 'e1', source: 'rules', rootCause: expect.any(String) });
  });

  it('answers several in their order, a wrong one with its error', async () => {
    const started = await start();
    const events = [errorEvent({ eventId: 'e1' }), { eventId: 'e2' }, errorEvent({ eventId: 'e3' })];
    for (const input of [events, { events }]) {
      const { result } = await started.invoke(input);
      expect(result).toMatchObject([
        { eventId: 'e1' },
        { error: { code: 'EVENT_INVALID', message: expect.stringContaining('event.errorLog') } },
        { eventId: 'e3' },
      ]);
    }
  });

  it('refuses what it does not know, naming what it is', async () => {
    const { error } = await (await start()).invoke({ hello: 'world' });
    expect(error?.errorMessage).toContain('"hello"');
  });
});

describe('the function behind a URL', () => {
  const body = JSON.stringify({ events: [errorEvent({ eventId: 'e1' })] });
  const urls: Readonly<Record<string, Record<string, unknown>>> = {
    'a Function URL or API Gateway v2': {
      version: '2.0',
      rawPath: '/v1/events',
      headers: { 'content-type': 'application/json' },
      requestContext: { http: { method: 'POST', path: '/v1/events' } },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    },
    'API Gateway v1': {
      httpMethod: 'POST',
      path: '/prod/v1/events',
      multiValueHeaders: { 'Content-Type': ['application/json'] },
      requestContext: { stage: 'prod' },
      body,
      isBase64Encoded: false,
    },
  };

  it.each(Object.entries(urls))('answers with the analyses: %s', async (_, event) => {
    const started = await start();
    const { result } = await started.invoke<{ statusCode: number; body: string }>(event);
    expect(result?.statusCode).toBe(200);
    expect(JSON.parse(result?.body ?? '')).toMatchObject({ results: [{ eventId: 'e1', source: 'rules' }] });
  });

  it('asks for the token, and refuses nonsense', async () => {
    const started = await start({ PATROL_SINK_TOKEN: 'a-token-for-tests' });
    const [event] = Object.values(urls);
    const invoke = (more: Record<string, unknown>) =>
      started.invoke<{ statusCode: number }>({ ...event, ...more });
    expect((await invoke({})).result?.statusCode).toBe(401);
    const headers = { Authorization: 'Bearer a-token-for-tests' };
    expect((await invoke({ headers })).result?.statusCode).toBe(200);
    expect((await invoke({ headers, body: 'nonsense', isBase64Encoded: false })).result?.statusCode).toBe(
      400,
    );
  });
});

describe('the function behind a URL, asked badly', () => {
  it('answers every bad request as the server does, and goes on', async () => {
    const started = await start();
    const requestContext = { http: { method: 'POST', path: '/v1/events' } };
    for (const { is, headers, body, status, said } of badRequests) {
      const { result, error } = await started.invoke<{ statusCode: number; body: string }>({
        ...{ rawPath: '/v1/events', requestContext, isBase64Encoded: true, body: body.toString('base64') },
        headers: { 'content-type': 'application/json', ...headers },
      });
      expect([is, result?.statusCode, error]).toEqual([is, status, undefined]);
      expect(JSON.parse(result?.body ?? '').error.message).toMatch(said);
      expect(result?.body).not.toContain(SECRET);
    }
    expect(started.log()).not.toContain(SECRET);
  });
});

describe('the function behind a log group', () => {
  it('analyses the errors of an application that knows nothing of it, and fails as a whole to be tried again', async () => {
    const started = await start();
    const logEvents = [{ id: 'l1', timestamp: 1, message: '[error] connect ECONNREFUSED 127.0.0.1:6379' }];
    const batch = { messageType: 'DATA_MESSAGE', logGroup: '/ecs/cart', logStream: 's', logEvents };
    const data = gzipSync(JSON.stringify(batch)).toString('base64');
    expect((await started.invoke({ awslogs: { data } })).error).toBeUndefined();
    expect(lines()).toMatchObject([{ msg: 'Analysed', eventId: 'l1', service: 'cart' }]);
    expect((await started.invoke({ awslogs: { data: 'x' } })).error?.errorMessage).toContain('awslogs.data');
  });
});

describe('the metrics of the function', () => {
  it('stand in its log as CloudWatch reads them', async () => {
    const started = await start();
    await started.invoke({
      Records: [
        sqsRecord('a', errorEvent({ occurrences: 7 })),
        sqsRecord('b', errorEvent()),
        sqsRecord('c', 'x'),
      ],
    });
    const metrics = JSON.parse(
      started
        .log()
        .split('\n')
        .find((line) => line.includes('"_aws"')) ?? '',
    );
    expect(metrics).toMatchObject({
      Sink: 'patrol',
      EventsReceived: 2,
      Occurrences: 8,
      Analysed: 2,
      CacheHits: 1,
      RecordsRefused: 1,
    });
    const [{ Namespace, Metrics }] = metrics._aws.CloudWatchMetrics;
    expect(Namespace).toBe('Patrol');
    for (const { Name } of Metrics) expect(metrics).toHaveProperty(Name);
  });
});

describe('the start of the function', () => {
  it('fails with one message that names every wrong setting', async () => {
    const started = await start({ CACHE_MAX_SIZE: 'many', PATROL_REPLY_QUEUE_URL: 'nowhere' });
    const { error } = await started.invoke(errorEvent());
    expect(error?.errorMessage).toMatch(/CACHE_MAX_SIZE.*PATROL_REPLY_QUEUE_URL/);
    expect(error?.errorMessage).not.toContain('nowhere');
  });
});
