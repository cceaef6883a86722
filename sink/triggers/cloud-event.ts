import { isRecord } from '../../src/bounds.ts';
import { envelopeOf, readParsed } from './payload.ts';
import type { Envelope } from './payload-item.ts';
import { notOf, parseJson } from './problems.ts';
import type { TriggerRecord } from './trigger-record.ts';

/** A CloudEvent, as the Functions Framework hands it over. https://github.com/cloudevents/spec */
export interface CloudEventLike {
  readonly id?: string;
  readonly time?: string;
  readonly data?: unknown;
}

/** Reads a CloudEvent of Pub/Sub or of Eventarc: its data is a Pub/Sub message, a log entry, or events themselves. */
export function readCloudEvent({ id, time, data }: CloudEventLike): TriggerRecord {
  const message = pubSubMessageOf(data);
  if (message) return readPubSubMessage(message);
  const envelope = envelopeOf(id, time);
  return {
    id: id ?? 'data',
    ...readParsed(() => (typeof data === 'string' ? parseJson(data, 'data') : data), envelope),
  };
}

/** The message of a Pub/Sub push (`{message, subscription}`). */
export function pubSubMessageOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(value) || !isRecord(value.message)) return undefined;
  const { message } = value;
  return 'data' in message || 'messageId' in message || 'attributes' in message ? message : undefined;
}

/** A Pub/Sub message: its data is JSON in base64. */
function readPubSubMessage(message: Readonly<Record<string, unknown>>): TriggerRecord {
  const envelope: Envelope = envelopeOf(
    message.messageId ?? message.message_id,
    message.publishTime ?? message.publish_time,
  );
  return { id: envelope.id ?? 'message', ...readParsed(() => decode(message.data), envelope) };
}

function decode(data: unknown): unknown {
  if (typeof data !== 'string') {
    throw notOf('message.data', 'a string of base64', data);
  }
  return parseJson(Buffer.from(data, 'base64').toString('utf8'), 'message.data');
}
