import { isRecord } from '../../src/bounds.ts';
import { PatrolError } from '../../src/errors.ts';
import { itemsOf, readItem } from './payload.ts';
import { parseJson } from './problems.ts';
import type { TriggerRecord } from './trigger.ts';

/** Content types of one JSON document a line. */
const NDJSON = /\b(?:x-)?(?:ndjson|jsonl|jsonlines)\b/i;

/** What a request brought. */
export interface Body {
  /** Each event is a record of its own. */
  readonly records: readonly TriggerRecord[];
  /** Losses that an application reports with a batch; a redelivery repeats `batchId`. */
  readonly dropped?: { readonly batchId: string; readonly count: number };
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
  const dropped = isRecord(value) ? droppedOf(value) : undefined;
  return { records: recordsOf(value, 'events'), ...(dropped && { dropped }) };
}

/** `{batchId, events, dropped: {reason: count}}` */
function droppedOf({ batchId, dropped }: Readonly<Record<string, unknown>>): Body['dropped'] {
  if (typeof batchId !== 'string' || !isRecord(dropped)) return undefined;
  const counts = Object.values(dropped).map(Number);
  const count = counts
    .filter((one) => Number.isSafeInteger(one) && one > 0)
    .reduce((sum, one) => sum + one, 0);
  return count > 0 ? { batchId, count } : undefined;
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
