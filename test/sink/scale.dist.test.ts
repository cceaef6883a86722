import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventSourceMapping, startEventSourceMapping } from '../support/event-source-mapping.ts';
import { type LambdaFunction, startLambda } from '../support/lambda-runtime.ts';
import { type FaultyServer, SOUND_ANSWER, startFaultyServer } from '../support/openai-server.ts';
import { startSqs, type TestSqs } from '../support/sqs.ts';
import { type StoreServer, startDynamoDb } from '../support/stores.ts';
import { unzip } from '../support/unzip.ts';

/** `npm run test:scale` takes the whole size. */
const {
  events: EVENTS,
  distinct: DISTINCT,
  modelTimeoutMs: MODEL_TIMEOUT_MS,
} = process.env.PATROL_SCALE
  ? { events: 100_000, distinct: 1000, modelTimeoutMs: 10_000 }
  : { events: 3000, distinct: 60, modelTimeoutMs: 3000 };
const CONTAINERS = 4;
/** No divisor in common with the number of errors: else some errors would come as poison only. */
const POISON_EVERY = 101;
const TWICE_EVERY = 50;
/** Longer than a lease (the model's time and ten seconds), so that a dead owner's messages find it ended. */
const VISIBILITY_S = MODEL_TIMEOUT_MS / 1000 + 12;
const MAX_RECEIVES = 4;

const WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron', 'ivory', 'jetty'];
const word = (number: number) => WORDS[number % 10] ?? '';
/** A name of letters only: digits are no difference between errors. */
const nameOf = (error: number) =>
  [error, error / 10, error / 100].map((one) => word(Math.floor(one))).join('');

const errorOf = (index: number) => nameOf(index % DISTINCT);

const eventOf = (index: number) => {
  const name = errorOf(index);
  return {
    eventId: `event-${index}`,
    timestamp: Date.now(),
    service: 'shop',
    errorLog: {
      name: `${name}Error`,
      message: `the ${name} of the ${name} is not there`,
      stackTrace: `${name}Error: the ${name} of the ${name} is not there\n    at ${name}Of (/app/src/${name}.js:12:9)`,
    },
  };
};

/** Equal every time, so that a failure can be looked at again. */
function shuffle<T>(list: T[]): T[] {
  let seed = 1;
  for (let at = list.length - 1; at > 0; at--) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const other = seed % (at + 1);
    [list[at], list[other]] = [list[other] as T, list[at] as T];
  }
  return list;
}

interface Container {
  readonly id: number;
  readonly lambda: LambdaFunction;
  readonly mapping: EventSourceMapping;
}

let folder: string;
let sqs: TestSqs;
let store: StoreServer;
let model: FaultyServer;
const logs: (() => string)[] = [];
/** Error → how often the model was asked about it, and the containers that got a good answer. */
const asked = new Map<string, number>();
const answered = new Map<string, number[]>();
let onHang: (container: number) => void = () => {};

