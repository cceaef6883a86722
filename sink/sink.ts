import pLimit from 'p-limit';
import type { BudgetReport } from '../src/budget.ts';
import type { PatrolConfig } from '../src/config.ts';
import { createEngine, createStore } from '../src/create-engine.ts';
import type { ErrorAnalysisEngine } from '../src/engine.ts';
import { messageOf, PatrolError } from '../src/errors.ts';
import type { AnalysisResult, ErrorLogEvent, Milliseconds, Timestamp } from '../src/types.ts';
import type { SetAside } from '../src/user-rules/user-rule.ts';
import type { Alerts } from './alerts/alerts.ts';
import { createConfiguredAlerts } from './alerts/create-alerts.ts';
import type { ErrorHistory } from './history/history.ts';
import { openTableHistory } from './history/open-table.ts';
import { createMetrics, type SinkMetrics } from './metrics.ts';
import { createPublisher, type Publisher, type ReplySender } from './publish.ts';
import { createRecorder, type HistoryWatcher } from './recorder.ts';
import { createReplyQueue } from './reply-queue.ts';
import type { ResolvedConfig } from './secrets.ts';
import { createSinkLog, type SinkLog } from './sink-log.ts';
import type { TriggerRecord } from './triggers/trigger-record.ts';

/** Events that are worked on at the same time; the others wait their turn. */
const CONCURRENCY = 16;
/**
 * Deliveries after which a reply that cannot be sent no longer holds its record back. The design asks queues
 * for `maxReceiveCount` ≥ 5: an event that was analysed and logged does not end among the dead letters.
 */
const REPLY_ATTEMPTS = 3;

/** An analysed event. */
export interface AnalysedEvent {
  readonly event: ErrorLogEvent;
  readonly result: AnalysisResult;
}

/** An event whose analysis failed this time. */
export interface FailedEvent {
  readonly event: ErrorLogEvent;
  readonly problem: PatrolError;
}

/** An event that a rule of the user's keeps from being analysed: counted, and done with. */
export interface SetAsideEvent extends SetAside {
  readonly event: ErrorLogEvent;
}

/** What became of a record. It succeeded when `problems` is empty. */
export interface RecordOutcome {
  readonly analysed: readonly AnalysedEvent[];
  /** Events whose error another process is analysing: counted as occurrences, and done with. */
  readonly elsewhere: readonly ErrorLogEvent[];
  readonly setAside: readonly SetAsideEvent[];
  /** Valid events that failed; their problems are among `problems` too. */
  readonly failed: readonly FailedEvent[];
  readonly problems: readonly PatrolError[];
}

/** The sink behind every trigger: engine, then publisher. */
export interface Sink {
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
  /**
   * The same as {@link Sink.handle}, at once, for a record whose answers are all in memory; undefined for any other,
   * with which nothing has been done yet.
   */
  handleKnown(record: TriggerRecord): RecordOutcome | undefined;
  /** Analyses and publishes every event of a record. Never rejects: what went wrong is reported and in the outcome. */
  handle(record: TriggerRecord, deadline?: Timestamp): Promise<RecordOutcome>;
}

/** Parts that {@link createSink} makes from the settings unless they are given. */
export interface SinkParts {
  readonly engine?: Pick<ErrorAnalysisEngine, 'processErrorLog'> &
    Partial<Pick<ErrorAnalysisEngine, 'recall' | 'identify' | 'explainFailure'>>;
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
  // Replies are waited for: then there is nothing to be done at once.
  const canBeImmediate = parts.publisher === undefined && replies.length === 0;
  const store = await createStore(config);
  const engine: SinkParts['engine'] & {} =
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
  const limit = pLimit(CONCURRENCY);

  const analyse = async (event: ErrorLogEvent, deadline: Timestamp | undefined) => {
    const timeoutMs = Math.min(config.modelTimeout, (deadline ?? Number.POSITIVE_INFINITY) - Date.now());
    if (timeoutMs <= 0) {
      throw new PatrolError('DEADLINE_EXCEEDED', 'No time was left for this event.', { retryable: true });
    }
    return engine.processErrorLog(event, { timeoutMs });
  };

  const publish = async ({ event, result }: AnalysedEvent, receiveCount: number): Promise<void> => {
    try {
      await publisher.publish(event, result);
    } catch (error) {
      metrics.count('RepliesFailed');
      log.error('Reply not sent', error, { eventId: event.eventId });
      // A redelivery costs nothing, the answer is cached by now; but it must have an end.
      if (error instanceof PatrolError && error.retryable && receiveCount < REPLY_ATTEMPTS) throw error;
    }
  };

