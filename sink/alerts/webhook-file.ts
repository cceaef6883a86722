import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { PatrolConfig } from '../../src/config.ts';
import { describeShape, messageOf, PatrolError } from '../../src/errors.ts';
import { loadOptional } from '../../src/optional-package.ts';
import { SEVERITIES } from '../history/history.ts';
import { readReference } from '../secret-stores.ts';
import { OCCASIONS, WEBHOOK_KINDS, type Webhook, type WebhookKind } from './webhook.ts';

const MAX_WEBHOOKS = 50;
const MAX_NAMES = 100;

/** Messages say what was expected, never what stood there: an address is a secret. */
const address = z.string().refine((value) => isWebAddress(value) || isSecretReference(value), {
  error: 'expected an http or https URL, or the reference of a secret',
});
const secretText = z.string().min(1).max(4096);
const names = z.array(z.string().min(1).max(200)).min(1).max(MAX_NAMES);
const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time as HH:MM');

const route = z.strictObject({
  services: names.optional(),
  environments: names.optional(),
  severity: z.enum(SEVERITIES).optional(),
  on: z.array(z.enum(OCCASIONS)).min(1).optional(),
});

const webhook = z
  .strictObject({
    id: z.string().regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, hyphens or underscores'),
    kind: z.enum(WEBHOOK_KINDS),
    url: address.optional(),
    token: secretText.optional(),
    channel: z.string().min(1).max(80).optional(),
    apiUrl: address.optional(),
    secret: secretText.optional(),
    routes: z.array(route).max(MAX_NAMES).optional(),
    quietHours: z
      .strictObject({
        from: time,
        to: time,
        timeZone: z
          .string()
          .refine(isTimeZone, 'expected the IANA name of a time zone, such as Europe/Berlin'),
      })
      .refine(({ from, to }) => from !== to, { path: ['to'], error: 'expected another time than from' })
      .optional(),
    rateLimit: z
      .strictObject({
        messages: z.int().min(1).max(1000).default(10),
        seconds: z.int().min(1).max(86_400).default(60),
      })
      .default({ messages: 10, seconds: 60 }),
  })
  .superRefine(({ kind, url, token, channel, apiUrl, secret }, context) => {
    const expect = (holds: boolean, field: string, message: string) => {
      if (!holds) context.addIssue({ code: 'custom', path: [field], message });
    };
    const isBot = kind === 'slack' && token !== undefined;
    expect(
      isBot || url !== undefined,
      'url',
      kind === 'slack' ? 'expected a url, or token and channel' : 'expected a url',
    );
    expect(!isBot || url === undefined, 'url', 'expected none beside a token');
    expect(!isBot || channel !== undefined, 'channel', 'expected the channel of the bot');
    expect(isBot || channel === undefined, 'channel', 'expected it only beside a token of kind slack');
    expect(isBot || apiUrl === undefined, 'apiUrl', 'expected it only beside a token of kind slack');
    expect(token === undefined || kind === 'slack', 'token', 'expected it only for kind slack');
    expect(
      kind !== 'generic' || secret !== undefined,
      'secret',
      'expected a secret to sign with, whsec_ and base64',
    );
    expect(kind === 'generic' || secret === undefined, 'secret', 'expected it only for kind generic');
    expect(
      secret === undefined || isSecretReference(secret) || isSigningSecret(secret),
      'secret',
      'expected whsec_ and the base64 of 24 to 64 bytes, or the reference of a secret',
    );
  });

const file = z.strictObject({ webhooks: z.array(z.unknown()).max(MAX_WEBHOOKS) });

/**
 * The webhooks of the settings: those of the file, and the one of `PATROL_WEBHOOK_URL`, whose id is `default`.
 *
 * @throws {PatrolError} `CONFIG_INVALID`, one message that names every wrong webhook by its id, and every wrong field.
 */
export async function loadWebhooks(
  config: Partial<Pick<PatrolConfig, 'webhooksFile' | 'webhookUrl' | 'webhookSecret'>>,
): Promise<readonly Webhook[]> {
  const { webhooksFile, webhookUrl, webhookSecret } = config;
  const single =
    webhookUrl === undefined
      ? []
      : parseWebhooks({ webhooks: [singleWebhook(webhookUrl, webhookSecret)] }, 'PATROL_WEBHOOK_URL');
  const several =
    webhooksFile === undefined ? [] : parseWebhooks(await readWebhooks(webhooksFile), 'PATROL_WEBHOOKS_FILE');
  return unique([...single, ...several]);
}