/** Of each ten errors, five meet a fault at first: too many requests, a server error, silence, nonsense, a closed line. */
async function answer(response: ServerResponse, request: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const name = /the (\w+) of the \1 is not there/.exec(Buffer.concat(chunks).toString())?.[1] ?? '';
  const time = (asked.get(name) ?? 0) + 1;
  asked.set(name, time);
  const reply = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const complete = (content: string) =>
    reply(200, {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'gpt-4o-mini',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    });
  const container = Number(/\/c(\d+)\//.exec(request.url ?? '')?.[1]);
  if (name === nameOf(0) && time === 1) return onHang(container);
  const fault = time === 1 ? name.slice(0, 5) : '';
  if (fault === 'birch') return void reply(429, { error: { message: 'slow down' } });
  if (fault === 'cedar') return void reply(500, { error: { message: 'oh no' } });
  if (fault === 'delta') return;
  if (fault === 'ember') return void complete('{"analysis": "cut o');
  if (fault === 'fjord') return void response.destroy();
  answered.set(name, [...(answered.get(name) ?? []), container]);
  complete(JSON.stringify({ ...SOUND_ANSWER, rootCause: `The ${name} was never made.` }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-scale-'));
  const cli = fileURLToPath(new URL('../../dist/sink/cli/main.js', import.meta.url));
  execFileSync(process.execPath, [cli, 'bundle', '--out', join(folder, 'function.zip')]);
  await unzip(join(folder, 'function.zip'), join(folder, 'code'));
  [sqs, store] = await Promise.all([startSqs(), startDynamoDb()]);
  model = await startFaultyServer((response, _, request) => void answer(response, request));
});
afterAll(async () => {
  await Promise.all([sqs.stop(), store.stop(), model.stop()]);
  await rm(folder, { recursive: true });
});

async function startContainer(id: number, queueUrl: string): Promise<Container> {
  const lambda = await startLambda({
    taskRoot: join(folder, 'code'),
    env: {
      ...sqs.env,
      ...store.env,
      OPENAI_API_KEY: 'test-key',
      OPENAI_BASE_URL: model.url.replace('/v1', `/c${id}/v1`),
      PATROL_MODEL_TIMEOUT: String(MODEL_TIMEOUT_MS),
      PATROL_BUDGET_CALLS_PER_HOUR: 'off',
      PATROL_BUDGET_CALLS_PER_DAY: 'off',
    },
  });
  logs.push(lambda.log);
  const queueArn = await sqs.queueArn(queueUrl);
  return { id, lambda, mapping: startEventSourceMapping({ client: sqs.client, queueUrl, queueArn, lambda }) };
}

async function sendAll(queueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let first = 0; first < bodies.length; first += 10) {
    const Entries = bodies
      .slice(first, first + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

describe(`${EVENTS} events of ${DISTINCT} errors, with poison, duplicates, faults of the model and a killed container`, () => {
  it('are each accounted for, each error analysed once, the poison in the dead-letter queue alone', {
    timeout: process.env.PATROL_SCALE ? 3_600_000 : 240_000,
  }, async () => {
    const dead = await sqs.createQueue();
    const redrive = { deadLetterTargetArn: await sqs.queueArn(dead), maxReceiveCount: String(MAX_RECEIVES) };
    const queueUrl = await sqs.createQueue({
      VisibilityTimeout: String(VISIBILITY_S),
      RedrivePolicy: JSON.stringify(redrive),
    });
    const poison = new Set<string>();
    const bodies: string[] = [];
    for (let index = 0; index < EVENTS; index++) {
      const body = index % POISON_EVERY === 7 ? `{"poison": ${index}` : JSON.stringify(eventOf(index));
      if (index % POISON_EVERY === 7) poison.add(body);
      bodies.push(body);
      if (index % TWICE_EVERY === 3) bodies.push(body);
    }

    const running = new Map<number, Container>();
    const killed: number[] = [];
    onHang = async (id) => {
      const victim = running.get(id);
      if (!victim) return;
      killed.push(id);
      running.delete(id);
      const stopped = victim.mapping.stop();
      await victim.lambda.stop();
      await stopped;
      const next = await startContainer(CONTAINERS, queueUrl);
      running.set(next.id, next);
    };
    for (let id = 0; id < CONTAINERS; id++) running.set(id, await startContainer(id, queueUrl));
    await sendAll(queueUrl, shuffle(bodies));

    const deadBodies: string[] = [];
    for (;;) {
      for (const { Body } of await sqs.receive(dead, { waitSeconds: 1 })) deadBodies.push(Body ?? '');
      const { ready, inFlight, delayed } = await sqs.count(queueUrl);
      if (ready + inFlight + delayed === 0) break;
    }
    for (let rest = await sqs.receive(dead); rest.length > 0; rest = await sqs.receive(dead)) {
      deadBodies.push(...rest.map(({ Body }) => Body ?? ''));
    }
    for (const { mapping, lambda } of running.values()) {
      await mapping.stop();
      await lambda.stop();
    }

    const lines = logs
      .flatMap((log) => log().split('\n'))
      .filter((line) => line.startsWith('{') && line.includes('"eventId"'))
      .map((line) => JSON.parse(line));
    const done = new Set(
      lines
        .filter(({ msg }) => ['Analysed', 'Cache hit', 'Analysed elsewhere'].includes(msg))
        .map(({ eventId }) => eventId),
    );
    const analysed = new Map<string, number>();
    for (const { errorHash } of lines.filter(({ msg }) => msg === 'Analysed')) {
      analysed.set(errorHash, (analysed.get(errorHash) ?? 0) + 1);
    }

    expect(done.size).toBe(EVENTS - poison.size);
    expect(new Set(deadBodies)).toEqual(poison);
    expect([...analysed.values()].filter((times) => times !== 1)).toEqual([]);
    expect(answered.size).toBe(DISTINCT);
    // What a killed container had stored but not written yet is in the cache all the same.
    const told = new Set(lines.filter(({ msg }) => msg === 'Analysed').map(({ message }) => message));
    const untold = [...answered].filter(([name]) => !told.has(`the ${name} of the ${name} is not there`));
    expect(untold.filter(([, containers]) => !containers.some((id) => killed.includes(id)))).toEqual([]);
    // What the killed container was told is lost with it, and asked again once. So is an answer that comes when the
    // time for it is over: that is the machine's haste, not a second buyer, and the log says so.
    const tooLate = new Set(
      lines
        .filter(({ code }) => code === 'DEADLINE_EXCEEDED' || code === 'MODEL_UNAVAILABLE')
        .map(({ eventId }) => errorOf(Number(eventId.replace('event-', '')))),
    );
    const paid = [...answered]
      .filter(([name]) => !tooLate.has(name))
      .map(([, containers]) => containers.filter((id) => !killed.includes(id)));
    expect(paid.length).toBeGreaterThan(DISTINCT / 3);
    expect(paid.filter(({ length }) => length > 1)).toEqual([]);
    expect(killed).toHaveLength(1);
    expect(answered.get(nameOf(0))).toHaveLength(1);
  });
});
