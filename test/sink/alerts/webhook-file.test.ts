import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { loadWebhooks, parseWebhooks } from '../../../sink/alerts/webhook-file.ts';
import { webhookFileJsonSchema } from '../../../sink/alerts/webhook-schema.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const ADDRESS = 'https://hooks.slack.com/services/T0/B0/path-that-is-a-secret';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-webhooks-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(name: string, text: string) {
  const webhooksFile = join(folder, name);
  await writeFile(webhooksFile, text);
  return loadWebhooks({ webhooksFile });
}

describe('a file of webhooks', () => {
  it('is YAML or JSON', async () => {
    const yaml = [
      'webhooks:',
      '  - id: team',
      `    url: ${ADDRESS}`,
      '    routes:',
      '      - services: [orders, pay*]',
      '        severity: error',
      '        on: [new, regressed]',
      '    quietHours: { from: "22:00", to: "07:00", timeZone: Europe/Berlin }',
    ].join('\n');
    const [fromYaml] = await load('webhooks.yaml', yaml);
    expect(fromYaml).toEqual({
      id: 'team',
      kind: 'slack',
      url: ADDRESS,
      routes: [{ services: ['orders', 'pay*'], severity: 'error', on: ['new', 'regressed'] }],
      quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
      rateLimit: { messages: 10, seconds: 60 },
    });
    const [fromJson] = await load('webhooks.json', JSON.stringify({ webhooks: [fromYaml] }));
    expect(fromJson).toEqual(fromYaml);
  });

  it.each([
    ['https://hooks.slack.com/services/T0/B0/x', 'slack'],
    ['https://discord.com/api/webhooks/1/x', 'discord'],
    ['https://acme.webhook.office.com/webhookb2/x', 'teams'],
    ['https://prod-1.westeurope.logic.azure.com/workflows/x', 'teams'],
    ['teams:https://example.com/hook', 'teams'],
  ])('is not needed for one address, whose kind is told: %s', async (webhookUrl, kind) => {
    expect(await loadWebhooks({ webhookUrl })).toMatchObject([{ id: 'default', kind }]);
  });

  it('takes the secret of a signed webhook from the environment', async () => {
    const settings = { webhookUrl: 'generic:https://example.com/hook', webhookSecret: SECRET };
    expect(await loadWebhooks(settings)).toMatchObject([{ kind: 'generic', secret: SECRET }]);
    await expect(loadWebhooks({ webhookUrl: settings.webhookUrl })).rejects.toThrow(
      /Webhook default: secret:/,
    );
  });

  it.each<[string, object, RegExp]>([
    [
      'no kind that can be told',
      { url: 'https://example.com' },
      /Webhook team: kind: expected one of slack,/,
    ],
    [
      'a wrong address',
      { kind: 'slack', url: 'path-that-is-a-secret' },
      /Webhook team: url: expected an http/,
    ],
    ['a field that there is not', { url: ADDRESS, channels: ['a'] }, /Webhook team: fields: .*"channels"/],
    [
      'a wrong severity',
      { url: ADDRESS, routes: [{ severity: 'bad' }] },
      /Webhook team: routes\[0\]\.severity:/,
    ],
    [
      'a wrong time',
      { url: ADDRESS, quietHours: { from: '24:00', to: '07:00', timeZone: 'UTC' } },
      /quietHours\.from: expected a time/,
    ],
    [
      'a time zone that there is not',
      { url: ADDRESS, quietHours: { from: '22:00', to: '07:00', timeZone: 'Berlin' } },
      /quietHours\.timeZone: expected the IANA name/,
    ],
    ['a rate of nothing', { url: ADDRESS, rateLimit: { messages: 0 } }, /rateLimit\.messages:/],
    ['a bot without a channel', { token: 'xoxb-path-that-is-a-secret' }, /Webhook team: channel: expected/],
    [
      'a bot with an address',
      { token: 'x', channel: '#a', url: ADDRESS },
      /Webhook team: url: expected none/,
    ],
    ['an unsigned generic webhook', { kind: 'generic', url: 'https://example.com' }, /Webhook team: secret:/],
    [
      'a weak secret',
      { kind: 'generic', url: 'https://example.com', secret: 'path-that-is-a-secret' },
      /Webhook team: secret: expected whsec_/,
    ],
  ])('is refused with id and field, but without what is secret: %s', (_, fields, message) => {
    const parse = () => parseWebhooks({ webhooks: [{ id: 'team', ...fields }] }, 'the file');
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/path-that-is-a-secret/);
    expect(parse).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('is refused when two have the same id', () => {
    const one = { id: 'team', url: ADDRESS };
    expect(() => parseWebhooks({ webhooks: [one, one] }, 'the file')).toThrow(/Webhook team: another one/);
  });

  it.each([
    ['broken.json', `{"webhooks": [{"url": "${ADDRESS}"`],
    ['broken.yaml', `webhooks: [{url: "${ADDRESS}`],
    ['bomb.yaml', 'a: &a [x, x]\nb: &b [*a, *a]\nwebhooks: [*b, *b]'],
  ])('is not quoted when it cannot be read: %s', async (name, text) => {
    const loading = load(name, text);
    await expect(loading).rejects.toThrow(/Could not read PATROL_WEBHOOKS_FILE: it is no valid JSON or YAML/);
    await expect(loading).rejects.not.toThrow(/path-that-is-a-secret/);
  });

  it('is named when it is not there', async () => {
    await expect(loadWebhooks({ webhooksFile: join(folder, 'none.yaml') })).rejects.toThrow(/ENOENT/);
  });
});

describe('the schema for editors', () => {
  const schema = z.fromJSONSchema(webhookFileJsonSchema());
  const isFine = (webhooks: unknown) => schema.safeParse({ webhooks }).success;

  it('takes the example of the README', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, example = ''] = /```yaml\n(#.*webhooks\.schema\.json\nwebhooks:\n[^`]*)```/.exec(readme) ?? [];
    const file = parse(example);
    expect(file.webhooks).toHaveLength(3);
    expect(schema.safeParse(file).error).toBeUndefined();
  });

  it('knows every field, of which a misspelt one is none', () => {
    expect(webhookFileJsonSchema().$schema).toBe('http://json-schema.org/draft-07/schema#');
    const hook = { id: 'team', url: ADDRESS };
    expect(isFine([hook])).toBe(true);
    expect(isFine([{ ...hook, routes: [{ servces: ['a'] }] }])).toBe(false);
    expect(isFine([{ ...hook, quietHours: { from: '25:00', to: '07:00', timeZone: 'UTC' } }])).toBe(false);
    expect(isFine([{ ...hook, kind: 'irc' }])).toBe(false);
    expect(isFine([{ url: ADDRESS }])).toBe(false);
  });

  it('may be named by a file in JSON', async () => {
    const file = { $schema: './webhooks.schema.json', webhooks: [{ id: 'team', url: ADDRESS }] };
    expect(await load('webhooks.json', JSON.stringify(file))).toMatchObject([{ id: 'team' }]);
  });
});
