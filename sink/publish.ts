import { LRUCache } from 'lru-cache';
import { type AnalysisRecord, toAnalysisRecord } from '../src/analysis-record.ts';
import { truncate } from '../src/bounds.ts';
import { visibleText } from '../src/plain-text.ts';
import { redact } from '../src/redaction.ts';
import type { AnalysisResult, ErrorLogEvent } from '../src/types.ts';
import { toJsonLine } from './json-line.ts';
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

/** Longest message of an error in a line of the log, and in a reply. */
const MAX_MESSAGE = 1024;
/** Answers whose JSON is kept: a cached one is written again and again. */
const MAX_WRITTEN = 1000;

/** Makes a publisher over the sink's log and the ways back to the applications. */
export function createPublisher(log: SinkLog, replies: readonly ReplySender[]): Publisher {
  const written = new LRUCache<string, string>({ max: MAX_WRITTEN });

  /** The JSON of a result; what belongs to the event alone stands at its end. */
  const write = ({ cached, occurrences, ...answer }: AnalysisResult): string => {
    const key = `${answer.errorHash} ${answer.analyzedAt}`;
    const json = written.get(key) ?? toJsonLine(answer);
    written.set(key, json);
    return `${json.slice(0, -1)},"cached":${cached},"occurrences":${occurrences}}`;
  };

  return {
    async publish(event, result) {
      // An event need not come from one of Patrol's transports; the result comes redacted from the engine.
      const message = redact(
        truncate(visibleText(event.errorLog.message.slice(0, 2 * MAX_MESSAGE)), MAX_MESSAGE),
      );
      // `Cache hit` is the text on which the prototype's CloudWatch filter counts.
      log.info(
        result.cached ? 'Cache hit' : 'Analysed',
        {
          eventId: event.eventId,
          errorHash: result.errorHash,
          ...(event.service !== undefined && { service: event.service }),
          message,
        },
        { result: write(result) },
      );
      if (replies.length === 0) return;
      const record = toRecord(event, message, result);
      await Promise.all(replies.map((reply) => reply.send(record)));
    },
  };
}

function toRecord(event: ErrorLogEvent, message: string, result: AnalysisResult): AnalysisRecord {
  const errorLog = { ...event.errorLog, message };
  const { correlation, ...record } = toAnalysisRecord({ ...event, errorLog }, result);
  return { ...record, ...(correlation && { correlation: redact(correlation) }) };
}
