import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorDetails, ErrorSummary, Statistics } from '../../../sink/history/history.ts';
import { createServer, type SinkServer } from '../../../sink/server.ts';
import { createSinkLog } from '../../../sink/sink-log.ts';
import { errorEvent } from '../../support/events.ts';

let server: SinkServer;
let log: Record<string, unknown>[];

beforeEach(async () => {
  log = [];
  server = await createServer({
    port: 0,
    host: '127.0.0.1',
    historyFile: ':memory:',
    parts: { log: createSinkLog((line) => log.push(JSON.parse(line))) },
  });
});
afterEach(() => server.close(1000));

const json = { 'content-type': 'application/json' };
const get = (path: string) => fetch(`${server.url}${path}`);
const read = async <T>(path: string): Promise<T> => (await get(path)).json() as Promise<T>;
const send = (...events: Record<string, unknown>[]) =>
  fetch(`${server.url}/v1/events?wait`, { method: 'POST', headers: json, body: JSON.stringify(events) });
const act = (hash: string, body: object) =>
  fetch(`${server.url}/v1/errors/${hash}/actions`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(body),
  });
const list = (query = '') =>
  read<{ errors: ErrorSummary[]; next?: string; total: number }>(`/v1/errors${query}`);

const other = (name: string) =>
  errorEvent({
    service: 'payments',
    errorLog: {
      name,
      message: `the ${name} broke`,
      stackTrace: `${name}: broke\n    at ${name} (/app/${name}.js:1:1)`,
    },
  });

