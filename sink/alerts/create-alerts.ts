import type { PatrolConfig } from '../../src/config.ts';
import { createStore } from '../../src/create-engine.ts';
import type { Alerts, AlertsOptions } from './alerts.ts';

/**
 * The alerts of the settings; undefined where no webhook is configured, and then nothing is loaded.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for a wrong file.
 */
export async function createConfiguredAlerts(
  config: PatrolConfig,
  parts: Omit<AlertsOptions, 'webhooks' | 'store'>,
): Promise<Alerts | undefined> {
  if (config.webhooksFile === undefined && config.webhookUrl === undefined) return undefined;
  const [{ loadWebhooks }, { createAlerts }] = await Promise.all([
    import('./webhook-file.ts'),
    import('./alerts.ts'),
  ]);
  const webhooks = await loadWebhooks(config);
  return createAlerts({ ...parts, webhooks, store: await createStore(config) });
}
