import * as z from 'zod';
import { SEVERITIES } from '../history/history.ts';
import { readReference } from '../secret-stores.ts';
import { OCCASIONS, WEBHOOK_KINDS, type Webhook } from './webhook.ts';

/** Most webhooks in one file. */
export const MAX_WEBHOOKS = 50;
const MAX_NAMES = 100;

/** Messages say what was expected, never what stood there: an address is a secret. */
const address = z.string().refine((value) => isWebAddress(value) || isSecretReference(value), {
  error: 'expected an http or https URL, or the reference of a secret',
});
const secretText = z.string().min(1).max(4096);
const names = z.array(z.string().min(1).max(200)).min(1).max(MAX_NAMES);
const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time as HH:MM');

const route = z.strictObject({
  services: names.optional().describe('Names of services; a * at the end stands for any ending.'),
  environments: names.optional().describe('The same for environments.'),
  severity: z.enum(SEVERITIES).optional().describe('At least this.'),
  on: z.array(z.enum(OCCASIONS)).min(1).optional().describe('Which occasions. Left out: all.'),
});

const fields = z.strictObject({
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, hyphens or underscores')
    .describe('Its name in logs, in commands, in rules (route) and in events (webhookConfigId).'),
  kind: z.enum(WEBHOOK_KINDS).describe('Left out where the host of the url tells it.'),
  url: address.optional().describe('The address, or the reference of a secret that holds it.'),
  token: secretText
    .optional()
    .describe('In place of a url: the token of a Slack bot (chat:write), or the reference of a secret.'),
  channel: z.string().min(1).max(80).optional().describe('Where the bot writes: a name or an id.'),
  apiUrl: address.optional().describe('Base of Slack’s Web API, for the bot.'),
  secret: secretText
    .optional()
    .describe('What a generic webhook is signed with: whsec_ and base64, or the reference of a secret.'),
  routes: z
    .array(route)
    .max(MAX_NAMES)
    .optional()
    .describe('What it gets: whatever one of these lets through. Left out: everything.'),
  quietHours: z
    .strictObject({
      from: time.describe('HH:MM'),
      to: time.describe('HH:MM; earlier than from: of the next day.'),
      timeZone: z
        .string()
        .refine(isTimeZone, 'expected the IANA name of a time zone, such as Europe/Berlin')
        .describe('An IANA name, such as Europe/Berlin.'),
    })
    .refine(({ from, to }) => from !== to, { path: ['to'], error: 'expected another time than from' })
    .optional()
    .describe('When only what is critical passes; the rest is one digest at the end.'),
  rateLimit: z
    .strictObject({
      messages: z.int().min(1).max(1000).default(10),
      seconds: z.int().min(1).max(86_400).default(60),
    })
    .default({ messages: 10, seconds: 60 })
    .describe('How many messages go out singly in so many seconds; what is above comes as one digest.'),
});

/** One entry of the file; see `Webhook`. */
export const webhookSchema: z.ZodType<Webhook> = fields.superRefine(
  ({ kind, url, token, channel, apiUrl, secret }, context) => {
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
  },
);

/** The JSON schema of a file of webhooks, for editors; draft-07, which they all read. */
export function webhookFileJsonSchema(): Record<string, unknown> {
  // The host of most urls tells the kind.
  const entry = fields.partial({ kind: true });
  const file = z.strictObject({ $schema: z.string().optional(), webhooks: z.array(entry).max(MAX_WEBHOOKS) });
  return {
    ...z.toJSONSchema(file, { target: 'draft-7', io: 'input', reused: 'ref' }),
    title: 'Webhooks of Patrol',
    description: 'PATROL_WEBHOOKS_FILE: where alerts go.',
  };
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
