import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServer, type ServerOptions, type SinkServer } from '../../../sink/server.ts';
import { createSinkLog } from '../../../sink/sink-log.ts';
import { errorEvent } from '../../support/events.ts';
import { startSlack, startSlackApi, type WebhookServer } from '../../support/webhook-server.ts';

let server: SinkServer | undefined;
let slack: WebhookServer;
let log: Record<string, unknown>[];

beforeEach(async () => {
  slack = await startSlack();
});
afterEach(async () => {
  await server?.close(500);
  await slack.stop();
  server = undefined;
});

async function start(options: ServerOptions = {}): Promise<string> {
  log = [];
  const parts = { log: createSinkLog((line) => log.push(JSON.parse(line))) };
  const webhookUrl = `slack:${slack.url}`;
  server = await createServer({ port: 0, host: '127.0.0.1', webhookUrl, parts, ...options });
  return server.url;
}

const post = (url: string, body: unknown = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('a sink with a webhook', () => {
  it('tells of a new error once, with its analysis', async () => {
    const url = await start();
    await post(`${url}/v1/events?wait`, [errorEvent(), errorEvent(), errorEvent()]);
    await slack.until(() => slack.taken.length === 1);
    expect(slack.taken[0]?.text).toContain('New error in orders');
    expect(slack.taken[0]?.text).toContain('ECONNREFUSED');
    await server?.close(1000);
    expect(slack.requests).toHaveLength(1);
  });

  it('sends nothing that is to stay secret', async () => {
    const url = await start();
    const password = ['hunter', '2', 'hunter', '2'].join('');
    const message = `cannot log in with postgres://app:${password}@db/orders for jane.doe@example.com`;
    await post(`${url}/v1/events?wait`, errorEvent({ errorLog: { name: 'Error', message } }));
    await slack.until(() => slack.taken.length === 1);
    expect(slack.taken[0]?.text).not.toMatch(new RegExp(`${password}|jane\\.doe`));
  });

  it.each(['hang', 'reset', { status: 500 }] as const)(
    'answers with the analysis while the webhook is dead: %s',
    async (fault) => {
      const url = await start();
      slack.faults.push(...Array.from({ length: 20 }, () => fault));
      const answered = await post(`${url}/v1/events?wait`, errorEvent({ eventId: 'one' }));
      expect(await answered.json()).toMatchObject({ results: [{ eventId: 'one', source: 'rules' }] });
      expect(log.some(({ msg }) => msg === 'Analysed')).toBe(true);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    },
  );

  it('tells of a new error, too, that has to wait for the budget of the model', async () => {
    const openai = { openaiBaseUrl: 'http://127.0.0.1:9/v1', openaiApiKey: 'test', budgetCallsPerDay: 0 };
    const url = await start(openai);
    const event = errorEvent({ errorLog: { name: 'CartError', message: 'cart is not priced' } });
    await post(`${url}/v1/events`, event);
    await slack.until(() => slack.taken.length === 1);
    expect(slack.taken[0]?.text).toContain('cart is not priced');
    expect(slack.taken[0]?.text).toMatch(/No root cause found.*budget/i);
  });

  it('counts what was delivered among its metrics', async () => {
    const url = await start();
    await post(`${url}/v1/events?wait`, errorEvent());
    await slack.until(() => slack.taken.length === 1);
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    while (!(await metrics()).includes('patrol_alerts_delivered_total 1')) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  it('does not start with a wrong file of them', async () => {
    await expect(start({ webhooksFile: '/no/such/file.yaml' })).rejects.toThrow(/PATROL_WEBHOOKS_FILE/);
  });
});

describe('/v1/webhooks', () => {
  it('lists them without their addresses', async () => {
    const url = await start();
    const text = await (await fetch(`${url}/v1/webhooks`)).text();
    expect(JSON.parse(text)).toEqual([
      { id: 'default', kind: 'slack', updates: false, rateLimit: { messages: 10, seconds: 60 } },
    ]);
  });

  it('is an empty list without any', async () => {
    const url = await start({ webhookUrl: undefined });
    expect(await (await fetch(`${url}/v1/webhooks`)).json()).toEqual([]);
  });

  it('tests one, and says what became of it', async () => {
    const url = await start();
    const test = async () => (await post(`${url}/v1/webhooks/default/test`)).json();
    expect(await test()).toEqual({ delivered: true, status: 200, message: 'The test was delivered.' });
    expect(slack.taken[0]?.text).toContain('This is a test');
    slack.faults.push({ status: 410, text: 'channel_is_archived' });
    expect(await test()).toEqual({
      delivered: false,
      status: 410,
      message: 'The test was not delivered: answered 410 (channel_is_archived).',
    });
    expect((await post(`${url}/v1/webhooks/other/test`)).status).toBe(404);
    expect(await (await fetch(`${url}/v1/webhooks`)).json()).toMatchObject([
      { last: { what: 'test', delivered: false, status: 410 } },
    ]);
  });
});

describe('a sink that remembers', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patrol-alerts-'));
  });
  afterEach(async () => {
    await server?.close(500);
    server = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it('tells again when an error comes back after it was resolved, and not because it was started anew', async () => {
    const api = await startSlackApi();
    const webhooksFile = join(folder, 'webhooks.json');
    const bot = { id: 'bot', token: 'xoxb-test', channel: '#errors', apiUrl: api.url };
    await writeFile(webhooksFile, JSON.stringify({ webhooks: [bot] }));
    const remembering = { historyFile: join(folder, 'history.db'), webhookUrl: undefined, webhooksFile };
    let url = await start(remembering);
    await post(`${url}/v1/events?wait`, [errorEvent({ occurrences: 3 }), errorEvent()]);
    await api.until(() => api.taken.length === 1);
    await server?.close(5000);

    url = await start(remembering);
    await post(`${url}/v1/events?wait`, errorEvent());
    const { errors } = (await (await fetch(`${url}/v1/errors`)).json()) as {
      errors: { errorHash: string }[];
    };
    await post(`${url}/v1/errors/${errors[0]?.errorHash}/actions`, { action: 'resolve' });
    await post(`${url}/v1/events?wait`, errorEvent({ timestamp: Date.now() }));
    await api.until(() => api.taken.some(({ body }) => body.thread_ts !== undefined));
    await server?.close(5000);
    const said = api.taken.map(({ path, body }) => [
      path.slice(10),
      body.thread_ts,
      String(body.text).split(':')[0],
    ]);
    const root = '1700000000.000001';
    expect(said).toContainEqual([
      'postMessage',
      undefined,
      expect.stringMatching(/^New error in orders, [34] times/),
    ]);
    expect(said).toContainEqual(['postMessage', root, 'Error in orders came back, 6 times']);
    expect(said.filter(([method]) => method === 'postMessage')).toHaveLength(2);
    await api.stop();
  });
});
