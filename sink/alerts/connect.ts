import { messageOf, PatrolError } from '../../src/errors.ts';
import type { Milliseconds } from '../../src/types.ts';
import { readReference } from '../secret-stores.ts';
import type { Platform } from './platforms/platform.ts';
import type { Webhook } from './webhook.ts';
import { isSigningSecret, isWebAddress } from './webhook-schema.ts';

/** Whether later counts can be written over an alert that was sent. */
export function canUpdate({ kind, token }: Webhook): boolean {
  return kind === 'discord' || token !== undefined;
}

/** How long a secret is taken for unchanged; rotation is seen after that. */
const SECRET_MS: Milliseconds = 300_000;

/**
 * A webhook's platform, made at first use, with its secrets read then: one that cannot be read keeps neither the
 * sink nor the other webhooks from working.
 *
 * @throws {PatrolError} (as a rejection) `CONFIG_INVALID`, `retryable` where a secret could not be read this time.
 */
export function createConnection(webhook: Webhook, now: () => number): () => Promise<Platform> {
  let made: { readonly platform: Promise<Platform>; readonly at: number } | undefined;
  return () => {
    if (!made || now() - made.at > SECRET_MS) {
      const platform = connect(webhook, now);
      made = { platform, at: now() };
      platform.catch(() => {
        made = undefined;
      });
    }
    return made.platform;
  };
}

async function connect(webhook: Webhook, now: () => number): Promise<Platform> {
  const { kind, channel = '', apiUrl = 'https://slack.com/api/' } = webhook;
  if (webhook.token !== undefined) {
    const { createSlackBot } = await import('./platforms/slack.ts');
    return createSlackBot(await secretOf(webhook, 'token'), channel, apiUrl);
  }
  const url = await secretOf(webhook, 'url');
  if (!isWebAddress(url)) throw wrong(webhook, 'url', 'an http or https URL');
  switch (kind) {
    case 'slack':
      return (await import('./platforms/slack.ts')).createSlackWebhook(url);
    case 'discord':
      return (await import('./platforms/discord.ts')).createDiscord(url);
    case 'teams':
      return (await import('./platforms/teams.ts')).createTeams(url);
    case 'generic': {
      const secret = await secretOf(webhook, 'secret');
      if (!isSigningSecret(secret)) throw wrong(webhook, 'secret', 'whsec_ and the base64 of 24 to 64 bytes');
      return (await import('./platforms/generic.ts')).createGeneric(url, secret, now);
    }
  }
}

async function secretOf(webhook: Webhook, field: 'url' | 'token' | 'secret'): Promise<string> {
  const value = webhook[field] ?? '';
  const read = readReference(value);
  if (!read) return value;
  try {
    return (await read()).trim();
  } catch (cause) {
    const message = `Could not read the secret of ${field} of webhook ${webhook.id}: ${messageOf(cause)}`;
    throw new PatrolError('CONFIG_INVALID', message, { cause, retryable: true });
  }
}

function wrong({ id }: Webhook, field: string, expected: string): PatrolError {
  return new PatrolError(
    'CONFIG_INVALID',
    `Webhook ${id}: ${field}: expected its secret to hold ${expected}.`,
  );
}
