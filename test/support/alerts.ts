import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type Alerts, type AlertsOptions, createAlerts } from '../../sink/alerts/alerts.ts';
import type { Seen } from '../../sink/alerts/announcer.ts';
import { parseWebhooks } from '../../sink/alerts/webhook-file.ts';
import type { Arrival } from '../../sink/history/history.ts';
import { createMetrics, type SinkMetrics } from '../../sink/metrics.ts';
import { createSinkLog } from '../../sink/sink-log.ts';
import { hashErrorLog } from '../../src/hashing.ts';
import type { AnalysisResult, ErrorLogEvent } from '../../src/types.ts';

/** Alerts of one process, and what they wrote. */
export interface TestAlerts extends Alerts {
  readonly log: readonly Record<string, unknown>[];
  readonly metrics: SinkMetrics;
}

/** Alerts that are impatient, and look for what is due only when told. */
export function startAlerts(
  webhooks: readonly Readonly<Record<string, unknown>>[],
  options: Partial<AlertsOptions> = {},
): TestAlerts {
  const log: Record<string, unknown>[] = [];
  const metrics = createMetrics();
  const alerts = createAlerts({
    webhooks: parseWebhooks({ webhooks }, 'the test'),
    log: createSinkLog((line) => log.push(JSON.parse(line))),
    metrics,
    tickInterval: 0,
    patience: { retries: 3, minTimeout: 10, attemptTimeout: 10_000 },
    ...options,
  });
  onTestFinished(() => alerts.close(1000));
  return Object.assign(alerts, { log, metrics });
}

/** A deadline that no test comes near. */
export const later = (): number => Date.now() + 60_000;

/** An analysed event. */
export function seen(
  message: string,
  fields: Partial<ErrorLogEvent> = {},
  result: Partial<AnalysisResult> = {},
): Seen {
  const event: ErrorLogEvent = {
    eventId: randomUUID(),
    timestamp: 1_767_225_600_000,
    service: 'orders',
    occurrences: 1,
    errorLog: { name: 'Error', message },
    ...fields,
  };
  const { errorHash } = hashErrorLog(event.errorLog, { fingerprint: [message] });
  return {
    event,
    result: {
      errorHash,
      fingerprintVersion: 1,
      analysis: `Why: ${message}`,
      rootCause: `Why: ${message}`,
      suggestedFix: 'Mend it.',
      confidenceScore: 90,
      confidenceReasons: [],
      category: 'bug',
      source: 'llm',
      cached: false,
      analyzedAt: 1_767_225_600_000,
      ttl: 86_400,
      expiresAt: 1_767_312_000_000,
      evidence: [],
      nextSteps: [],
      occurrences: event.occurrences,
      promptVersion: 1,
      ...result,
    },
  };
}

/** What a history would say of it. */
export function arrivalOf({ event, result }: Seen, fields: Partial<Arrival> = {}): Arrival {
  return {
    errorHash: result.errorHash,
    eventId: event.eventId,
    counted: true,
    change: 'known',
    spiking: false,
    status: 'ongoing',
    ...fields,
  };
}
