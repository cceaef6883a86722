import { Hono } from 'hono';
import type { PatrolConfig } from '../../src/config.ts';
import type { ErrorHistory } from '../history/history.ts';
import type { Sink } from '../sink.ts';
import type { PeopleEnv } from './person.ts';

/** `GET /settings`: what is configured, never a secret, and what the parts have done since the start. */
export function settingsRoutes(config: PatrolConfig, sink: Sink): Hono<PeopleEnv> {
  const started = Date.now();
  return new Hono<PeopleEnv>().get('/', async (context) =>
    context.json({
      started,
      model: {
        configured: config.openaiApiKey !== undefined || config.openaiBaseUrl !== undefined,
        name: config.openaiModel,
        language: config.language,
      },
      code: {
        github: config.githubToken !== undefined || config.githubAppId !== undefined,
        local: config.sourceRoot !== undefined,
        defaultRepository: config.defaultRepositoryUrl !== undefined,
        allowedRepositories: config.allowedRepositories,
      },
      budgets: {
        callsPerError: config.budgetCallsPerError,
        callsPerHour: config.budgetCallsPerHour,
        callsPerDay: config.budgetCallsPerDay,
        usdPerError: config.budgetUsdPerError,
        usdPerHour: config.budgetUsdPerHour,
        usdPerDay: config.budgetUsdPerDay,
      },
      cache: {
        shared: config.cacheTable !== undefined || config.redisUrl !== undefined,
        ttlSeconds: config.cacheTtl,
      },
      history: await describeHistory(sink.history, config),
      rules: { file: config.rulesFile !== undefined },
      webhooks: sink.alerts?.webhooks.length ?? 0,
      totals: sink.metrics.totals,
    }),
  );
}

async function describeHistory(
  history: ErrorHistory | undefined,
  { historyRetention }: PatrolConfig,
): Promise<Readonly<Record<string, unknown>>> {
  if (!history) return { kind: 'none', healthy: true };
  const healthy = await history.list({ limit: 1 }).then(
    () => true,
    () => false,
  );
  return { kind: history.name, retentionDays: historyRetention, healthy };
}
