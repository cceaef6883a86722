import { isRecord } from '../../src/bounds.ts';
import type { PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import { withNamedFields } from './attributes.ts';
import { readCloudWatchLogs } from './cloudwatch-logs.ts';
import { readGoogleLogEntry } from './google-log-entry.ts';
import { readOtlp } from './otlp.ts';
import type { Envelope, PayloadItem } from './payload-item.ts';
import { asProblem, notOf, parseJson } from './problems.ts';

/** The valid events of a payload, and what was wrong with the others. */
export interface Payload {
  readonly events: readonly ErrorLogEvent[];
  readonly problems: readonly PatrolError[];
}

/** Envelopes inside envelopes: SNS in SQS, EventBridge in SNS in SQS. */
const MAX_NESTING = 4;

/**
 * Reads what an envelope carries: one event, an array of them, `{events}`, OTLP or Vector logs, a CloudWatch Logs
 * subscription, a log entry of Google Cloud, or another envelope (SNS, EventBridge). Never throws.
 */
export function readPayload(value: unknown, envelope: Envelope): Payload {
  try {
    if (isEvent(value)) return { events: [withNamedFields(readEvent(value, envelope))], problems: NONE };
    const read = itemsOf(value, envelope).map(readItem);
    return {
      events: read.flatMap(({ events }) => events),
      problems: read.flatMap(({ problems }) => problems),
    };
  } catch (error) {
    return { events: [], problems: [asProblem(error)] };
  }
}

/** The same for a payload that has yet to be parsed. */
export function readParsed(parse: () => unknown, envelope: Envelope): Payload {
  let value: unknown;
  try {
    value = parse();
  } catch (error) {
    return { events: [], problems: [asProblem(error)] };
  }
  return readPayload(value, envelope);
}

const NONE: readonly PatrolError[] = [];

/** One event of Patrol's own: by far the most frequent, and told at a glance. */
function isEvent(value: unknown): boolean {
  return isRecord(value) && isRecord(value.errorLog);
}

/** Reads one event in its place. Never throws. */
export function readItem(item: PayloadItem): Payload {
  try {
    return { events: [withNamedFields(item.read())], problems: NONE };
  } catch (error) {
    return { events: [], problems: [asProblem(error)] };
  }
}

/** The places of the events in a payload, each read on its own. */
export function itemsOf(value: unknown, envelope: Envelope, nesting = 0): readonly PayloadItem[] {
  if (isEvent(value)) return [eventItem(value, envelope)];
  const list = Array.isArray(value)
    ? value
    : isRecord(value) && Array.isArray(value.events)
      ? value.events
      : undefined;
  if (list) return list.map((one: unknown, index) => eventItem(one, numbered(envelope, index)));
  if (nesting < MAX_NESTING) {
    const inner = unwrap(value);
    if (inner) return itemsOf(inner.content, { ...envelope, ...inner.envelope }, nesting + 1);
  }
  for (const read of [readOtlp, readCloudWatchLogs, readGoogleLogEntry]) {
    const items = read(value, envelope);
    if (items) return items;
  }
  refuseBrokenList(value);
  return [eventItem(value, envelope)];
}

/** Fields by which an object is taken for many: events, OTLP, Vector. */
export const LIST_FIELDS: readonly string[] = ['events', 'resourceLogs', 'resource_logs', 'logs'];

/** Names the list that is none, where an object is neither that nor an event. */
function refuseBrokenList(value: unknown): void {
  if (!isRecord(value) || 'errorLog' in value || 'error_log' in value) return;
  const field = LIST_FIELDS.find((one) => one in value);
  if (field !== undefined) throw notOf(field, 'an array', value[field]);
}

function eventItem(value: unknown, envelope: Envelope): PayloadItem {
  return { read: () => readEvent(value, envelope) };
}

function readEvent(value: unknown, { id, timestamp }: Envelope): ErrorLogEvent {
  return parseErrorLogEvent(value, { eventId: id, timestamp });
}

function numbered(envelope: Envelope, index: number): Envelope {
  return envelope.id === undefined ? envelope : { ...envelope, id: `${envelope.id}#${index}` };
}

/** The content of an SNS notification (as SQS and HTTP get it) or of an EventBridge event. */
function unwrap(value: unknown): { readonly content: unknown; readonly envelope: Envelope } | undefined {
  if (!isRecord(value)) return undefined;
  if (value.Type === 'Notification' && typeof value.TopicArn === 'string') {
    const envelope = envelopeOf(value.MessageId, value.Timestamp);
    return { content: parseJson(value.Message, 'Message'), envelope };
  }
  if (typeof value['detail-type'] === 'string' && 'detail' in value) {
    return { content: value.detail, envelope: envelopeOf(value.id, value.time) };
  }
  return undefined;
}

/** Makes an envelope of an id and an ISO date, as far as they are there. */
export function envelopeOf(id: unknown, time: unknown): Envelope {
  const timestamp = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return {
    ...(typeof id === 'string' && id !== '' && { id }),
    ...(!Number.isNaN(timestamp) && { timestamp }),
  };
}
