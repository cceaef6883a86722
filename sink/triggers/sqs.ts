import { isRecord } from '../../src/bounds.ts';
import { type DroppedBatch, readDropped } from './dropped.ts';
import { readParsed } from './payload.ts';
import type { Envelope } from './payload-item.ts';
import { parseJson } from './problems.ts';
import type { TriggerReader, TriggerRecord } from './trigger-record.ts';

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
/** The one in which a transport reports what it has lost. */
export const DROPPED_ATTRIBUTE = 'patrol.dropped';

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
  const told = isRecord(fields.messageAttributes) ? fields.messageAttributes : {};
  const counted = DEFERRED_ATTRIBUTE in told;
  const dropped = DROPPED_ATTRIBUTE in told ? droppedOf(told[DROPPED_ATTRIBUTE]) : undefined;
  return { id: messageId ?? `Records[${index}]`, events, problems, receiveCount, counted, dropped };
}

/** Lambda and SQS itself spell the field differently; a wrong one is no reason to refuse the event. */
function droppedOf(attribute: unknown): DroppedBatch | undefined {
  const text = isRecord(attribute) ? (attribute.stringValue ?? attribute.StringValue) : undefined;
  try {
    return readDropped(JSON.parse(String(text)));
  } catch {
    return undefined;
  }
}

/** SQS writes its numbers as strings. */
function positive(value: unknown): number | undefined {
  const number = Number(value);
  return value !== undefined && Number.isFinite(number) && number > 0 ? number : undefined;
}
