import { PatrolError } from '../../src/errors.ts';
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

/**
 * Reads the body of a request: one event, an array, `{events}`, OTLP, Vector's `{logs}`, or NDJSON.
 *
 * @throws {PatrolError} `EVENT_INVALID` for a body that is no JSON.
 */
export function readBody(text: string, contentType: string): Body {
  if (text.trim() === '') throw new PatrolError('EVENT_INVALID', 'Expected a body, got none.');
  if (NDJSON.test(contentType) || looksLikeLines(text)) return { records: readLines(text) };
  const value = parseJson(text, 'the body');
  const dropped = readDropped(value);
  return { records: recordsOf(value, 'events'), ...(dropped && { dropped }) };
}

function recordsOf(value: unknown, name: string): readonly TriggerRecord[] {
  return itemsOf(value, {}).map((item, index) => ({ id: `${name}[${index}]`, ...readItem(item) }));
}

function readLines(text: string): readonly TriggerRecord[] {
  return text.split('\n').flatMap((line, index): readonly TriggerRecord[] => {
    if (line.trim() === '') return [];
    try {
      return recordsOf(parseJson(line, `line ${index + 1}`), `line ${index + 1}`);
    } catch (error) {
      if (!(error instanceof PatrolError)) throw error;
      return [{ id: `line ${index + 1}`, events: [], problems: [error] }];
    }
  });
}

/** Two objects on two lines: no JSON document has that. */
function looksLikeLines(text: string): boolean {
  return /^\s{0,64}\{[^\n]*\}\s*\n\s{0,64}\{/.test(text);
}
