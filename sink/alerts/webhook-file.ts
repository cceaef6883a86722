import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { PatrolConfig } from '../../src/config.ts';
import { describeShape, messageOf, PatrolError } from '../../src/errors.ts';
import { loadOptional } from '../../src/optional-package.ts';
import { WEBHOOK_KINDS, type Webhook, type WebhookKind } from './webhook.ts';
import { isWebAddress, MAX_WEBHOOKS, webhookSchema } from './webhook-schema.ts';

const file = z.strictObject({
  /** For editors. */
  $schema: z.string().optional(),
  webhooks: z.array(z.unknown()).max(MAX_WEBHOOKS),
});

/**
 * The webhooks of the settings: those of the file, and the one of `PATROL_WEBHOOK_URL`, whose id is `default`.
 *
 * @param source - What messages call the file. @defaultValue `PATROL_WEBHOOKS_FILE`
 * @throws {PatrolError} `CONFIG_INVALID`, one message that names every wrong webhook by its id, and every wrong field.
 */
export async function loadWebhooks(
  config: Partial<Pick<PatrolConfig, 'webhooksFile' | 'webhookUrl' | 'webhookSecret'>>,
  source = 'PATROL_WEBHOOKS_FILE',
): Promise<readonly Webhook[]> {
  const { webhooksFile, webhookUrl, webhookSecret } = config;
  const single =
    webhookUrl === undefined
      ? []
      : parseWebhooks({ webhooks: [singleWebhook(webhookUrl, webhookSecret)] }, 'PATROL_WEBHOOK_URL');
  const several =
    webhooksFile === undefined ? [] : parseWebhooks(await readWebhooks(webhooksFile, source), source);
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
    const parsed = webhookSchema.safeParse(withKind(entry));
    if (parsed.success) return [parsed.data];
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

async function readWebhooks(path: string, source: string): Promise<unknown> {
  try {
    const text = await readFile(path, 'utf8');
    if (path.endsWith('.json')) return JSON.parse(text);
    const { parse } = await loadOptional('yaml', source, () => import('yaml'));
    // Aliases are not needed here, and a few of them can stand for gigabytes.
    return parse(text, { maxAliasCount: 0, prettyErrors: false });
  } catch (cause) {
    if (cause instanceof PatrolError) throw cause;
    const isMissing = cause instanceof Error && 'syscall' in cause;
    // A parser's message quotes the text, and with it an address.
    const why = isMissing ? messageOf(cause) : 'it is no valid JSON or YAML';
    throw new PatrolError('CONFIG_INVALID', `Could not read ${source}: ${why}.`);
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
