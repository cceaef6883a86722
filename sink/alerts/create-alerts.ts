import type { PatrolConfig } from '../../src/config.ts';
import type { Alerts, AlertsOptions } from './alerts.ts';

/**
 * The alerts of the settings; undefined where no webhook is configured, and then nothing is loaded.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for a wrong file.
 */
export async function createConfiguredAlerts(
  config: PatrolConfig,
  parts: Omit<AlertsOptions, 'webhooks'>,
): Promise<Alerts | undefined> {
  if (config.webhooksFile === undefined && config.webhookUrl === undefined) return undefined;
  const [{ loadWebhooks }, { createAlerts }] = await Promise.all([
    import('./webhook-file.ts'),
    import('./alerts.ts'),
  ]);
  return createAlerts({ ...parts, webhooks: await loadWebhooks(config) });
}
