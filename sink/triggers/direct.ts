import { isRecord } from '../../src/bounds.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import { settle } from './settle.ts';
import type { TriggerRecords } from './trigger.ts';

/** Fields by which an object is taken for an event, so that a wrong one is told what it lacks. */
const EVENT_FIELDS = ['errorLog', 'error_log', 'eventId', 'event_id'];

/** Direct invocation: one event, an array of them, or `{events: […]}`. */
export function readDirect(input: unknown): TriggerRecords | undefined {
  if (Array.isArray(input)) return many(input, 'event');
  if (!isRecord(input)) return undefined;
  if (Array.isArray(input.events)) return many(input.events, 'events');
  if (!looksLikeEvent(input)) return undefined;
  return { trigger: 'direct-one', records: [settle('event', () => [parseErrorLogEvent(input)])] };
}

/** True for an object that means to be an event. */
export function looksLikeEvent(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && EVENT_FIELDS.some((field) => field in value);
}

function many(events: readonly unknown[], name: string): TriggerRecords {
  return {
    trigger: 'direct-many',
    records: events.map((event, index) => settle(`${name}[${index}]`, () => [parseErrorLogEvent(event)])),
  };
}
