import { isRecord } from '../../src/bounds.ts';
import { type Envelope, readParsed } from './payload.ts';
import { parseJson } from './problems.ts';
import type { TriggerReader, TriggerRecord } from './trigger.ts';

/** A Lambda event of an SQS queue: `Records` from `aws:sqs`, the body of each one event or an envelope of some. */
export const readSqs: TriggerReader = (input) => {
  if (!isRecord(input) || !Array.isArray(input.Records) || !input.Records.some(isSqsRecord)) return undefined;
  return { trigger: 'sqs', records: input.Records.map(readMessage) };
};

function isSqsRecord(record: unknown): boolean {
  return isRecord(record) && record.eventSource === 'aws:sqs';
}

/** The message attribute by which the sink knows again what it has put off. */
export const DEFERRED_ATTRIBUTE = 'patrolDeferred';

/** One message of a queue, with the field names that Lambda gives it. */
export function readMessage(record: unknown, index: number): TriggerRecord {
  const fields = isRecord(record) ? record : {};
  const attributes = isRecord(fields.attributes) ? fields.attributes : {};
  const messageId = typeof fields.messageId === 'string' ? fields.messageId : undefined;
  const sentAt = positive(attributes.SentTimestamp);
  const receiveCount = positive(attributes.ApproximateReceiveCount);
  // Both stand in for what the body lacks: a redelivery repeats them.
  const envelope: Envelope = { id: messageId, timestamp: sentAt };
  const { events, problems } = readParsed(() => parseJson(fields.body, 'body'), envelope);
  const deferred = isRecord(fields.messageAttributes) && DEFERRED_ATTRIBUTE in fields.messageAttributes;
  return { id: messageId ?? `Records[${index}]`, events, problems, receiveCount, deferred };
}

/** SQS writes its numbers as strings. */
function positive(value: unknown): number | undefined {
  const number = Number(value);
  return value !== undefined && Number.isFinite(number) && number > 0 ? number : undefined;
}
