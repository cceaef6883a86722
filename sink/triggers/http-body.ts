import { describeShape, PatrolError } from '../../src/errors.ts';
import { type DroppedBatch, readDropped } from './dropped.ts';
import { itemsOf, readItem } from './payload.ts';
import { parseJson } from './problems.ts';
import type { TriggerRecord } from './trigger-record.ts';

/** Content types of one JSON document a line. */
const NDJSON = /\b(?:x-)?(?:ndjson|jsonl|jsonlines)\b/i;

/** What a request brought. */
export interface Body {
  /** Each event is a record of its own. */
  readonly records: readonly TriggerRecord[];
  readonly dropped?: DroppedBatch;
}

/** The end of one object and the beginning of the next, with a line's end and no comma between: no JSON has that. */
const TWO_DOCUMENTS = /\}[ \t\r]{0,64}\n\s{0,64}\{/;

/**
 * Reads the body of a request: one event, an array, `{events}`, OTLP, Vector's `{logs}`, or NDJSON. What it is called
 * in the headers matters only where it is none of them.
 *
 * @throws {PatrolError} `EVENT_INVALID` for a body that is no JSON; `TRIGGER_UNKNOWN` for one that says it is something
 *   else.
 */
export function readBody(text: string, contentType: string, contentEncoding = ''): Body {
  if (text.trim() === '')
    throw new PatrolError('EVENT_INVALID', 'Expected a body of JSON with one event or more, got none.');
  if (NDJSON.test(contentType)) return { records: readLines(text) };
  let value: unknown;
  try {
    value = parseJson(text, 'the body');
  } catch (error) {
    if (TWO_DOCUMENTS.test(text)) return { records: readLines(text) };
    throw foreign(contentType, contentEncoding) ?? error;
  }
  const dropped = readDropped(value);
  return { records: recordsOf(value, 'events'), ...(dropped && { dropped }) };
}

function recordsOf(value: unknown, name: string): readonly TriggerRecord[] {
  return itemsOf(value, {}).map((item, index) => ({ id: `${name}[${index}]`, ...readItem(item) }));
}

/** What the headers say that a body is, where that is nothing that can be read. */
function foreign(contentType: string, contentEncoding: string): PatrolError | undefined {
  const codings = contentEncoding.split(',').map((coding) => coding.trim().toLowerCase());
  if (codings.some((coding) => !['', 'identity', 'gzip', 'x-gzip'].includes(coding))) {
    return new PatrolError(
      'TRIGGER_UNKNOWN',
      `Expected the header content-encoding to be gzip, or to be left out, got ${describeShape(contentEncoding)}.`,
    );
  }
  const [type = ''] = contentType.split(';');
  if (/^\s*$|json|text\/plain|octet-stream/i.test(type)) return undefined;
  return new PatrolError(
    'TRIGGER_UNKNOWN',
    `Expected the header content-type to be application/json, or application/x-ndjson for one object a line, got ${describeShape(type)}, and a body that is no JSON.`,
  );
}

function readLines(text: string): readonly TriggerRecord[] {
  return text.split('\n').flatMap((line, index): readonly TriggerRecord[] => {
    if (line.trim() === '') return [];
    const name = `line ${index + 1}`;
    try {
      const records = recordsOf(parseJson(line, name), name);
      return records.length === 1 ? records.map((record) => ({ ...record, id: name })) : records;
    } catch (error) {
      if (!(error instanceof PatrolError)) throw error;
      return [{ id: name, events: [], problems: [error] }];
    }
  });
}
