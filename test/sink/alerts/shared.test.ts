import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../../src/stores/dynamodb.ts';
import { createMemoryStore } from '../../../src/stores/memory.ts';
import { createRedisStore } from '../../../src/stores/redis.ts';
import type { Store } from '../../../src/stores/store.ts';
import { later, seen, startAlerts } from '../../support/alerts.ts';
import { redisProgram, startDynamoDb, startRedis } from '../../support/stores.ts';
import { startDiscord, startSlack } from '../../support/webhook-server.ts';

type Opened = { readonly store: Store; readonly stop: () => Promise<void> };
const before = { ...process.env };

const stores: readonly [string, (now: () => number) => Promise<Opened>][] = [
  ['memory', async (now) => ({ store: createMemoryStore({ now, maxSize: 100_000 }), stop: async () => {} })],
  [
    'DynamoDB',
    async (now) => {
      const server = await startDynamoDb();
      Object.assign(process.env, server.env);
      const store = createDynamoDbStore({ tableName: server.tableName, requestTimeout: 20_000, now });
      return { store, stop: () => server.stop() };
    },
  ],
  // Where a Redis or Valkey server is installed.
  ...(redisProgram === undefined
    ? []
    : [
        [
          'Redis',
          async () => {
            const server = await startRedis();
            const store = createRedisStore({ url: server.url, commandTimeout: 20_000 });
            return { store, stop: () => server.stop() };
          },
        ] as [string, (now: () => number) => Promise<Opened>],
      ]),
];

describe.each(stores)('processes that share a store: %s', (_, openStore) => {
  let time = Date.UTC(2026, 0, 15, 12);
  const now = () => time;
  let opened: Opened;

  beforeAll(async () => {
    opened = await openStore(now);
  });
  afterAll(async () => {
    opened.store.close();
    await opened.stop();
    process.env = { ...before };
  });

  it('send the first errors singly, all others in one digest, and each once', async () => {
    const slack = await startSlack();
    const hook = { id: 'team', kind: 'slack', url: slack.url, rateLimit: { messages: 3, seconds: 60 } };
    const processes = Array.from({ length: 3 }, () => startAlerts([hook], { now, store: opened.store }));
    for (let number = 0; number < 30; number++) {
      for (const alerts of processes) alerts.see(seen(`error ${number}`));
    }
    await Promise.all(processes.map((alerts) => alerts.settle(later())));
    expect(slack.taken).toHaveLength(3);
    time += 61_000;
    await Promise.all(processes.map((alerts) => alerts.settle(later())));
    expect(slack.taken).toHaveLength(4);
    expect(slack.taken[3]?.text).toContain('27 errors more');
    expect(slack.requests).toHaveLength(4);
    await slack.stop();
  });

  it('keep one message, and add up what each has counted', async () => {
    const discord = await startDiscord();
    const hook = { id: 'discord', kind: 'discord', url: discord.url };
    const processes = Array.from({ length: 3 }, () =>
      startAlerts([hook], { now, store: opened.store, updateInterval: 20 }),
    );
    for (const alerts of processes) for (let times = 0; times < 10; times++) alerts.see(seen('storm'));
    await Promise.all(processes.map((alerts) => alerts.settle(later())));
    while (!discord.taken.at(-1)?.text.includes('30 times')) {
      time += 1000;
      await Promise.all(processes.map((alerts) => alerts.settle(later())));
    }
    expect(discord.taken.filter(({ method }) => method === 'POST')).toHaveLength(1);
    await discord.stop();
  });
});
