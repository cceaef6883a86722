import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFaultyServer, startOpenAI, type TestOpenAI } from '../support/openai-server.ts';
import { redisProgram, type StoreServer, startDynamoDb, startRedis } from '../support/stores.ts';
import { startSlack, type WebhookServer } from '../support/webhook-server.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const BUNDLE = file('../../dist/sink/bundle/index.mjs');
const CONTAINERS = 24;

interface Container {
  readonly child: ChildProcess;
  output: string;
}

let openai: TestOpenAI;
let slack: WebhookServer;
const containers: Container[] = [];

beforeEach(async () => {
  [openai, slack] = await Promise.all([startOpenAI(), startSlack()]);
});
afterEach(async () => {
  for (const { child } of containers.splice(0)) child.kill('SIGKILL');
  await Promise.all([openai.stop(), slack.stop()]);
});

async function start(id: number, env: Readonly<Record<string, string>>): Promise<Container> {
  const child = spawn(process.execPath, [file('./fixtures/one-container.mjs'), BUNDLE, String(id)], {
    env: { PATH: process.env.PATH, PATROL_WEBHOOK_URL: `slack:${slack.url}`, ...openai.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const container: Container = { child, output: '' };
  containers.push(container);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      container.output += text;
    });
  }
  while (!container.output.includes('ready\n')) await once(child.stdout ?? child, 'data');
  return container;
}

/** Gives the word to all at once and waits for all. */
async function race(
  env: Readonly<Record<string, string>>,
  containers: number = CONTAINERS,
): Promise<readonly Container[]> {
  const started = await Promise.all(Array.from({ length: containers }, (_, id) => start(id, env)));
  const ended = started.map(({ child }) => once(child, 'close'));
  for (const { child } of started) child.stdin?.write('go\n');
  await Promise.all(ended);
  return started;
}

const STORES: [string, () => Promise<StoreServer>][] = [
  ['DynamoDB', startDynamoDb],
  // Where a Redis or Valkey server is installed.
  ...(redisProgram === undefined ? [] : [['Redis', startRedis] as [string, () => Promise<StoreServer>]]),
];

const count = (all: readonly Container[], text: string) =>
  all.filter(({ output }) => output.includes(text)).length;

describe(`${CONTAINERS} containers that meet the same new error at once`, () => {
  it.each(STORES)(
    'ask the model once, tell people once, and acknowledge every event: %s',
    async (_, startStore) => {
      const store = await startStore();
      const all = await race(store.env);
      await store.stop();
      expect(count(all, '"done":true,"failures":0')).toBe(CONTAINERS);
      expect(openai.requests()).toHaveLength(1);
      expect(slack.requests).toHaveLength(1);
      expect(slack.taken[0]?.text).toContain('cart is not priced');
      expect(count(all, '"msg":"Analysed"')).toBe(1);
      expect(count(all, '"msg":"Analysed elsewhere"') + count(all, '"msg":"Cache hit"')).toBe(CONTAINERS - 1);
    },
  );

  it('each work for themselves when the store is down, with one warning', async () => {
    const [one] = [await start(0, { PATROL_REDIS_URL: 'redis://127.0.0.1:9' })];
    one?.child.stdin?.write('go\n');
    await once(one?.child ?? process, 'close');
    expect(one?.output).toContain('"failures":0');
    expect(one?.output.match(/Answers are not shared/g)).toHaveLength(1);
  });
});

describe('a container that is killed while it asks the model', () => {
  /** The owner's time for the model and ten seconds. */
  const LEASE_MS = 11_000;

  it('is followed by one other, once its lease is over: on every store', async () => {
    const stores = await Promise.all(
      STORES.map(async ([name, startStore]) => ({ name, store: await startStore() })),
    );
    const outcomes = await Promise.all(
      stores.map(async ({ name, store }) => {
        let asked: () => void = () => {};
        const isAsked = new Promise<void>((resolve) => {
          asked = resolve;
        });
        const silent = await startFaultyServer(() => asked());
        const owner = await start(0, {
          ...store.env,
          OPENAI_BASE_URL: silent.url,
          PATROL_MODEL_TIMEOUT: '1000',
        });
        const later = await start(1, store.env);
        owner.child.stdin?.write('go\n');
        await isAsked;
        owner.child.kill('SIGKILL');
        later.child.stdin?.write('go\n');
        await Promise.all([
          once(later.child, 'close'),
          new Promise((resolve) => setTimeout(resolve, LEASE_MS)),
        ]);
        const after = await race(store.env, 4);
        await silent.stop();
        return {
          name,
          during: count([later], 'Analysed elsewhere'),
          after: count(after, '"msg":"Analysed"'),
          done: count([later, ...after], '"done":true,"failures":0'),
        };
      }),
    );
    await Promise.all(stores.map(({ store }) => store.stop()));
    expect(outcomes).toEqual(STORES.map(([name]) => ({ name, during: 1, after: 1, done: 5 })));
    expect(openai.requests()).toHaveLength(STORES.length);
    // Beside the lease, a slow machine starts six processes a store.
  }, 90_000);
});
