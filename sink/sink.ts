import type { BudgetReport } from '../src/budget.ts';
import type { PatrolConfig } from '../src/config.ts';
import { createEngine, createStore } from '../src/create-engine.ts';
import { PatrolError } from '../src/errors.ts';
import type { ErrorLogEvent, Milliseconds } from '../src/types.ts';
import type { Alerts } from './alerts/alerts.ts';
import { createConfiguredAlerts } from './alerts/create-alerts.ts';
import type { ErrorHistory } from './history/history.ts';
import { openTableHistory } from './history/open-table.ts';
import { createMetrics, type SinkMetrics } from './metrics.ts';
import { createPublisher, type Publisher, type ReplySender } from './publish.ts';
import { createRecordHandler, type RecordHandler, type SinkEngine } from './record-handler.ts';
import { createRecorder, type HistoryWatcher } from './recorder.ts';
import { createReplyQueue } from './reply-queue.ts';
import type { ResolvedConfig } from './secrets.ts';
import { createSinkLog, type SinkLog } from './sink-log.ts';

/** The sink behind every trigger: engine, then publisher. */
export interface Sink extends RecordHandler {
  readonly log: SinkLog;
  readonly metrics: SinkMetrics;
  /** Undefined where no webhook is configured. */
  readonly alerts: Alerts | undefined;
  /** Undefined where none is configured. */
  readonly history: ErrorHistory | undefined;
  /**
   * Makes events safe before they are handled: a process killed from now on has lost none.
   *
   * @throws {PatrolError} `HISTORY_UNAVAILABLE`, retryable.
   */
  take(events: readonly ErrorLogEvent[]): Promise<void>;
  /** The code around what an analysis cites; undefined where the engine cannot read any. */
  readonly readCitedCode: SinkEngine['readCitedCode'];
}

/** Parts that {@link createSink} makes from the settings unless they are given. */
export interface SinkParts {
  readonly engine?: SinkEngine;
  readonly publisher?: Publisher;
  readonly log?: SinkLog;
  /** Where analyses go beside the reply queue, e.g. to the listeners of a stream. */
  readonly replies?: ReplySender;
  /** Remembers errors. @defaultValue the table of the settings, else none */
  readonly history?: ErrorHistory | undefined;
  /** Told of every error that comes or is analysed. */
  readonly watcher?: HistoryWatcher;
  /** How often alerts look for what is due; 0 where somebody else tells them to, see {@link Alerts.settle}. */
  readonly alertTickInterval?: Milliseconds;
}

/**
 * Wires a sink from the settings.
 *
 * @throws {PatrolError} `RULE_INVALID` for a wrong rule file, `CONFIG_INVALID` for a wrong file of webhooks.
 */
export async function createSink(
  config: PatrolConfig & Partial<Pick<ResolvedConfig, 'keys'>>,
  parts: SinkParts = {},
): Promise<Sink> {
  const log = parts.log ?? createSinkLog();
  const metrics = createMetrics();
  const replies = [createReplyQueue(config), parts.replies].filter((one) => one !== undefined);
  const publisher = parts.publisher ?? createPublisher(log, replies);
  const store = await createStore(config);
  const engine: SinkEngine =
    parts.engine ??
    (await createEngine(config, {
      store,
      onBudget: (report) => reportBudget(log, report),
      onSharedHit: () => metrics.count('SharedHits'),
      ...(config.keys && { keys: config.keys }),
    }));
  const history = parts.history ?? (await openTableHistory(config));
  const alerts = await createConfiguredAlerts(config, {
    store,
    log,
    metrics,
    decide: (event) => engine.identify?.(event).decision,
    ...(history && { standingOf: async (errorHash) => (await history.summaries([errorHash]))[0] }),
    ...(parts.alertTickInterval !== undefined && { tickInterval: parts.alertTickInterval }),
  });
  const recorder = history && createRecorder({ history, engine, log, watcher: parts.watcher });
  const handler = createRecordHandler({
    engine,
    publisher,
    log,
    metrics,
    alerts,
    recorder,
    timeout: config.modelTimeout,
    // Replies are waited for: then there is nothing to be done at once.
    isImmediate: parts.publisher === undefined && replies.length === 0,
  });
  return {
    log,
    metrics,
    alerts,
    history,
    take: async (events) => recorder?.take(events),
    readCitedCode: engine.readCitedCode?.bind(engine),
    ...handler,
  };
}

function reportBudget(log: SinkLog, { kind, limit, until, errors }: BudgetReport): void {
  const time = new Date(until).toISOString();
  if (kind === 'open-again') {
    log.info('Budget open again', { limit, since: time, errors });
    return;
  }
  const problem = new PatrolError('BUDGET_EXCEEDED', `${limit} are used up: new errors wait until ${time}.`);
  log.error('Budget used up', problem, { limit, until: time });
}
