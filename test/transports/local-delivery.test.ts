import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AnalysisRecord } from '../../src/analysis-record.ts';
import { parseConfig } from '../../src/config.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import type { Delivery } from '../../transports/delivery/delivery.ts';
import { createLocalDelivery } from '../../transports/delivery/local.ts';
import { SOUND_ANSWER, startOpenAI, type TestOpenAI } from '../support/openai-server.ts';
import { startDynamoDb } from '../support/stores.ts';

let table: Awaited<ReturnType<typeof startDynamoDb>>;
let openai: TestOpenAI;
const before = { ...process.env };
beforeAll(async () => {
  table = await startDynamoDb();
  openai = await startOpenAI();
  Object.assign(process.env, table.env, openai.env);
});
afterAll(async () => {
  await openai.stop();
  await table.stop();
  process.env = before;
});
beforeEach(() => {
  openai.reset();
  Object.assign(process.env, openai.env);
});

const started: Delivery[] = [];
afterEach(() => {
  for (const one of started.splice(0)) one.close();
});

/** One instance of an application with the engine in its process and a table that it shares with the others. */
function anInstance() {
  const { config } = parseConfig({}, process.env);
  const analyses: AnalysisRecord[] = [];
  const delivery = createLocalDelivery({ config, onAnalysis: (record) => analyses.push(record) });
  started.push(delivery);
  const send = (...events: ErrorLogEvent[]) =>
    delivery.send(
      { batchId: randomUUID(), events },
      { timeoutMs: 10_000, signal: new AbortController().signal },
    );
  return { analyses, send };
}

const failed = (kind: string): ErrorLogEvent => ({
  eventId: randomUUID(),
  timestamp: Date.now(),
  errorLog: { name: 'CartError', message: `the ${kind} cart is in a state that nobody expected` },
  occurrences: 1,
});
const ARRIVED = { retry: [], rejected: [] };

describe('instances with the engine in their processes and a table in common', () => {
  it('answer an error that all of them meet in one of their logs; to the others it is an occurrence', async () => {
    const fleet = Array.from({ length: 6 }, anInstance);
    const outcomes = await Promise.all(fleet.map(({ send }) => send(failed('shared'))));

    expect(outcomes).toEqual(fleet.map(() => ARRIVED));
    expect(openai.requests()).toHaveLength(1);
    const written = fleet.flatMap(({ analyses }) => analyses);
    expect(written.filter(({ patrol }) => !patrol.cached)).toHaveLength(1);
    for (const { patrol } of written) expect(patrol.rootCause).toBe(SOUND_ANSWER.rootCause);
  });

  it('write nothing about an error that another of them analyses at the moment', async () => {
    const slow = await startSlowly(openai.url);
    Object.assign(process.env, { OPENAI_BASE_URL: slow.url });
    const one = anInstance();
    const sending = one.send(failed('contested'));
    await slow.asked;

    const other = anInstance();
    expect(await other.send(failed('contested'))).toEqual(ARRIVED);
    expect(other.analyses).toEqual([]);

    slow.answer();
    expect(await sending).toEqual(ARRIVED);
    expect(one.analyses).toHaveLength(1);
    await slow.stop();
  });
});

/** A model that thinks until it is told to answer. */
async function startSlowly(url: string) {
  let answer = () => {};
  const told = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let arrived = () => {};
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = createServer(async (request, response) => {
    const body = await text(request);
    arrived();
    await told;
    const headers = { 'content-type': 'application/json', authorization: 'Bearer test-key' };
    const answered = await fetch(`${url}${request.url?.replace('/v1', '')}`, {
      method: 'POST',
      headers,
      body,
    });
    response.writeHead(answered.status, { 'content-type': 'application/json' }).end(await answered.text());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    answer,
    stop: async () => void (await once(server.close(), 'close')),
  };
}
