import { type AnalysisRecord, toAnalysisRecord } from '../src/analysis-record.ts';
import { truncate } from '../src/bounds.ts';
import { visibleText } from '../src/plain-text.ts';
import { RecentTexts } from '../src/recent-texts.ts';
import { redact } from '../src/redaction.ts';
import { traceContextOf } from '../src/trace-context.ts';
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
  /**
   * Writes the line.
   *
   * @returns undefined when that is all; else what is settled when the replies are sent.
   * @throws {PatrolError} (as a rejection) `DELIVERY_FAILED` when a reply could not be sent.
   */
  publish(event: ErrorLogEvent, result: AnalysisResult): Promise<void> | undefined;
}

/** Longest message of an error in a line of the log, and in a reply. */
const MAX_MESSAGE = 1024;

/** Makes a publisher over the sink's log and the ways back to the applications. */
export function createPublisher(log: SinkLog, replies: readonly ReplySender[]): Publisher {
  const messages = new RecentTexts<Message>(1024, 4 * MAX_MESSAGE);
  const write = createAnswerWriter();

  return {
    publish(event, result) {
      const { message, json } = messages.recall(event.errorLog.message, readMessage);
      const trace = traceContextOf(event.errorLog.context);
      // `Cache hit` is the text on which the prototype's CloudWatch filter counts.
      const service = event.service === undefined ? '' : `,"service":${toJsonLine(event.service)}`;
      const traced = trace === undefined ? '' : `,${toJsonLine(trace).slice(1, -1)}`;
      log.infoWritten(
        result.cached ? 'Cache hit' : 'Analysed',
        `"eventId":${toJsonLine(event.eventId)},"errorHash":"${result.errorHash}"${service}${traced},"message":${json},"result":${write(result)}`,
      );
      if (replies.length === 0) return undefined;
      const record = recordOf(event, message, result);
      return Promise.all(replies.map((reply) => reply.send(record))).then(() => {});
    },
  };
}

interface Message {
  readonly message: string;
  readonly json: string;
}

/** An event need not come from one of Patrol's transports; the result comes redacted from the engine. */
function readMessage(logged: string): Message {
  const message = truncate(visibleText(redact(logged.slice(0, 2 * MAX_MESSAGE))), MAX_MESSAGE);
  return { message, json: toJsonLine(message) };
}

/** The JSON of results. What they share with the answer that is cached is written once. */
function createAnswerWriter(): (result: AnalysisResult) => string {
  // Results that come of one answer share its arrays.
  const written = new WeakMap<readonly string[], { readonly of: AnalysisResult; readonly json: string }>();
  return (result) => {
    let known = written.get(result.confidenceReasons);
    if (known?.of.errorHash !== result.errorHash || known.of.analyzedAt !== result.analyzedAt) {
      const { cached: _, occurrences: __, ...answer } = result;
      known = { of: result, json: toJsonLine(answer).slice(0, -1) };
      written.set(result.confidenceReasons, known);
    }
    // What belongs to the event alone stands at the end.
    return `${known.json},"cached":${result.cached},"occurrences":${result.occurrences}}`;
  };
}

/** The record of an analysis as it leaves the sink: with nothing in it that is to stay secret. */
export function toRecord(event: ErrorLogEvent, result: AnalysisResult): AnalysisRecord {
  return recordOf(event, readMessage(event.errorLog.message).message, result);
}

function recordOf(event: ErrorLogEvent, message: string, result: AnalysisResult): AnalysisRecord {
  const errorLog = { ...event.errorLog, message };
  const { correlation, ...record } = toAnalysisRecord({ ...event, errorLog }, result);
  return { ...record, ...(correlation && { correlation: redact(correlation) }) };
}