/** See {@link loadWebhooks}. `source` is what messages call the file. */
export function parseWebhooks(value: unknown, source: string): readonly Webhook[] {
  const outer = file.safeParse(value);
  if (!outer.success) {
    throw new PatrolError(
      'CONFIG_INVALID',
      `Expected ${source} to hold {webhooks: […]} with at most ${MAX_WEBHOOKS} entries, got ${describeShape(value)}.`,
    );
  }
  const problems: string[] = [];
  const webhooks = outer.data.webhooks.flatMap((entry, index) => {
    const parsed = webhook.safeParse(withKind(entry));
    if (parsed.success) return [parsed.data satisfies Webhook];
    const name = nameOf(entry) ?? `number ${index + 1}`;
    problems.push(...parsed.error.issues.map((issue) => `Webhook ${name}: ${describeIssue(issue)}.`));
    return [];
  });
  if (problems.length > 0) throw new PatrolError('CONFIG_INVALID', `In ${source}: ${problems.join(' ')}`);
  return unique(webhooks);
}

function unique(webhooks: readonly Webhook[]): readonly Webhook[] {
  const ids = new Set<string>();
  for (const { id } of webhooks) {
    if (ids.has(id)) {
      throw new PatrolError('CONFIG_INVALID', `Webhook ${id}: another one has the same id.`);
    }
    ids.add(id);
  }
  return webhooks;
}

async function readWebhooks(path: string): Promise<unknown> {
  try {
    const text = await readFile(path, 'utf8');
    if (path.endsWith('.json')) return JSON.parse(text);
    const { parse } = await loadOptional('yaml', 'PATROL_WEBHOOKS_FILE', () => import('yaml'));
    // Aliases are not needed here, and a few of them can stand for gigabytes.
    return parse(text, { maxAliasCount: 0, prettyErrors: false });
  } catch (cause) {
    if (cause instanceof PatrolError) throw cause;
    const isMissing = cause instanceof Error && 'syscall' in cause;
    // A parser's message quotes the text, and with it an address.
    const why = isMissing ? messageOf(cause) : 'it is no valid JSON or YAML';
    throw new PatrolError('CONFIG_INVALID', `Could not read PATROL_WEBHOOKS_FILE: ${why}.`);
  }
}

/** `slack:https://…` names its kind; else the host tells it. */
function singleWebhook(value: string, secret: string | undefined): unknown {
  const named = /^([a-z]+):(.*)$/.exec(value);
  const kind = WEBHOOK_KINDS.find((one) => one === named?.[1]);
  const url = kind === undefined ? value : named?.[2];
  return { id: 'default', url, ...(kind && { kind }), ...(secret !== undefined && { secret }) };
}

function withKind(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry;
  const { kind, url, token } = entry as Readonly<Record<string, unknown>>;
  if (kind !== undefined) return entry;
  const told = typeof url === 'string' ? kindOf(url) : token === undefined ? undefined : 'slack';
  return told === undefined ? entry : { ...entry, kind: told };
}

/** Hosts of the platforms' webhooks; Teams' workflows live on Azure's. */
const HOSTS: readonly (readonly [RegExp, WebhookKind])[] = [
  [/^hooks\.slack(?:-gov)?\.com$/, 'slack'],
  [/^(?:(?:ptb|canary)\.)?discord(?:app)?\.com$/, 'discord'],
  [/\.(?:webhook\.office\.com|logic\.azure\.(?:com|us)|api\.powerplatform\.com)$/, 'teams'],
];

function kindOf(url: string): WebhookKind | undefined {
  if (!isWebAddress(url)) return undefined;
  const { hostname } = new URL(url);
  return HOSTS.find(([host]) => host.test(hostname))?.[1];
}

function describeIssue({ path, message, code }: z.core.$ZodIssue): string {
  const field = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);
  if (field === 'kind')
    return `kind: expected one of ${WEBHOOK_KINDS.join(', ')}, as the host of the url does not tell it`;
  return `${field || (code === 'unrecognized_keys' ? 'fields' : 'the entry')}: ${message}`;
}

function nameOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || !('id' in entry)) return undefined;
  return typeof entry.id === 'string' && /^[\w.-]{1,64}$/.test(entry.id) ? entry.id : undefined;
}

function isSecretReference(value: string): boolean {
  return readReference(value) !== undefined;
}

/** Whether a text is an http or https URL. */
export function isWebAddress(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
export function isSigningSecret(value: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? [];
  const { length } = Buffer.from(base64 ?? '', 'base64');
  return length >= 24 && length <= 64;
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
