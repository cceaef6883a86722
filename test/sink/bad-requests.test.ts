import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createServer, type SinkServer } from '../../sink/server.ts';
import { createSinkLog } from '../../sink/sink-log.ts';
import { badRequests, SECRET } from '../support/bad-requests.ts';
import { errorEvent } from '../support/events.ts';

const MEBIBYTE = 1_048_576;
const TOKEN = 'a-token-for-tests';

let server: SinkServer;
let log: Record<string, unknown>[];

beforeEach(async () => {
  log = [];
  const parts = { log: createSinkLog((line) => log.push(JSON.parse(line))) };
  server = await createServer({ port: 0, host: '127.0.0.1', sinkToken: TOKEN, parts });
});
afterEach(() => server.close(1000));

const send = (path: string, init: RequestInit = {}) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers, authorization: `Bearer ${TOKEN}` },
  });
const lines = (...some: unknown[]) =>
  some.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
const good = (eventId: string) => errorEvent({ eventId });

/** What a server answers to bytes that no HTTP client would send. */
async function sendRaw(head: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${head}\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n`);
  socket.write('connection: close\r\n\r\n');
  return text(socket);
}

describe('a request that the sink does not take', () => {
  it.each(badRequests)(
    'is told what is wrong and what to do: $is',
    async ({ headers, body, status, said }) => {
      const response = await send('/v1/events', { headers: { ...headers }, body: new Uint8Array(body) });
      const answer = await response.text();
      expect(response.status).toBe(status);
      expect(JSON.parse(answer).error).toEqual({
        code: expect.any(String),
        message: expect.stringMatching(said),
      });
      for (const told of [answer, JSON.stringify(log)]) {
        expect(told).not.toContain(SECRET);
        expect(told).not.toContain(TOKEN);
        expect(told).not.toMatch(/\bat .*:\d+:\d+/);
      }
      // Nothing that came before keeps the next one out.
      expect((await send('/v1/events', { body: JSON.stringify(good('next')) })).status).toBe(202);
    },
  );

  it('is told that it is too large, however it was sent, and not by a broken connection', async () => {
    const body = `[${' '.repeat(6 * MEBIBYTE)}]`;
    const chunks = new Blob([body]).stream();
    for (const init of [{ body }, { body: chunks, duplex: 'half' }] as RequestInit[]) {
      const response = await send('/v1/events', init);
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({
        error: { code: 'TOO_LARGE', message: expect.stringContaining(`at most ${5 * MEBIBYTE} bytes`) },
      });
    }
  });

  it('is not waited for where it says that it is far too large', async () => {
    const answer = await sendRaw('POST /v1/events HTTP/1.1\r\ncontent-length: 999999999');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('send fewer events in one request');
  });

  it.each([
    ['PUT', '/v1/events', 405, 'POST'],
    ['GET', '/v1/logs', 405, 'POST'],
    ['POST', '/v1/stream', 405, 'GET, HEAD'],
    ['DELETE', '/metrics', 405, 'GET, HEAD'],
    ['POST', '/healthz', 405, 'GET, HEAD'],
    ['POST', '/v1/evnts', 404, null],
    ['POST', '/', 404, null],
  ])('names the method or the paths that there are: %s %s', async (method, path, status, allow) => {
    const response = await send(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringMatching(/takes (GET|POST)\.|^There are POST \/v1\/events/) },
    });
  });

  it.each(['//[', '//[/v1/events', '/v1/events//..\\', '/%zz'])(
    'is one for a path that is no URL: %s',
    async (path) => {
      const answer = await sendRaw(`POST ${path} HTTP/1.1\r\ncontent-length: 0`);
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(answer).toContain('{"error":{"code":');
    },
  );
});

it('goes on, and prints no stack, when whoever sends has gone', async () => {
  const printed = vi.spyOn(console, 'error');
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const head = `POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 99\r\n\r\n{`;
  socket.write(head, () => socket.destroy());
  await once(socket, 'close');
  for (const eventId of ['a', 'b', 'c']) {
    expect((await send('/v1/events', { body: JSON.stringify(good(eventId)) })).status).toBe(202);
  }
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
});

describe('a batch with something wrong in it', () => {
  it.each([
    [
      'a list',
      'application/json',
      lines([good('a'), { errorLog: { message: 7 } }, null, good('b')]),
      [
        { id: 'events[1]', error: { message: expect.stringContaining('event.errorLog.message') } },
        { id: 'events[2]', error: { message: expect.stringContaining('got null') } },
      ],
    ],
    [
      'lines',
      'application/x-ndjson',
      lines(good('a'), `{"errorLog":"${SECRET}`, good('b'), 5),
      [
        { id: 'line 2', error: { message: expect.stringMatching(/^Expected line 2 to be JSON/) } },
        { id: 'line 4', error: { message: expect.stringContaining('got a number') } },
      ],
    ],
    [
      'lines that call themselves JSON, the first of them broken',
      'application/json',
      lines(`{${SECRET}`, good('a'), good('b')),
      [{ id: 'line 1', error: { message: expect.stringMatching(/^Expected line 1 to be JSON/) } }],
    ],
  ])('loses none of its neighbours: %s', async (_is, type, body, rejected) => {
    for (const [sent, packing] of [
      [body, {}],
      [gzipSync(body), { 'content-encoding': 'gzip' }],
    ] as const) {
      const headers = { 'content-type': type, ...packing };
      const response = await send('/v1/events', { body: sent, headers });
      const answer = await response.text();
      expect(response.status).toBe(202);
      expect(JSON.parse(answer)).toMatchObject({ accepted: 2, rejected });
      expect(answer).not.toContain(SECRET);
    }
    while (log.filter(({ msg }) => msg === 'Cache hit').length < 3)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.sink.metrics.totals.counts).toMatchObject({
      EventsReceived: 4,
      RecordsRefused: 2 * rejected.length,
    });
  });

  it('tells an exporter of OTLP how many it refused, and of the first one where it was', async () => {
    const record = { severityNumber: 17, body: { stringValue: 'connect ECONNREFUSED 127.0.0.1:6379' } };
    const resourceLogs = [
      { scopeLogs: [{ logRecords: [record] }, 7] },
      SECRET,
      { scopeLogs: {} },
      { scopeLogs: [{ logRecords: SECRET }] },
    ];
    const response = await send('/v1/logs', { body: JSON.stringify({ resourceLogs }) });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      partialSuccess: {
        rejectedLogRecords: '4',
        errorMessage: 'Expected resourceLogs[0].scopeLogs[1] to be an object, got a number.',
      },
    });
  });

  it.each([
    ['no events', '[]'],
    ['no events in an object', '{"events":[]}'],
    ['an export without records', '{"resourceLogs":[{"scopeLogs":[{}]},{}]}'],
  ])('is none where it is empty: %s', async (_is, body) => {
    const response = await send('/v1/events', { body });
    expect([response.status, await response.json()]).toEqual([202, { accepted: 0, rejected: [] }]);
  });
});

it('reads what other systems write as text: a byte order mark, another charset', async () => {
  const body = JSON.stringify({ ...errorEvent({ eventId: 'a' }), service: 'Zähler' });
  for (const [bytes, charset] of [
    [Buffer.from(`\ufeff${body}`), 'UTF-8'],
    [Buffer.from(body, 'latin1'), 'iso-8859-1'],
    [Buffer.from(`\ufeff${body}`, 'utf16le'), '"utf-16"'],
  ] as const) {
    const headers = { 'content-type': `application/json; charset=${charset}` };
    const response = await send('/v1/events?wait', { body: new Uint8Array(bytes), headers });
    expect(response.status).toBe(200);
    expect(log.at(-1)).toMatchObject({ service: 'Zähler' });
  }
});
