import { isRecord } from '../../src/bounds.ts';
import { describeShape, PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import { settle } from './settle.ts';
import type { TriggerRecord, TriggerRecords } from './trigger.ts';

/** A Lambda event of an SQS queue: `Records` from `aws:sqs`, the body of each one event. */
export function readSqs(input: unknown): TriggerRecords | undefined {
  if (!isRecord(input) || !Array.isArray(input.Records) || !input.Records.some(isSqsRecord)) return undefined;
  return { trigger: 'sqs', records: input.Records.map(readRecord) };
}

function isSqsRecord(record: unknown): boolean {
  return isRecord(record) && record.eventSource === 'aws:sqs';
}

function readRecord(record: unknown, index: number): TriggerRecord {
  const fields = isRecord(record) ? record : {};
  const attributes = isRecord(fields.attributes) ? fields.attributes : {};
  const messageId = typeof fields.messageId === 'string' ? fields.messageId : `Records[${index}]`;
  return settle(
    messageId,
    () => [readBody(fields.body, messageId, positive(attributes.SentTimestamp))],
    positive(attributes.ApproximateReceiveCount),
  );
}

/** The message id stands in for a missing event id, and the time of sending for a missing time: a redelivery repeats both. */
function readBody(body: unknown, messageId: string, sentAt: number | undefined): ErrorLogEvent {
  return parseErrorLogEvent(parseBody(body), {
    eventId: messageId,
    ...(sentAt !== undefined && { timestamp: sentAt }),
  });
}

function parseBody(body: unknown): unknown {
  if (typeof body !== 'string') {
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected body to be a string of JSON, got ${describeShape(body)}.`,
    );
  }
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes the body.
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected body to be JSON, got ${describeShape(body)} that is none.`,
    );
  }
}

/** SQS writes its numbers as strings. */
function positive(value: unknown): number | undefined {
  const number = Number(value);
  return value !== undefined && Number.isFinite(number) && number > 0 ? number : undefined;
}