describe('GET /v1/errors', () => {
  it('lists what came, with its analysis', async () => {
    await send(errorEvent({ occurrences: 4, commit: 'v1' }), errorEvent());
    expect(await list()).toMatchObject({
      total: 1,
      errors: [
        {
          message: 'connect ECONNREFUSED 127.0.0.1:5432',
          occurrences: 5,
          services: ['orders'],
          releases: ['v1'],
          source: 'rules',
          category: expect.any(String),
          rootCause: expect.stringMatching(/./),
        },
      ],
    });
  });

  it('searches, filters, sorts and pages', async () => {
    await send(other('Cart'), other('Card'), errorEvent());
    expect((await list('?search=cart')).errors.map(({ message }) => message)).toEqual(['the Cart broke']);
    expect((await list('?service=payments')).total).toBe(2);
    expect((await list('?status=resolved,ignored')).total).toBe(0);
    const first = await list('?limit=2&sort=firstSeen');
    const second = await list(`?limit=2&sort=firstSeen&cursor=${first.next}`);
    expect([...first.errors, ...second.errors]).toHaveLength(3);
    expect(second.next).toBeUndefined();
  });

  it.each([
    ['?limit=none', 'limit'],
    ['?limit=1000', 'limit'],
    ['?sort=age', 'sort'],
    ['?status=bad', 'status'],
    ['?severity=very', 'severity'],
    ['?cursor=nonsense', 'cursor'],
    ['?sevice=orders', 'sevice'],
  ])('names what is wrong with %s', async (query, field) => {
    const response = await get(`/v1/errors${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'REQUEST_INVALID', message: expect.stringContaining(field) },
    });
  });
});

describe('GET /v1/errors/:hash', () => {
  it('shows all that is known of one', async () => {
    await send(errorEvent());
    const [error] = (await list()).errors;
    expect(await read<ErrorDetails>(`/v1/errors/${error?.errorHash}`)).toMatchObject({
      analyses: [{ source: 'rules' }],
      samples: [{ service: 'orders' }],
      trail: [],
    });
    const range = `from=${error?.lastSeen}&to=${(error?.lastSeen ?? 0) + 60_000}`;
    expect(await read(`/v1/errors/${error?.errorHash}/occurrences?step=day&${range}`)).toMatchObject({
      step: 'day',
      buckets: [{ count: 1 }],
    });
  });

  it('says what is not there, and what is no hash', async () => {
    expect((await get(`/v1/errors/${'a'.repeat(64)}`)).status).toBe(404);
    expect((await get('/v1/errors/elsewhere')).status).toBe(400);
  });
});

describe('POST /v1/errors/:hash/actions', () => {
  let hash: string;
  beforeEach(async () => {
    await send(errorEvent());
    hash = (await list()).errors[0]?.errorHash ?? '';
  });

  it('does what a person wants, in their name', async () => {
    expect(await (await act(hash, { action: 'resolve', release: 'v2' })).json()).toMatchObject({
      status: 'resolved',
    });
    await act(hash, { action: 'note', text: 'mended' });
    const details = await read<ErrorDetails>(`/v1/errors/${hash}`);
    expect(details.trail.map(({ by, entry }) => [by, entry.action])).toEqual([
      ['local', 'note'],
      ['local', 'resolve'],
    ]);
  });

  it('tells who was slower what the faster one did', async () => {
    const { version } = await read<ErrorDetails>(`/v1/errors/${hash}`);
    expect((await act(hash, { action: 'assign', assignee: 'mina', version })).status).toBe(200);
    const late = await act(hash, { action: 'assign', assignee: 'jun', version });
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({ error: { code: 'CONFLICT' }, current: { assignee: 'mina' } });
  });

  it.each([
    [{ action: 'explode' }, 'action'],
    [{ action: 'assign' }, 'assignee'],
    [{ action: 'note', text: '' }, 'text'],
    [{ action: 'ignore', occurrences: 0 }, 'occurrences'],
    [{ action: 'ignore', until: 'soon' }, 'until'],
    [{ action: 'ignore', until: '2020-01-01' }, 'until'],
    [{ action: 'resolve', relase: 'v1' }, 'relase'],
  ])('names what is wrong with %j', async (body, field) => {
    const response = await act(hash, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(field) } });
  });

  it('says when there is no such error', async () => {
    expect((await act('a'.repeat(64), { action: 'reopen' })).status).toBe(404);
  });
});

describe('GET /v1/stats', () => {
  it('tells figures', async () => {
    await send({ ...errorEvent({ occurrences: 3 }), timestamp: Date.now() });
    expect(await read<Statistics>('/v1/stats')).toMatchObject({
      occurrences: 3,
      distinct: 1,
      newErrors: 1,
      answers: { rules: 1 },
      step: 'hour',
    });
    expect((await get('/v1/stats?from=2026-01-02&to=2026-01-01')).status).toBe(400);
  });
});

describe('GET /v1/updates', () => {
  it('tells of errors as they come and change', async () => {
    const listener = request(`${server.url}/v1/updates`).end();
    const [response] = await once(listener, 'response');
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', () => {});
    const heard = () =>
      [...text.matchAll(/^event: error\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
    const until = async (change: string) => {
      while (!heard().some((one) => one.change === change)) await new Promise((go) => setTimeout(go, 20));
    };
    await send(errorEvent());
    await until('new');
    expect(heard()[0]).toMatchObject({ message: expect.stringContaining('ECONNREFUSED'), occurrences: 1 });
    await act(heard()[0].errorHash, { action: 'resolve' });
    await until('acted');
    await send({ ...errorEvent(), timestamp: Date.now() + 1000 });
    await until('regressed');
    listener.destroy();
  });
});

describe('GET /v1/settings', () => {
  it('says what is configured, and no secret', async () => {
    expect(await read('/v1/settings')).toMatchObject({
      history: { kind: 'sqlite', healthy: true, retentionDays: 90 },
      model: { configured: false },
    });
  });
});

describe('without a history', () => {
  it('says how to keep one', async () => {
    const bare = await createServer({ port: 0, host: '127.0.0.1', parts: { log: createSinkLog(() => {}) } });
    const response = await fetch(`${bare.url}/v1/errors`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { code: 'NO_HISTORY', message: expect.stringContaining('PATROL_HISTORY_FILE') },
    });
    await bare.close(0);
  });
});
