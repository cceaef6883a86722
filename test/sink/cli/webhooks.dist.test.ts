import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runApp } from '../../support/run-app.ts';
import { startDiscord, startSlack, type WebhookServer } from '../../support/webhook-server.ts';

const CLI = new URL('../../../dist/sink/cli/main.js', import.meta.url);

let slack: WebhookServer;
let discord: WebhookServer;
let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  [slack, discord] = await Promise.all([startSlack(), startDiscord()]);
  folder = await mkdtemp(join(tmpdir(), 'patrol-webhooks-'));
  const file = join(folder, 'webhooks.yaml');
  await writeFile(
    file,
    [
      'webhooks:',
      `  - { id: team, kind: slack, url: "${slack.url}" }`,
      `  - { id: chat, kind: discord, url: "${discord.url}", routes: [] }`,
    ].join('\n'),
  );
  env = { PATROL_WEBHOOKS_FILE: file };
});
afterEach(async () => {
  await Promise.all([slack.stop(), discord.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const patrol = (...args: string[]) => runApp(CLI, { args: ['webhooks', ...args], env });

describe('patrol webhooks', () => {
  it('lists what is configured, without addresses', async () => {
    const { stdout, code } = await patrol('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^team +slack .*\nchat +discord .*\n$/);
    const json = await patrol('list', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([{ id: 'team' }, { id: 'chat', updates: true }]);
    expect(stdout + json.stdout).not.toMatch(/http|secret/);
  });

  it('tests all, or one, and ends with 1 when one did not take it', async () => {
    discord.faults.push({ status: 404, text: '{"code":10015}' });
    const all = await patrol('test');
    expect(all.stdout).toMatch(/team +200 +The test was delivered/);
    expect(all.stdout).toMatch(/chat +404 +The test was not delivered: answered 404 \(code 10015\)/);
    expect(all.code).toBe(1);
    const one = await patrol('test', 'chat', '--json');
    expect(JSON.parse(one.stdout)).toMatchObject([{ id: 'chat', delivered: true, status: 200 }]);
    expect(one.code).toBe(0);
    expect([slack.taken.length, discord.taken.length]).toEqual([1, 1]);
  });

  it.each([
    ['an id that is not configured', ['test', 'nobody'], /there are team, chat/],
    ['no webhook at all', ['list'], /set PATROL_WEBHOOKS_FILE/],
  ])('says what is wrong: %s', async (what, args, message) => {
    if (what.startsWith('no')) env = {};
    const { stderr, code } = await patrol(...args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^patrol: .*\n$/);
    expect(code).toBe(1);
  });
});
