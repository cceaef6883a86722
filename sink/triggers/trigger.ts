import { isRecord, truncate } from '../../src/bounds.ts';
import { describeShape, PatrolError } from '../../src/errors.ts';
import { readDirect } from './direct.ts';
import { readEventBridge } from './eventbridge.ts';
import { readPayload } from './payload.ts';
import { readSns } from './sns.ts';
import { readSqs } from './sqs.ts';
import type { TriggerReader, TriggerRecords } from './trigger-record.ts';

const ACCEPTED =
  'an event of SQS or SNS ({Records}), EventBridge ({detail-type, detail}), CloudWatch Logs ({awslogs}) or HTTP, ' +
  'one error event ({eventId, timestamp, errorLog}), an array of them, {events}, OTLP {resourceLogs} or Vector {logs}';

/** A CloudWatch Logs subscription that invokes the function itself. */
const readLogSubscription: TriggerReader = (input) =>
  isRecord(input) && isRecord(input.awslogs)
    ? { trigger: 'cloudwatch-logs', records: [{ id: 'awslogs', ...readPayload(input, {}) }] }
    : undefined;

/** The first that knows the input reads it. */
const readers: readonly TriggerReader[] = [
  readSqs,
  readSns,
  readEventBridge,
  readLogSubscription,
  readDirect,
];

/**
 * Reads whatever the function was called with. What is wrong with one record stays with that record.
 *
 * @throws {PatrolError} `TRIGGER_UNKNOWN` when no trigger knows the shape, naming the top-level keys.
 */
export function readTrigger(input: unknown): TriggerRecords {
  for (const read of readers) {
    const records = read(input);
    if (records) return records;
  }
  throw new PatrolError(
    'TRIGGER_UNKNOWN',
    `Expected the input to be ${ACCEPTED}; got ${describeKeys(input)}.`,
  );
}

const MAX_KEYS = 10;

function describeKeys(input: unknown): string {
  if (!isRecord(input)) return describeShape(input);
  const keys = Object.keys(input);
  if (keys.length === 0) return 'an object without keys';
  const shown = keys.slice(0, MAX_KEYS).map((key) => JSON.stringify(truncate(key, 64)));
  const more = keys.length > MAX_KEYS ? ` and ${keys.length - MAX_KEYS} more` : '';
  return `an object with the keys ${shown.join(', ')}${more}`;
}
