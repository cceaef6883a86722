import { type AnalysisRecord, toAnalysisRecord } from '../src/analysis-record.ts';
import { redact } from '../src/redaction.ts';
import type { AnalysisResult, ErrorLogEvent } from '../src/types.ts';
import type { SinkLog } from './sink-log.ts';

/** Carries analyses back to the applications. */
export interface ReplySender {
  /** @throws {PatrolError} `DELIVERY_FAILED`, `retryable` when another attempt may succeed. */
  send(record: AnalysisRecord): Promise<void>;
}

/** Makes an analysis known: the line on stdout, the reply to the application. */
export interface Publisher {
  /** @throws {PatrolError} `DELIVERY_FAILED` when the reply could not be sent; the line is written all the same. */
  publish(event: ErrorLogEvent, result: AnalysisResult): Promise<void>;
}

/** Makes a publisher over the sink's log and the ways back to the applications. */
export function createPublisher(log: SinkLog, replies: readonly ReplySender[]): Publisher {
  return {
    async publish(event, result) {
      const record = toRecord(event, result);
      // `Cache hit` is the text on which the prototype's CloudWatch filter counts.
      log.info(result.cached ? 'Cache hit' : 'Analysed', {
        eventId: event.eventId,
        errorHash: result.errorHash,
        ...(event.service !== undefined && { service: event.service }),
        message: record.patrol.message,
        result,
      });
      await Promise.all(replies.map((reply) => reply.send(record)));
    },
  };
}

/**
 * The result comes redacted from the engine; what the record takes from the event is redacted here, since an
 * event need not come from one of Patrol's transports.
 */
function toRecord(event: ErrorLogEvent, result: AnalysisResult): AnalysisRecord {
  const errorLog = { ...event.errorLog, message: redact(event.errorLog.message) };
  const { correlation, ...record } = toAnalysisRecord({ ...event, errorLog }, result);
  return { ...record, ...(correlation && { correlation: redact(correlation) }) };
}
