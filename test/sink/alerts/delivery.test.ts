import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { later, seen, startAlerts } from '../../support/alerts.ts';
import {
  type Fault,
  startDiscord,
  startReceiver,
  startSlack,
  startSlackApi,
  startTeams,
  type WebhookServer,
} from '../../support/webhook-server.ts';

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const servers: WebhookServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function open(starting: Promise<WebhookServer>): Promise<WebhookServer> {
  const server = await starting;
  servers.push(server);
  return server;
}

const kinds: readonly [
  string,
  () => Promise<WebhookServer>,
  (server: WebhookServer) => Record<string, unknown>,
][] = [
  ['Slack’s webhook', startSlack, ({ url }) => ({ kind: 'slack', url })],
  ['Slack’s bot', startSlackApi, ({ url }) => ({ token: 'xoxb-test', channel: '#errors', apiUrl: url })],
  ['Discord', startDiscord, ({ url }) => ({ kind: 'discord', url })],
  ['Teams', startTeams, ({ url }) => ({ kind: 'teams', url })],
  ['a signed webhook', startReceiver, ({ url }) => ({ kind: 'generic', url, secret: SECRET })],
];

describe.each(kinds)('%s', (_, startPlatform, fieldsOf) => {
  const tellAfter = async (...faults: Fault[]) => {
    const server = await open(startPlatform());
    const attemptTimeout = faults.includes('hang') ? 500 : 10_000;
    const alerts = startAlerts([{ id: 'team', ...fieldsOf(server) }], {
      patience: { retries: 3, minTimeout: 10, attemptTimeout },
    });
    server.faults.push(...faults);
    alerts.see(seen('boom'));
    await alerts.settle(later());
    return { server, alerts };
  };

  it('takes an alert, a test and what was made of hostile texts', async () => {
    const { server, alerts } = await tellAfter();
    const hostile =
      '<!channel> @everyone [x](https://evil.example) <at>all</at> *_~`|\\ \u202e\u0000 語'.repeat(100);
    alerts.see(
      seen(
        hostile,
        { service: hostile.slice(0, 200), webhookConfigId: 'https://evil.example/hook' },
        { rootCause: hostile, suggestedFix: hostile, nextSteps: [hostile], model: hostile },
      ),
    );
    await alerts.settle(later());
    expect(await alerts.test('team')).toMatchObject({ delivered: true });
    expect(server.requests).toHaveLength(3);
    expect(server.taken).toHaveLength(3);
  });

  it.each<[string, Fault]>([
    ['a server’s error', { status: 503 }],
    ['a connection that is reset', 'reset'],
    ['no answer in time', 'hang'],
    ['a wish for patience', { status: 429, headers: { 'retry-after': '0.05' } }],
  ])('is tried again after %s', async (__, fault) => {
    const { server, alerts } = await tellAfter(fault);
    expect(server.requests).toHaveLength(2);
    expect(alerts.recent).toMatchObject([{ webhook: 'team', what: 'new', delivered: true, attempts: 2 }]);
  });

  it('is not asked again for what it refuses, and the refusal is recorded without the address', async () => {
    const { server, alerts } = await tellAfter({ status: 404, text: 'path-that-is-a-secret' });
    expect(server.requests).toHaveLength(1);
    expect(alerts.recent).toMatchObject([{ delivered: false, status: 404, attempts: 1 }]);
    expect(alerts.metrics.totals.counts.AlertsFailed).toBe(1);
    const lines = JSON.stringify(alerts.log);
    expect(lines).toContain('Alert not delivered');
    expect(lines).not.toMatch(/path-that-is-a-secret|xoxb-test|whsec_|127\.0\.0\.1/);
  });

  it('is never followed elsewhere', async () => {
    const elsewhere = await open(startReceiver());
    const { alerts } = await tellAfter({ status: 307, headers: { location: elsewhere.url } });
    expect(elsewhere.requests).toHaveLength(0);
    expect(alerts.recent).toMatchObject([{ delivered: false, status: 307 }]);
  });
});

describe('a webhook that is dead', () => {
  it('gets a digest when it is back, and nothing waits for it meanwhile', async () => {
    const slack = await open(startSlack());
    let time = Date.UTC(2026, 0, 15, 12);
    const alerts = startAlerts([{ id: 'team', kind: 'slack', url: slack.url }], { now: () => time });
    slack.faults.push({ status: 500 }, { status: 500 }, { status: 500 }, { status: 500 });
    alerts.see(seen('a'));
    await alerts.settle(later());
    for (const message of ['b', 'c', 'd']) alerts.see(seen(message));
    await alerts.settle(later());
    expect(slack.requests).toHaveLength(4);
    time += 61_000;
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(1);
    expect(slack.taken[0]?.text).toContain('4 errors more');
    alerts.see(seen('e'));
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(2);
  });

  it('is recorded when nothing listens there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const alerts = startAlerts([{ id: 'team', kind: 'slack', url: `http://127.0.0.1:${port}/services/x` }]);
    alerts.see(seen('boom'));
    await alerts.settle(later());
    expect(alerts.recent).toMatchObject([
      { delivered: false, attempts: 4, problem: 'could not be reached (ECONNREFUSED)' },
    ]);
  });

  it('is given up at the deadline', async () => {
    const slack = await open(startSlack());
    slack.faults.push({ status: 429, headers: { 'retry-after': '3600' } });
    const alerts = startAlerts([{ id: 'team', kind: 'slack', url: slack.url }]);
    alerts.see(seen('boom'));
    await alerts.settle(later());
    expect(slack.requests).toHaveLength(1);
    expect(alerts.recent).toMatchObject([{ delivered: false, retryable: true }]);
    expect(alerts.metrics.totals.counts.AlertsHeld).toBe(1);
  });
});

describe('a platform that wants its messages slowly', () => {
  it.each([
    ['Slack', () => startSlack({ perSecond: 1 }), 'slack'],
    ['Discord', () => startDiscord({ perSecond: 2 }), 'discord'],
    ['Teams', () => startTeams({ perSecond: 2 }), 'teams'],
  ] as const)('gets all of them: %s', async (_, startPlatform, kind) => {
    const server = await open(startPlatform());
    const alerts = startAlerts([{ id: 'team', kind, url: server.url }], {
      patience: { retries: 9, minTimeout: 200, attemptTimeout: 2000 },
    });
    for (const message of ['a', 'b', 'c']) alerts.see(seen(message));
    await alerts.settle(later());
    expect(alerts.recent.map(({ delivered }) => delivered)).toEqual([true, true, true]);
  });
});

describe('a signed webhook', () => {
  it('verifies with the library of Standard Webhooks, and a changed one does not', async () => {
    const server = await open(startReceiver());
    const alerts = startAlerts([{ id: 'team', kind: 'generic', url: server.url, secret: SECRET }]);
    server.faults.push({ status: 500 });
    alerts.see(seen('boom', { environment: 'production' }));
    await alerts.settle(later());
    const [first, second] = server.requests;
    const headers = second?.headers as Record<string, string>;
    const verified = new Webhook(SECRET).verify(second?.text ?? '', headers);
    expect(verified).toMatchObject({
      type: 'error.new',
      data: {
        severity: 'error',
        environment: 'production',
        patrol: { message: 'boom', rootCause: 'Why: boom' },
      },
    });
    expect(first?.headers['webhook-id']).toBe(headers['webhook-id']);
    expect(() => new Webhook(SECRET).verify(`${second?.text} `, headers)).toThrow(/signature/i);
  });
});
