import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { ErrorLog } from '../../src/types.ts';
import { rankOf } from '../log-lines/levels.ts';
import { createRecordReader } from '../log-lines/record-reader.ts';
import type { PayloadReader } from './payload-item.ts';

const RANK_ERROR = 50;

/**
 * A log entry of Google Cloud, as a log sink sends it to Pub/Sub or Eventarc; less than an error is passed over.
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
 */
export const readGoogleLogEntry: PayloadReader = (value) => {
  if (!isRecord(value) || typeof value.logName !== 'string') return undefined;
  const rank = rankOf(value.severity);
  const content = value.jsonPayload ?? value.textPayload ?? value.protoPayload;
  if (content === undefined || (rank !== undefined && rank < RANK_ERROR)) return [];
  return [{ read: () => toEvent(value, content) }];
};

function toEvent(entry: Readonly<Record<string, unknown>>, content: unknown) {
  const resource = isRecord(entry.resource) ? entry.resource : {};
  const labels = isRecord(resource.labels) ? resource.labels : {};
  const service = [labels.service_name, labels.function_name, labels.container_name, labels.module_id].find(
    (one) => typeof one === 'string',
  );
  const errorLog = typeof content === 'string' ? fromText(content) : captureErrorLog(content);
  return parseErrorLogEvent({
    ...(typeof entry.insertId === 'string' && { eventId: entry.insertId }),
    ...(typeof entry.timestamp === 'string' && { timestamp: entry.timestamp }),
    ...(service !== undefined && { service }),
    errorLog: {
      ...errorLog,
      context: {
        ...errorLog.context,
        logName: entry.logName,
        ...(typeof entry.trace === 'string' && { traceId: entry.trace.split('/').at(-1) }),
        ...(typeof entry.spanId === 'string' && { spanId: entry.spanId }),
      },
    },
  });
}

/** The first error of the text, with its stack; a text that shows none is itself the message. */
function fromText(text: string): ErrorLog {
  const found: ErrorLog[] = [];
  const reader = createRecordReader('error', ({ errorLog }) => found.push(errorLog));
  for (const line of text.split(/\r?\n/)) reader.push(line, undefined);
  reader.close();
  return found[0] ?? captureErrorLog(text);
}
