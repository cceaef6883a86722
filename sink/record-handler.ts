import pLimit from 'p-limit';
import type { ErrorAnalysisEngine } from '../src/engine.ts';
import { messageOf, PatrolError } from '../src/errors.ts';
import type { AnalysisResult, ErrorLogEvent, Milliseconds, Timestamp } from '../src/types.ts';
import type { Alerts } from './alerts/alerts.ts';
import type { SinkMetrics } from './metrics.ts';
import type { Publisher } from './publish.ts';
import {
  type AnalysedEvent,
  type EventOutcome,
  type RecordOutcome,
  toRecordOutcome,
} from './record-outcome.ts';
import type { Recorder } from './recorder.ts';
import type { SinkLog } from './sink-log.ts';
import type { TriggerRecord } from './triggers/trigger-record.ts';

/** Events that are worked on at the same time; the others wait their turn. */
const CONCURRENCY = 16;
/**
 * Deliveries after which a reply that cannot be sent no longer holds its record back. The design asks queues
 * for `maxReceiveCount` ≥ 5: an event that was analysed and logged does not end among the dead letters.
 */
const REPLY_ATTEMPTS = 3;

/** What the sink needs of the engine. */
export type SinkEngine = Pick<ErrorAnalysisEngine, 'processErrorLog'> &
  Partial<Pick<ErrorAnalysisEngine, 'recall' | 'identify' | 'explainFailure' | 'readCitedCode'>>;

/** Handles what a trigger brought. */
export interface RecordHandler {
  /**
   * The same as {@link RecordHandler.handle}, at once, for a record whose answers are all in memory; undefined for any
   * other, with which nothing has been done yet.
   */
  handleKnown(record: TriggerRecord): RecordOutcome | undefined;
  /** Analyses and publishes every event of a record. Never rejects: what went wrong is reported and in the outcome. */
  handle(record: TriggerRecord, deadline?: Timestamp): Promise<RecordOutcome>;
}

/** Parts of {@link createRecordHandler}. */
export interface RecordHandlerParts {
  readonly engine: SinkEngine;
  readonly publisher: Publisher;
  readonly log: SinkLog;
  readonly metrics: SinkMetrics;
  readonly alerts: Alerts | undefined;
  readonly recorder: Recorder | undefined;
  /** For one analysis. */
  readonly timeout: Milliseconds;
  /** Publishing is writing a line, and nothing has to be waited for. */
  readonly isImmediate: boolean;
}

/** How a record came, as far as its events need to know. */
interface Delivery {
  readonly recordId: string;
  readonly receiveCount: number | undefined;
  /** Its events were counted at an earlier try. */
  readonly counted: boolean;
  readonly deadline: Timestamp | undefined;
}

