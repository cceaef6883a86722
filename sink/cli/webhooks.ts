import { loadConfig } from '../../src/config.ts';
import { PatrolError } from '../../src/errors.ts';
import { createAlerts } from '../alerts/alerts.ts';
import {
  describeWebhooks,
  type TestAnswer,
  toTestAnswer,
  type WebhookDescription,
} from '../alerts/description.ts';
import type { Webhook } from '../alerts/webhook.ts';
import { loadWebhooks } from '../alerts/webhook-file.ts';
import { createMetrics } from '../metrics.ts';
import { createSinkLog } from '../sink-log.ts';
import { toTable } from './table.ts';

/** What a command found, for people and for programs. */
export interface WebhooksReport<T> {
  readonly text: string;
  readonly data: readonly T[];
}

/**
 * `patrol webhooks list`: the webhooks of the settings, without their addresses.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for wrong settings, or where none is configured.
 */
export async function listWebhooks(): Promise<WebhooksReport<WebhookDescription>> {
  const data = describeWebhooks({ webhooks: await configured(), recent: [] });
  const text = toTable(
    data.map(({ id, kind, updates, routes, quietHours, rateLimit }) => [
      id,
      kind,
      updates ? 'counts are updated' : 'no updates',
      routes ? `${routes.length} ${routes.length === 1 ? 'route' : 'routes'}` : 'everything',
      `${rateLimit.messages} in ${rateLimit.seconds} s`,
      quietHours ? `quiet ${quietHours.from}–${quietHours.to} ${quietHours.timeZone}` : '',
    ]),
  );
  return { text, data };
}

/**
 * `patrol webhooks test [id]`: sends a test to one webhook, or to all.
 *
 * @throws {PatrolError} as {@link listWebhooks}; `NOT_FOUND` for an id that is not configured.
 */
export async function testWebhooks(
  id?: string,
): Promise<WebhooksReport<TestAnswer & { readonly id: string }>> {
  const webhooks = await configured();
  const tested = id === undefined ? webhooks : webhooks.filter((webhook) => webhook.id === id);
  if (tested.length === 0) {
    const ids = webhooks.map((webhook) => webhook.id).join(', ');
    throw new PatrolError('NOT_FOUND', `No webhook of that id is configured: there are ${ids}.`);
  }
  const log = createSinkLog(() => {});
  const alerts = createAlerts({ webhooks: tested, log, metrics: createMetrics(), tickInterval: 0 });
  const data = await Promise.all(
    tested.map(async (webhook) => {
      const outcome = await alerts.test(webhook.id);
      return { id: webhook.id, ...toTestAnswer(outcome ?? { delivered: false, attempts: 0 }) };
    }),
  );
  await alerts.close(0);
  return {
    text: toTable(
      data.map(({ id: name, message, status }) => [
        name,
        status === undefined ? '–' : String(status),
        message,
      ]),
    ),
    data,
  };
}

async function configured(): Promise<readonly Webhook[]> {
  const webhooks = await loadWebhooks(loadConfig());
  if (webhooks.length > 0) return webhooks;
  throw new PatrolError(
    'CONFIG_INVALID',
    'No webhook is configured: set PATROL_WEBHOOKS_FILE to a file of them, or PATROL_WEBHOOK_URL to one address.',
  );
}