  /** What will not be analysed soon is told of as it is: a new error does not wait for a budget, or for ever. */
  const tellUnanalysed = (
    event: ErrorLogEvent,
    problem: PatrolError,
    receiveCount = 1,
    deadline?: Timestamp,
  ): void => {
    const isSoon = problem.retryable && problem.code !== 'BUDGET_EXCEEDED' && receiveCount < REPLY_ATTEMPTS;
    if (!alerts || !engine.explainFailure || isSoon || problem.code === 'DELIVERY_FAILED') return;
    const result = engine.explainFailure(event, problem);
    alerts.see({ event, result, arrival: recorder?.arrivalOf(event), unanalysed: true }, deadline);
  };

  const receive = (event: ErrorLogEvent): void => {
    metrics.count('EventsReceived');
    metrics.count('Occurrences', event.occurrences);
  };

  return {
    log,
    metrics,
    alerts,
    history,
    take: async (events) => recorder?.take(events),
    handleKnown({ events, problems, counted = false, dropped }) {
      if (!canBeImmediate || recorder || problems.length > 0) return undefined;
      const analysed: AnalysedEvent[] = [];
      for (const event of events) {
        const result = engine.recall?.(event);
        if (result === undefined) return undefined;
        analysed.push({ event, result });
      }
      if (dropped) metrics.dropped(dropped);
      for (const { event, result } of analysed) {
        if (!counted) receive(event);
        metrics.answered(result, 0);
        void publisher.publish(event, result);
        alerts?.see({ event, result });
      }
      return { analysed, elsewhere: [], setAside: [], failed: [], problems: [] };
    },
    async handle({ id, events, problems: refused, receiveCount, counted = false, dropped }, deadline) {
      const analysed: AnalysedEvent[] = [];
      const elsewhere: ErrorLogEvent[] = [];
      const setAside: SetAsideEvent[] = [];
      const failed: FailedEvent[] = [];
      const problems = [...refused];
      if (dropped) metrics.dropped(dropped);
      for (const problem of refused) {
        metrics.count('RecordsRefused');
        log.error('Record refused', problem, { recordId: id });
      }
      try {
        await recorder?.take(events);
      } catch (error) {
        const problem = asPatrolError(error);
        log.error('Events not taken', problem, { recordId: id });
        const lost = events.map((event) => ({ event, problem }));
        problems.push(...lost.map(() => problem));
        return { analysed, elsewhere, setAside, failed: lost, problems };
      }
      // Written together at the end: an analysis does not wait for another one's place on the disk.
      const kept: (Promise<void> | undefined)[] = [];
      const keep = (event: ErrorLogEvent, result?: AnalysisResult) => {
        kept.push(recorder?.done(event, result));
      };
      await Promise.all(
        events.map((event) =>
          limit(async () => {
            try {
              if (!counted) receive(event);
              const arrival = recorder?.arrivalOf(event);
              await alerts?.expect(event, arrival);
              const began = performance.now();
              const done = { event, result: await analyse(event, deadline) };
              metrics.answered(done.result, performance.now() - began);
              analysed.push(done);
              keep(event, done.result);
              alerts?.see({ ...done, arrival }, deadline);
              // Without a redelivery to come, a failed reply is only reported.
              await publish(done, receiveCount ?? REPLY_ATTEMPTS);
            } catch (error) {
              const problem = asPatrolError(error);
              if (problem.code === 'ANALYSED_ELSEWHERE') {
                metrics.count('Elsewhere');
                log.info('Analysed elsewhere', { eventId: event.eventId, occurrences: event.occurrences });
                elsewhere.push(event);
                keep(event);
                return;
              }
              const ruled =
                problem.code === 'SET_ASIDE' ? engine.identify?.(event).decision?.setAside : undefined;
              if (ruled) {
                const { eventId, occurrences } = event;
                metrics.count(ruled.reason === 'ignored' ? 'Ignored' : 'NotSampled', occurrences);
                log.info('Set aside by a rule', { eventId, occurrences, ...ruled });
                setAside.push({ event, ...ruled });
                keep(event);
                return;
              }
              if (problem.code === 'BUDGET_EXCEEDED') {
                // Reported once for all, when it began and when it ended.
                if (!counted) metrics.count('OverBudget');
              } else if (problem.code !== 'DELIVERY_FAILED') {
                metrics.count('Failed');
                log.error('Event not analysed', problem, { eventId: event.eventId, recordId: id });
              }
              tellUnanalysed(event, problem, receiveCount, deadline);
              failed.push({ event, problem });
              problems.push(problem);
            }
          }),
        ),
      );
      await Promise.all(kept);
      return { analysed, elsewhere, setAside, failed, problems };
    },
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

function asPatrolError(error: unknown): PatrolError {
  return error instanceof PatrolError
    ? error
    : new PatrolError('ANALYSIS_FAILED', `Patrol failed: ${messageOf(error)}`, { cause: error });
}
