import { once } from 'node:events';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type ServerOptions, type SinkServer } from '../../sink/server.ts';
import { createSinkLog } from '../../sink/sink-log.ts';
import type { AnalysisRecord } from '../../src/analysis-record.ts';
import { ErrorAnalysisEngine } from '../../src/engine.ts';
import { PatrolError } from '../../src/errors.ts';
import { readSigningKeys, signRequest } from '../../src/request-signature.ts';
import { errorEvent } from '../support/events.ts';
import { startOpenAI, type TestOpenAI } from '../support/openai-server.ts';

let server: SinkServer;
let log: Record<string, unknown>[];
let openai: TestOpenAI | undefined;

afterEach(async () => {
  await server.close(1000);
  await openai?.stop();
  openai = undefined;
});

async function start({ parts, ...options }: ServerOptions = {}): Promise<SinkServer> {
  log = [];
  const sinkLog = createSinkLog((line) => log.push(JSON.parse(line)));
  server = await createServer({ port: 0, host: '127.0.0.1', parts: { log: sinkLog, ...parts }, ...options });
  return server;
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('POST /v1/events', () => {
  it('takes one event, an array, {events} and NDJSON, and analyses them afterwards', async () => {
    await start();
    const events = [errorEvent({ eventId: 'a' }), errorEvent({ eventId: 'b' })];
    for (const body of [
      errorEvent({ eventId: 'one' }),
      events,
      { batchId: 'x', events },
      events.map((event) => JSON.stringify(event)).join('\n'),
    ]) {
      const response = await post('/v1/events', body);
      expect(response.status).toBe(202);
    }
    await until(() => log.length === 7);
    expect(log.filter(({ msg }) => msg === 'Cache hit')).toHaveLength(6);
  });

  it('answers with the analyses when asked to wait', async () => {
    await start();
    const response = await post('/v1/events?wait', [errorEvent({ eventId: 'a' }), { eventId: 'b' }]);
    expect(response.status).toBe(200);
    expect((await json(response)).results).toMatchObject([
      { eventId: 'a', source: 'rules' },
      { error: { code: 'EVENT_INVALID', message: expect.stringContaining('event.errorLog') } },
    ]);
  });

  it('names what it refused, and takes the rest', async () => {
    await start();
    const response = await post('/v1/events', { events: [errorEvent(), 7] });
    expect(response.status).toBe(202);
    expect(await json(response)).toMatchObject({
      accepted: 1,
      rejected: [{ id: 'events[1]', error: { code: 'EVENT_INVALID' } }],
    });
  });

  it('takes gzip, whatever its header says', async () => {
    await start();
    const body = gzipSync(JSON.stringify(errorEvent()));
    expect((await post('/v1/events', body, { 'content-encoding': 'gzip' })).status).toBe(202);
    expect((await post('/v1/events', body)).status).toBe(202);
  });

  it.each([
    ['no JSON', 'nonsense', 400],
    ['nothing', '', 400],
    ['no event', { hello: 1 }, 400],
    ['broken gzip', new Uint8Array([0x1f, 0x8b, 1, 2, 3]), 400],
    ['a body beyond the limit', 'x'.repeat(20_000), 413],
    ['a body that unpacks beyond the limit', gzipSync('x'.repeat(200_000)), 413],
  ])('refuses %s with a JSON error', async (_, body, status) => {
    await start({ maxBodyBytes: 10_000, maxInflatedBytes: 100_000 });
    const response = await post('/v1/events', body);
    expect(response.status).toBe(status);
    expect(await json(response)).toMatchObject({ error: { code: expect.any(String) } });
  });

  it('refuses protobuf, other methods and other paths', async () => {
    await start();
    expect((await post('/v1/logs', 'x', { 'content-type': 'application/x-protobuf' })).status).toBe(415);
    expect((await fetch(`${server.url}/v1/events`)).status).toBe(405);
    expect((await post('/elsewhere', {})).status).toBe(404);
  });

  it('asks for patience when too much is waiting', async () => {
    await start({ maxWaiting: 1 });
    const response = await post('/v1/events', [errorEvent(), errorEvent()]);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('counts what applications have lost, once a batch', async () => {
    await start();
    const batch = { batchId: 'b1', events: [errorEvent()], dropped: { buffer_full: 3 } };
    await post('/v1/events', batch);
    await post('/v1/events', batch);
    expect(server.sink.metrics.totals.droppedBy).toEqual({ buffer_full: 3 });
  });

  it('tries again what failed for the moment', async () => {
    const engine = new ErrorAnalysisEngine();
    let failures = 1;
    const moody: typeof engine.processErrorLog = (event, options) =>
      failures-- > 0
        ? Promise.reject(new PatrolError('MODEL_UNAVAILABLE', 'busy', { retryable: true }))
        : engine.processErrorLog(event, options);
    await start({ parts: { engine: { processErrorLog: moody } } });
    expect((await post('/v1/events', errorEvent())).status).toBe(202);
    await until(() => log.length === 2);
    expect(log).toMatchObject([{ level: 'ERROR', code: 'MODEL_UNAVAILABLE' }, { msg: 'Analysed' }]);
  });
});

describe('POST /v1/logs', () => {
  const logs = (...logRecords: unknown[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });

  it('answers as OTLP asks for', async () => {
    await start();
    const response = await post('/v1/logs', logs({ severityNumber: 17, body: { stringValue: 'boom' } }));
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({});
    await until(() => log.length === 1);
  });

  it('takes an export without errors', async () => {
    await start();
    expect((await post('/v1/logs', logs({ severityNumber: 9, body: { stringValue: 'fine' } }))).status).toBe(
      200,
    );
  });
});

describe('the bearer token', () => {
  it('is asked for on every /v1 route', async () => {
    await start({ sinkToken: 'a-token-for-tests' });
    for (const authorization of ['', 'Bearer wrong', 'Basic a-token-for-tests']) {
      const response = await post('/v1/events', errorEvent(), { authorization });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect((await fetch(`${server.url}/v1/stream`, { headers: { authorization } })).status).toBe(401);
    }
    const authorization = 'Bearer a-token-for-tests';
    expect((await post('/v1/events', errorEvent(), { authorization })).status).toBe(202);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('the signing key', () => {
  const sinkSigningKey = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const sign = (body: Uint8Array) => signRequest(readSigningKeys(sinkSigningKey), body);

  it('lets a signed body in once, packed or not, and no other body', async () => {
    await start({ sinkSigningKey });
    const plain = Buffer.from(JSON.stringify(errorEvent()));
    for (const body of [plain, gzipSync(plain)]) {
      const headers = { ...sign(body) };
      expect((await post('/v1/events', Buffer.from('{}'), headers)).status).toBe(401);
      expect((await post('/v1/events', body, headers)).status).toBe(202);
      expect((await post('/v1/events', body, headers)).status).toBe(401);
    }
    expect((await post('/v1/events', plain)).status).toBe(401);
    expect((await fetch(`${server.url}/v1/stream`)).status).toBe(401);
  });

  it('opens the stream too', async () => {
    await start({ sinkSigningKey });
    const stopped = new AbortController();
    const headers = { ...sign(Buffer.alloc(0)) };
    const open = () => fetch(`${server.url}/v1/stream`, { headers, signal: stopped.signal });
    expect((await open()).status).toBe(200);
    expect((await open()).status).toBe(401);
    stopped.abort();
  });
});

it('tells no browser that another origin may read', async () => {
  await start();
  const origin = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
  for (const path of [
    '/v1/events',
    '/v1/logs',
    '/v1/stream',
    '/v1/errors',
    '/v1/session',
    '/healthz',
    '/metrics',
    '/',
  ]) {
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const stopped = new AbortController();
      const { headers } = await fetch(server.url + path, { method, headers: origin, signal: stopped.signal });
      stopped.abort();
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  }
});

describe('GET /v1/stream', () => {
  async function listen(query: string, headers: Record<string, string> = {}) {
    const listener = request(`${server.url}/v1/stream${query}`, { headers }).end();
    const [response] = await once(listener, 'response');
    const heard: { id: string; record: AnalysisRecord }[] = [];
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = /^id: (.*)\nevent: analysis\ndata: (.*)$/.exec(text.slice(0, end));
        if (block) heard.push({ id: block[1] ?? '', record: JSON.parse(block[2] ?? '') });
        text = text.slice(end + 2);
      }
    });
    response.on('error', () => {});
    return { heard, stop: () => listener.destroy() };
  }

  it('brings the analyses of a service, and of no other', async () => {
    await start();
    const [orders, all] = [await listen('?service=orders'), await listen('')];
    await post('/v1/events', [
      errorEvent({ eventId: 'a' }),
      errorEvent({ eventId: 'b', service: 'payments' }),
    ]);
    await until(() => all.heard.length === 2);
    expect(orders.heard.map(({ record }) => record.patrol.eventId)).toEqual(['a']);
    expect(orders.heard[0]?.record).toMatchObject({ msg: expect.any(String), patrol: { event: 'analysis' } });
  });

  it('lets a listener catch up on what it missed', async () => {
    await start();
    const first = await listen('?service=orders');
    await post('/v1/events', errorEvent({ eventId: 'a' }));
    await until(() => first.heard.length === 1);
    first.stop();
    await post('/v1/events?wait', errorEvent({ eventId: 'b' }));
    const again = await listen('?service=orders', { 'last-event-id': first.heard[0]?.id ?? '' });
    await until(() => again.heard.length === 1);
    expect(again.heard[0]?.record.patrol.eventId).toBe('b');
  });

  it('forgets a listener that has gone', async () => {
    await start();
    const listener = await listen('');
    listener.stop();
    await post('/v1/events?wait', errorEvent());
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('GET /metrics', () => {
  it('counts in Prometheus’s format', async () => {
    await start();
    await post('/v1/events?wait', [errorEvent({ occurrences: 5 }), errorEvent()]);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toContain('patrol_events_received_total 2\n');
    expect(text).toContain('patrol_occurrences_total 6\n');
    expect(text).toContain('patrol_cache_hits_total 1\n');
    expect(text).toContain('patrol_analysis_seconds_count 1\n');
  });
});

describe('the server', () => {
  it('finishes what it has taken before it closes', async () => {
    openai = await startOpenAI();
    const { OPENAI_API_KEY, OPENAI_BASE_URL } = openai.env;
    await start({ openaiApiKey: OPENAI_API_KEY, openaiBaseUrl: OPENAI_BASE_URL });
    await post('/v1/events', errorEvent({ errorLog: { name: 'CartError', message: 'not priced' } }));
    await server.close(5000);
    expect(log).toMatchObject([{ msg: 'Analysed', result: { source: 'llm' } }]);
  });

  it('says which setting is wrong', async () => {
    await start();
    await expect(createServer({ port: 0, queueUrl: 'x' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const port = Number(new URL(server.url).port);
    await expect(createServer({ port, host: '127.0.0.1' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(String(port)),
    });
  });

  it('listens on the loopback interface alone when no token is set', async () => {
    await start();
    const open = await createServer({ port: 0 });
    expect(open.url).toContain('127.0.0.1');
    await open.close(0);
  });
});
