import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/stores/memory.ts';
import { arrivalOf, later, seen, startAlerts } from '../../support/alerts.ts';
import { textsOf } from '../../support/hostile-records.ts';
import {
  startDiscord,
  startReceiver,
  startSlack,
  startSlackApi,
  startTeams,
  type WebhookServer,
} from '../../support/webhook-server.ts';

const servers: WebhookServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function open(starting: Promise<WebhookServer>): Promise<WebhookServer> {
  const server = await starting;
  servers.push(server);
  return server;
}

/** A clock that the test moves on. */
function clock(at = Date.UTC(2026, 0, 15, 12)): { now: () => number; pass: (ms: number) => void } {
  let time = at;
  return {
    now: () => time,
    pass: (ms) => {
      time += ms;
    },
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('who is told', () => {
  it('tells once of an error that nobody was told of', async () => {
    const slack = await open(startSlack());
    const alerts = startAlerts([{ id: 'team', kind: 'slack', url: slack.url }]);
    for (let time = 0; time < 3; time++) alerts.see(seen('boom'));
    alerts.see(seen('other'));
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(2);
    expect(slack.taken[0]?.text).toContain('New error in orders');
    expect(alerts.metrics.totals.counts).toMatchObject({
      AlertsDelivered: 2,
      AlertsFailed: 0,
      AlertsHeld: 0,
    });
  });

  it('goes by what the history says: new, back again, or more than usual', async () => {
    const slack = await open(startSlack());
    const alerts = startAlerts([{ id: 'team', kind: 'slack', url: slack.url }]);
    const tell = async (message: string, arrival: Parameters<typeof arrivalOf>[1]) => {
      const one = seen(message);
      alerts.see({ ...one, arrival: arrivalOf(one, arrival) });
      await alerts.settle(later());
    };
    await tell('known', {});
    await tell('a', { change: 'new', status: 'new' });
    await tell('b', { change: 'regressed', status: 'regressed' });
    await tell('ignored until it came so often', { change: 'unignored' });
    await tell('c', { spiking: true });
    await tell('nobody wants to know', { spiking: true, status: 'ignored' });
    await tell('comes again, as its process was killed', { counted: false, status: 'new' });
    expect(slack.taken.map(({ body }) => String(body.text).split(':')[0])).toEqual([
      'New error in orders',
      'Error in orders came back',
      'Error in orders came back',
      'Error in orders comes more often than usual',
      'New error in orders',
    ]);
  });

  it('routes by service, environment, severity and occasion', async () => {
    const [orders, critical, returned] = await Promise.all([
      open(startReceiver()),
      open(startReceiver()),
      open(startReceiver()),
    ]);
    const hook = (id: string, { url }: WebhookServer, route: object) => ({
      id,
      kind: 'generic',
      url,
      secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      routes: [route],
    });
    const alerts = startAlerts(
      [
        hook('orders', orders, { services: ['orders', 'pay*'], environments: ['production'] }),
        hook('critical', critical, { severity: 'critical' }),
        hook('returned', returned, { on: ['regressed'] }),
      ],
      { decide: ({ service }) => (service === 'bank' ? { severity: 'critical' } : undefined) },
    );
    const production = { environment: 'production' };
    alerts.see(seen('a', { service: 'orders', ...production }));
    alerts.see(seen('b', { service: 'payments', ...production }));
    alerts.see(seen('c', { service: 'orders', environment: 'staging' }));
    alerts.see(seen('d', { service: 'bank', ...production }));
    const back = seen('e', { service: 'mail' });
    alerts.see({ ...back, arrival: arrivalOf(back, { change: 'regressed' }) });
    await alerts.settle(later());
    const messages = ({ taken }: WebhookServer) =>
      taken.map(({ body }) => (body.data as { patrol: { message: string } }).patrol.message).sort();
    expect([orders, critical, returned].map(messages)).toEqual([['a', 'b'], ['d'], ['e']]);
  });

  it('lets an event and a rule choose among the configured webhooks, and nothing else', async () => {
    const [one, other, foreign] = await Promise.all([
      open(startSlack()),
      open(startSlack()),
      open(startSlack()),
    ]);
    const alerts = startAlerts(
      [
        { id: 'one', kind: 'slack', url: one.url },
        { id: 'other', kind: 'slack', url: other.url, routes: [{ services: ['nobody'] }] },
        { id: 'never', kind: 'slack', url: foreign.url, routes: [] },
      ],
      { decide: ({ errorLog }) => (errorLog.message === 'ruled' ? { route: ['other'] } : undefined) },
    );
    alerts.see(seen('chosen', { webhookConfigId: 'other' }));
    alerts.see(seen('ruled'));
    alerts.see(seen('unknown id', { webhookConfigId: foreign.url }));
    alerts.see(seen('of no occasion there', { webhookConfigId: 'never' }));
    await alerts.settle(later());
    expect([one, other, foreign].map(({ taken }) => taken.length)).toEqual([1, 2, 0]);
  });
});

describe('a storm of one error', () => {
  it('makes one message, which shows the count as it grows', async () => {
    const [slack, discord] = await Promise.all([open(startSlackApi()), open(startDiscord())]);
    const { now, pass } = clock();
    const alerts = startAlerts(
      [
        { id: 'bot', kind: 'slack', token: 'xoxb-test', channel: '#errors', apiUrl: slack.url },
        { id: 'discord', kind: 'discord', url: discord.url },
      ],
      { now },
    );
    for (let minute = 0; minute < 3; minute++) {
      for (let time = 0; time < 1000; time++) alerts.see(seen('boom', {}, { cached: time > 0 }));
      await alerts.settle(later());
      pass(MINUTE);
    }
    await alerts.settle(later());
    const paths = slack.requests.map(({ path }) => path.replace('/api/chat.', ''));
    expect(paths).toEqual(['postMessage', 'update', 'update']);
    expect(slack.taken.at(-1)?.body).toMatchObject({ channel: 'C123', ts: '1700000000.000001' });
    expect(slack.taken.at(-1)?.body.text).toContain('New error in orders, 3000 times');
    expect(discord.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH']);
    expect(discord.taken.at(-1)?.text).toContain('3000 times');
  });

  it('makes one message, too, where nothing can be written over, and when its rate counts as unusual', async () => {
    const teams = await open(startTeams());
    const { now, pass } = clock();
    const alerts = startAlerts([{ id: 'team', kind: 'teams', url: teams.url }], { now });
    for (let time = 0; time < 1000; time++) {
      const one = seen('boom');
      const change = time === 0 ? 'new' : 'known';
      alerts.see({ ...one, arrival: arrivalOf(one, { change, status: 'new', spiking: time % 100 === 99 }) });
      await alerts.settle(later());
      pass(1000);
    }
    expect(teams.requests).toHaveLength(1);
  });

  it('is left alone when somebody has deleted the message', async () => {
    const discord = await open(startDiscord());
    const { now, pass } = clock();
    const alerts = startAlerts([{ id: 'discord', kind: 'discord', url: discord.url }], { now });
    for (let minute = 0; minute < 4; minute++) {
      alerts.see(seen('boom'));
      await alerts.settle(later());
      discord.faults = [{ status: 404, text: '{"code":10008}' }];
      pass(MINUTE);
    }
    expect(discord.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
  });

  it('is answered in its thread when it comes back', async () => {
    const slack = await open(startSlackApi());
    const alerts = startAlerts([
      { id: 'bot', kind: 'slack', token: 'xoxb-test', channel: '#errors', apiUrl: slack.url },
    ]);
    for (const change of ['new', 'regressed'] as const) {
      const one = seen('boom');
      alerts.see({ ...one, arrival: arrivalOf(one, { change }) });
      await alerts.settle(later());
    }
    expect(slack.taken.map(({ body }) => [body.thread_ts, body.reply_broadcast])).toEqual([
      [undefined, undefined],
      ['1700000000.000001', true],
    ]);
  });
});

describe('an error whose thread is gone', () => {
  it('begins another when it comes back', async () => {
    const slack = await open(startSlackApi());
    const alerts = startAlerts([
      { id: 'bot', kind: 'slack', token: 'xoxb-test', channel: '#errors', apiUrl: slack.url },
    ]);
    const tell = async (change: 'new' | 'regressed') => {
      const one = seen('boom');
      alerts.see({ ...one, arrival: arrivalOf(one, { change }) });
      await alerts.settle(later());
    };
    await tell('new');
    slack.faults = [{ status: 200, text: '{"ok":false,"error":"thread_not_found"}' }];
    await tell('regressed');
    await tell('regressed');
    const threads = slack.requests.map(({ body }) => body.thread_ts);
    expect(threads).toEqual([undefined, '1700000000.000001', undefined, '1700000000.000002']);
  });
});

describe('an error that is not analysed yet', () => {
  it('is told of, and its message gets the analysis when there is one', async () => {
    const discord = await open(startDiscord());
    const { now, pass } = clock();
    const alerts = startAlerts([{ id: 'discord', kind: 'discord', url: discord.url }], { now });
    const waiting = {
      source: 'none',
      rootCause: '',
      analysis: 'No root cause found, because it waits.',
    } as const;
    alerts.see({ ...seen('boom', {}, waiting), unanalysed: true });
    await alerts.settle(later());
    expect(discord.taken[0]?.text).toContain('because it waits');
    pass(MINUTE);
    alerts.see(seen('boom'));
    await alerts.settle(later());
    expect(discord.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
    expect(discord.taken[1]?.text).toContain('Why\\\\: boom');
  });
});

describe('many different errors at once', () => {
  it('come as a few messages and one digest with the worst first', async () => {
    const slack = await open(startSlack());
    const { now, pass } = clock();
    const alerts = startAlerts(
      [{ id: 'team', kind: 'slack', url: slack.url, rateLimit: { messages: 5, seconds: 60 } }],
      {
        now,
        decide: ({ errorLog }) => (errorLog.message === 'error 30' ? { severity: 'critical' } : undefined),
      },
    );
    for (let number = 0; number < 1000; number++) alerts.see(seen(`error ${number}`));
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(5);
    pass(MINUTE + 1000);
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(6);
    const digest = JSON.stringify(slack.taken.at(-1)?.body);
    expect(digest).toContain('995 errors more, all at once');
    expect(digest).toContain('and 980 more');
    expect(digest.indexOf('error 30')).toBeLessThan(digest.indexOf('error 6'));
    expect(alerts.metrics.totals.counts.AlertsHeld).toBe(995);
    pass(MINUTE);
    await alerts.settle(later());
    expect(slack.requests).toHaveLength(6);
  });

  it.each([
    ['Slack', startSlack, 'slack', /[<>]|@everyone/],
    ['Discord', startDiscord, 'discord', /@everyone|(?<!\\)[<[`~|]/],
    ['Teams', startTeams, 'teams', /[<>]|@everyone|\]\(/],
  ] as const)(
    'make a digest that %s takes, however long and hostile its texts are',
    async (_, startPlatform, kind, forbidden) => {
      const platform = await open(startPlatform());
      const { now, pass } = clock();
      const alerts = startAlerts(
        [{ id: 'team', kind, url: platform.url, rateLimit: { messages: 1, seconds: 60 } }],
        { now },
      );
      const written = [
        '語',
        '@everyone <!channel> ',
        '[x](https://evil.example) ',
        '*_~`|\\',
        '\u202e\u0000<at>x</at>',
      ];
      for (let number = 0; number < 40; number++) {
        const text = (written[number % written.length] ?? '').repeat(300);
        alerts.see(seen(`${number} ${text}`, { service: text.slice(0, 150) }, { rootCause: text }));
      }
      await alerts.settle(later());
      pass(MINUTE + 1000);
      await alerts.settle(later());
      expect(platform.taken).toHaveLength(2);
      const texts = textsOf(platform.taken[1]?.body).filter(
        ([path]) => path.endsWith('text') || path.endsWith('description'),
      );
      expect(texts.some(([, text]) => forbidden.test(text) || text.includes('\u202e'))).toBe(false);
      expect(texts.length).toBeGreaterThan(1);
    },
  );
});

describe('quiet hours', () => {
  const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };

  it('hold back what is not critical, and end with a digest', async () => {
    const slack = await open(startSlack());
    // 03:00 in Berlin.
    const { now, pass } = clock(Date.UTC(2026, 0, 15, 2));
    const alerts = startAlerts([{ id: 'team', kind: 'slack', url: slack.url, quietHours }], {
      now,
      decide: ({ errorLog }) => (errorLog.message === 'fire' ? { severity: 'critical' } : undefined),
    });
    for (const message of ['boom', 'bang', 'fire']) alerts.see(seen(message));
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(1);
    expect(slack.taken[0]?.text).toContain('fire');
    for (let hour = 0; hour < 3; hour++) {
      pass(HOUR);
      await alerts.settle(later());
    }
    expect(slack.taken).toHaveLength(1);
    pass(HOUR + 1000);
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(2);
    const digest = slack.taken[1]?.text ?? '';
    expect(digest).toContain('2 errors in the quiet hours');
    expect(digest).toContain('2026-01-14 21:00 UTC to 2026-01-15 06:00 UTC');
    expect(digest).toMatch(/boom.*bang|bang.*boom/);
  });
});

describe('what came before the quiet hours and was too much', () => {
  const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };

  it('waits for their end, while critical errors come in a digest of their own', async () => {
    const slack = await open(startSlack());
    // 21:30 in Berlin; the window of two hours ends at 23:00 there.
    const { now, pass } = clock(Date.UTC(2026, 0, 14, 20, 30));
    const alerts = startAlerts(
      [
        {
          id: 'team',
          kind: 'slack',
          url: slack.url,
          quietHours,
          rateLimit: { messages: 1, seconds: 7200 },
        },
      ],
      {
        now,
        decide: ({ errorLog }) =>
          errorLog.message.startsWith('fire') ? { severity: 'critical' } : undefined,
      },
    );
    const come = async (...messages: string[]) => {
      for (const message of messages) alerts.see(seen(message));
      await alerts.settle(later());
    };
    await come('boom', 'bang');
    pass(HOUR);
    await come('fire 1', 'fire 2');
    expect(slack.taken).toHaveLength(2);
    pass(HOUR);
    await come();
    expect(slack.taken).toHaveLength(3);
    expect(slack.taken[2]?.text).toContain('fire 2');
    expect(slack.taken[2]?.text).not.toContain('bang');
    pass(8 * HOUR);
    await come();
    expect(slack.taken).toHaveLength(4);
    expect(slack.taken[3]?.text).toContain('bang');
  });
});

describe('processes that share a store', () => {
  it('send one message about an error that all of them meet', async () => {
    const slack = await open(startSlack());
    const store = createMemoryStore();
    const processes = Array.from({ length: 24 }, () =>
      startAlerts([{ id: 'team', kind: 'slack', url: slack.url }], { store }),
    );
    for (const alerts of processes) alerts.see(seen('boom'));
    await Promise.all(processes.map((alerts) => alerts.settle(later())));
    expect(slack.requests).toHaveLength(1);
  });

  it('ask the store about an error once, however often it comes meanwhile', async () => {
    const slack = await open(startSlack());
    let asked = 0;
    const memory = createMemoryStore();
    const store = {
      ...memory,
      putIfAbsent(...parameters: Parameters<typeof memory.putIfAbsent>) {
        asked++;
        return memory.putIfAbsent(...parameters);
      },
    };
    const alerts = startAlerts([{ id: 'team', kind: 'slack', url: slack.url }], { store });
    for (let time = 0; time < 10_000; time++) alerts.see(seen('boom'));
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(1);
    expect(asked).toBe(1);
  });

  it('leave the telling to the one that has the analysis', async () => {
    const slack = await open(startSlack());
    const store = createMemoryStore();
    const hook = { id: 'team', kind: 'slack', url: slack.url };
    const [first, analysing] = [startAlerts([hook], { store }), startAlerts([hook], { store })];
    const met = seen('boom');
    // The first to count it sees that it is new, but the other one holds the lease of the analysis.
    await first.expect(met.event, arrivalOf(met, { change: 'new', status: 'new' }));
    const other = seen('boom');
    analysing.see({ ...other, arrival: arrivalOf(other, { status: 'new' }) });
    await analysing.settle(later());
    expect(slack.taken).toHaveLength(1);
  });

  it('each tell for themselves while the store is down, with one warning', async () => {
    const slack = await open(startSlack());
    const broken = { ...createMemoryStore(), name: 'redis' };
    for (const method of ['get', 'put', 'putIfAbsent', 'replace', 'remove', 'increment'] as const) {
      Object.assign(broken, { [method]: () => Promise.reject(new Error('connect ECONNREFUSED')) });
    }
    const alerts = startAlerts([{ id: 'team', kind: 'slack', url: slack.url }], { store: broken });
    for (const message of ['a', 'b', 'a']) alerts.see(seen(message));
    await alerts.settle(later());
    expect(slack.taken).toHaveLength(2);
    expect(alerts.log.filter(({ msg }) => msg === 'Alerts are not shared at the moment')).toHaveLength(1);
  });
});

describe('the end of a process', () => {
  it('sends what it still held back for a digest', async () => {
    const slack = await open(startSlack());
    const alerts = startAlerts([
      { id: 'team', kind: 'slack', url: slack.url, rateLimit: { messages: 1, seconds: 3600 } },
    ]);
    for (const message of ['a', 'b', 'c']) alerts.see(seen(message));
    await alerts.close(5000);
    expect(slack.taken).toHaveLength(2);
    expect(slack.taken[1]?.text).toContain('2 errors more');
  });
});
