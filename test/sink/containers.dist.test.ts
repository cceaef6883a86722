import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOpenAI, type TestOpenAI } from '../support/openai-server.ts';
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
async function race(env: Readonly<Record<string, string>>): Promise<readonly Container[]> {
  const started = await Promise.all(Array.from({ length: CONTAINERS }, (_, id) => start(id, env)));
  const ended = started.map(({ child }) => once(child, 'close'));
  for (const { child } of started) child.stdin?.write('go\n');
  await Promise.all(ended);
  return started;
}

const count = (all: readonly Container[], text: string) =>
  all.filter(({ output }) => output.includes(text)).length;

describe(`${CONTAINERS} containers that meet the same new error at once`, () => {
  it.each<[string, () => Promise<StoreServer>]>([
    ['DynamoDB', startDynamoDb],
    // Where a Redis or Valkey server is installed.
    ...(redisProgram === undefined ? [] : [['Redis', startRedis] as [string, () => Promise<StoreServer>]]),
  ])('ask the model once, tell people once, and acknowledge every event: %s', async (_, startStore) => {
    const store = await startStore();
    const all = await race(store.env);
    await store.stop();
    expect(count(all, '"done":true,"failures":0')).toBe(CONTAINERS);
    expect(openai.requests()).toHaveLength(1);
    expect(slack.requests).toHaveLength(1);
    expect(slack.taken[0]?.text).toContain('cart is not priced');
    expect(count(all, '"msg":"Analysed"')).toBe(1);
    expect(count(all, '"msg":"Analysed elsewhere"') + count(all, '"msg":"Cache hit"')).toBe(CONTAINERS - 1);
  });

  it('each work for themselves when the store is down, with one warning', async () => {
    const [one] = [await start(0, { PATROL_REDIS_URL: 'redis://127.0.0.1:9' })];
    one?.child.stdin?.write('go\n');
    await once(one?.child ?? process, 'close');
    expect(one?.output).toContain('"failures":0');
    expect(one?.output.match(/Answers are not shared/g)).toHaveLength(1);
  });
});