/** See {@link RecordHandler}. */
export function createRecordHandler(parts: RecordHandlerParts): RecordHandler {
  const { engine, publisher, log, metrics, alerts, recorder, timeout, isImmediate } = parts;
  const limit = pLimit(CONCURRENCY);

  const receive = (event: ErrorLogEvent): void => {
    metrics.count('EventsReceived');
    metrics.count('Occurrences', event.occurrences);
  };

  const analyse = async (
    event: ErrorLogEvent,
    deadline = Number.POSITIVE_INFINITY,
  ): Promise<AnalysisResult> => {
    const timeoutMs = Math.min(timeout, deadline - Date.now());
    if (timeoutMs <= 0) {
      throw new PatrolError('DEADLINE_EXCEEDED', 'No time was left for this event.', { retryable: true });
    }
    const began = performance.now();
    const result = await engine.processErrorLog(event, { timeoutMs });
    metrics.answered(result, performance.now() - began);
    return result;
  };

  /** What could not be sent, where it makes sense to be sent again. */
  const publish = async (
    { event, result }: AnalysedEvent,
    // Without a redelivery to come, a failed reply is only reported.
    receiveCount = REPLY_ATTEMPTS,
  ): Promise<PatrolError | undefined> => {
    try {
      await publisher.publish(event, result);
      return undefined;
    } catch (error) {
      metrics.count('RepliesFailed');
      log.error('Reply not sent', error, { eventId: event.eventId });
      // A redelivery costs nothing, the answer is cached by now; but it must have an end.
      const again = error instanceof PatrolError && error.retryable && receiveCount < REPLY_ATTEMPTS;
      return again ? error : undefined;
    }
  };

  /** What will not be analysed soon is told of as it is: a new error does not wait for a budget, or for ever. */
  const tellUnanalysed = (
    event: ErrorLogEvent,
    problem: PatrolError,
    { receiveCount = 1, deadline }: Delivery,
  ): void => {
    const isSoon = problem.retryable && problem.code !== 'BUDGET_EXCEEDED' && receiveCount < REPLY_ATTEMPTS;
    if (!alerts || !engine.explainFailure || isSoon) return;
    const result = engine.explainFailure(event, problem);
    alerts.see({ event, result, arrival: recorder?.arrivalOf(event), unanalysed: true }, deadline);
  };

  const withoutAnalysis = (event: ErrorLogEvent, error: unknown, delivery: Delivery): EventOutcome => {
    const problem = asPatrolError(error);
    const { eventId, occurrences } = event;
    if (problem.code === 'ANALYSED_ELSEWHERE') {
      metrics.count('Elsewhere');
      log.info('Analysed elsewhere', { eventId, occurrences });
      return { kind: 'elsewhere', event };
    }
    const ruled = problem.code === 'SET_ASIDE' ? engine.identify?.(event).decision?.setAside : undefined;
    if (ruled) {
      metrics.count(ruled.reason === 'ignored' ? 'Ignored' : 'NotSampled', occurrences);
      log.info('Set aside by a rule', { eventId, occurrences, ...ruled });
      return { kind: 'set-aside', event, ...ruled };
    }
    if (problem.code === 'BUDGET_EXCEEDED') {
      // Reported once for all, when it began and when it ended.
      if (!delivery.counted) metrics.count('OverBudget');
    } else {
      metrics.count('Failed');
      log.error('Event not analysed', problem, { eventId, recordId: delivery.recordId });
    }
    tellUnanalysed(event, problem, delivery);
    return { kind: 'failed', event, problem };
  };

  const handleEvent = async (
    event: ErrorLogEvent,
    delivery: Delivery,
    keep: (event: ErrorLogEvent, result?: AnalysisResult) => void,
  ): Promise<EventOutcome> => {
    if (!delivery.counted) receive(event);
    const arrival = recorder?.arrivalOf(event);
    let result: AnalysisResult;
    try {
      await alerts?.expect(event, arrival);
      result = await analyse(event, delivery.deadline);
    } catch (error) {
      const outcome = withoutAnalysis(event, error, delivery);
      if (outcome.kind !== 'failed') keep(event);
      return outcome;
    }
    keep(event, result);
    alerts?.see({ event, result, arrival }, delivery.deadline);
    const problem = await publish({ event, result }, delivery.receiveCount);
    return { kind: 'analysed', event, result, ...(problem && { problem }) };
  };

  return {
    handleKnown({ events, problems, counted = false, dropped }) {
      if (!isImmediate || recorder || problems.length > 0) return undefined;
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
        return toRecordOutcome(
          events.map((event) => ({ kind: 'failed', event, problem })),
          refused,
        );
      }
      // Written together at the end: an analysis does not wait for another one's place on the disk.
      const kept: (Promise<void> | undefined)[] = [];
      const delivery = { recordId: id, receiveCount, counted, deadline };
      const outcomes = await Promise.all(
        events.map((event) =>
          limit(() => handleEvent(event, delivery, (...done) => kept.push(recorder?.done(...done)))),
        ),
      );
      await Promise.all(kept);
      return toRecordOutcome(outcomes, refused);
    },
  };
}

function asPatrolError(error: unknown): PatrolError {
  return error instanceof PatrolError
    ? error
    : new PatrolError('ANALYSIS_FAILED', `Patrol failed: ${messageOf(error)}`, { cause: error });
}
