import type { PatrolConfig } from '../../src/config.ts';
import type { Alerts, AlertsOptions } from './alerts.ts';

/**
 * The alerts of the settings; undefined where no webhook is configured, and then nothing is loaded. Beside a
 * history's file they remember in a file of their own what they have told.
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
  const webhooks = await loadWebhooks(config);
  const { historyFile } = config;
  if (parts.store || typeof historyFile !== 'string' || historyFile === ':memory:') {
    return createAlerts({ ...parts, webhooks });
  }
  const { createKeptStore } = await import('./kept-store.ts');
  const own = await createKeptStore(`${historyFile}-alerts.json`, (problem) =>
    parts.log.error('What was told is not kept', problem),
  );
  return createAlerts({ ...parts, webhooks, own });
}
