import { isRecord } from '../../src/bounds.ts';
import { itemsOf, LIST_FIELDS, readItem } from './payload.ts';
import type { TriggerReader, TriggerRecord } from './trigger-record.ts';

/** Fields by which an object is taken for an event, so that a wrong one is told what it lacks. */
const EVENT_FIELDS = ['errorLog', 'error_log', 'eventId', 'event_id'];

/** Direct invocation: one event, an array of them, `{events}`, OTLP's `{resourceLogs}` or Vector's `{logs}`. */
export const readDirect: TriggerReader = (input) => {
  if (Array.isArray(input)) return { trigger: 'direct-many', records: recordsOf(input, 'event') };
  if (!isRecord(input)) return undefined;
  const list = LIST_FIELDS.find((field) => Array.isArray(input[field]));
  if (list !== undefined) return { trigger: 'direct-many', records: recordsOf(input, list) };
  if (!EVENT_FIELDS.some((field) => field in input)) return undefined;
  return { trigger: 'direct-one', records: recordsOf(input, 'event') };
};

/** Each event is a record of its own, so that the answer can say of each what became of it. */
function recordsOf(input: unknown, name: string): readonly TriggerRecord[] {
  return itemsOf(input, {}).map((item, index) => ({ id: `${name}[${index}]`, ...readItem(item) }));
}
