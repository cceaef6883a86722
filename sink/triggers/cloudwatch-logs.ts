import { isRecord } from '../../src/bounds.ts';
import { describeShape, PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { ErrorLog, ErrorLogEvent } from '../../src/types.ts';
import { gunzip } from '../gunzip.ts';
import { createRecordReader } from '../log-lines/record-reader.ts';
import type { PayloadItem, PayloadReader } from './payload-item.ts';
import { notOf, parseJson } from './problems.ts';

type Json = Readonly<Record<string, unknown>>;

/** A subscription's batch is at most 1 MiB compressed; what grows beyond this is a bomb, not a log. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * A CloudWatch Logs subscription (`awslogs.data`, gzip in base64): the lines of an application that need not know
 * of Patrol. Lines that are no errors are passed over; a stack trace in several lines is one error.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export const readCloudWatchLogs: PayloadReader = (value) => {
  if (!isRecord(value) || !isRecord(value.awslogs) || !('data' in value.awslogs)) return undefined;
  const batch = parseJson(decompress(value.awslogs.data), 'awslogs.data');
  if (!isRecord(batch)) {
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected awslogs.data to hold an object, got ${describeShape(batch)}.`,
    );
  }
  // AWS tests a new subscription with a CONTROL_MESSAGE.
  if (batch.messageType !== 'DATA_MESSAGE' || !Array.isArray(batch.logEvents)) return [];
  return readLines(batch.logEvents.filter(isRecord), batch);
};

function decompress(data: unknown): string {
  if (typeof data !== 'string') {
    throw notOf('awslogs.data', 'a string of base64', data);
  }
  let unpacked: Buffer | undefined;
  try {
    unpacked = gunzip(Buffer.from(data, 'base64'), MAX_BYTES);
  } catch (cause) {
    const message = 'Expected awslogs.data to be gzip in base64; it could not be unpacked.';
    throw new PatrolError('EVENT_INVALID', message, { cause });
  }
  if (unpacked) return unpacked.toString('utf8');
  throw new PatrolError('EVENT_INVALID', `Expected awslogs.data to unpack to at most ${MAX_BYTES} bytes.`);
}

function readLines(logEvents: readonly Json[], batch: Json): readonly PayloadItem[] {
  const items: PayloadItem[] = [];
  const ids = new Set<string>();
  const reader = createRecordReader<Json>('error', ({ errorLog, origin }) => {
    const id = uniqueId(origin.id, ids);
    items.push({ read: () => toEvent(errorLog, id, origin.timestamp, batch) });
  });
  for (const logEvent of logEvents) {
    if (typeof logEvent.message !== 'string') continue;
    // Lambda writes the line breaks of one record as carriage returns.
    for (const line of logEvent.message.split(/\r\n|\r|\n/)) reader.push(line, logEvent);
  }
  reader.close();
  return items;
}

/** The log event's id; a second error in the same log event gets a number. */
function uniqueId(id: unknown, taken: Set<string>): string | undefined {
  if (typeof id !== 'string') return undefined;
  let unique = id;
  for (let number = 2; taken.has(unique); number++) unique = `${id}#${number}`;
  taken.add(unique);
  return unique;
}

function toEvent(
  errorLog: ErrorLog,
  eventId: string | undefined,
  timestamp: unknown,
  { logGroup, logStream, owner }: Json,
): ErrorLogEvent {
  const service = typeof logGroup === 'string' ? logGroup.split('/').findLast(Boolean) : undefined;
  return parseErrorLogEvent({
    ...(eventId !== undefined && { eventId }),
    ...(typeof timestamp === 'number' && { timestamp }),
    ...(service !== undefined && { service }),
    errorLog: { ...errorLog, context: { ...errorLog.context, logGroup, logStream, awsAccount: owner } },
  });
}
