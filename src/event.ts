import { randomUUID } from 'node:crypto';
import { isRecord, toPlain } from './bounds.ts';
import { type Check, prepared, text, textOrNumber, texts, wholeNumber } from './checks.ts';
import { describeShape, PatrolError } from './errors.ts';
import {
  MAX_LABEL,
  MAX_LINE,
  MAX_MESSAGE,
  MAX_NAME,
  MAX_OCCURRENCES,
  MAX_PATH,
  MAX_STACK,
  MAX_TIMESTAMP,
  MAX_URL,
} from './event-limits.ts';
import { CheckedEvent, readTidyEvent } from './tidy-event.ts';
import type { ErrorLog, ErrorLogEvent } from './types.ts';

/** Faults of one event that are told. */
const MAX_PROBLEMS = 5;

type Fields = Record<string, unknown>;
type Checks = ReadonlyMap<string, Check<unknown>>;

/** Milliseconds since 1970; an ISO 8601 date is understood too. */
const timestamp = prepared(
  wholeNumber(0, MAX_TIMESTAMP, 'milliseconds since 1970 or an ISO 8601 date'),
  (value) => (typeof value === 'string' ? Date.parse(value) : value),
);

const errorLogChecks: Checks = new Map<string, Check<unknown>>([
  ['message', text(MAX_MESSAGE)],
  ['name', text(MAX_NAME)],
  ['code', textOrNumber(MAX_NAME, 'a text or a number')],
  ['filePath', text(MAX_PATH)],
  [
    'lineNumber',
    prepared(wholeNumber(0, MAX_LINE, 'a whole number'), (value) =>
      typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
    ),
  ],
  ['stackTrace', text(MAX_STACK)],
  ['context', { expected: 'an object', read: (value) => (isRecord(value) ? value : undefined) }],
]);

const eventChecks: Checks = new Map<string, Check<unknown>>([
  ['eventId', textOrNumber(MAX_NAME, 'a text')],
  ['timestamp', timestamp],
  // Checked by itself, field by field.
  ['errorLog', { expected: 'an object with a message', read: (value) => value }],
  ['repositoryUrl', text(MAX_URL)],
  ['commit', text(MAX_LABEL)],
  ['service', text(MAX_LABEL)],
  ['environment', text(MAX_LABEL)],
  ['occurrences', wholeNumber(1, MAX_OCCURRENCES, 'a whole number of at least 1')],
  ['firstSeen', timestamp],
  ['lastSeen', timestamp],
  ['fingerprint', texts(32, 1024)],
  ['webhookConfigId', text(MAX_NAME)],
]);

/** What an event gets where it brings nothing itself. */
export interface EventDefaults {
  readonly eventId?: string | undefined;
  readonly timestamp?: number | undefined;
}

/**
 * Reads an event in the wire format, once; everything behind it can trust the type.
 * Unknown fields are kept in `errorLog.context` within bounds; names in snake_case are understood; `null` is how
 * other languages spell "left out".
 *
 * @throws {PatrolError} `EVENT_INVALID`, naming the field, what was expected and the shape of what came.
 */
export function parseErrorLogEvent(value: unknown, defaults: EventDefaults = {}): ErrorLogEvent {
  if (!isRecord(value)) {
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected an event to be a JSON object, got ${describeShape(value)}.`,
    );
  }
  if (CheckedEvent.is(value)) return value as unknown as ErrorLogEvent;
  const tidy = readTidyEvent(value);
  if (tidy) return tidy;
  const event = new CheckedEvent() as unknown as Fields;
  const unknown = readFields(value, eventChecks, 'event', event);
  event.eventId ??= defaults.eventId ?? randomUUID();
  event.timestamp ??= defaults.timestamp ?? Date.now();
  event.occurrences ??= 1;
  event.errorLog = parseErrorLog(event.errorLog, unknown);
  return event as unknown as ErrorLogEvent;
}

function parseErrorLog(value: unknown, extra: Fields | undefined): ErrorLog {
  if (!isRecord(value)) {
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected event.errorLog to be an object with a message, got ${describeShape(value)}.`,
    );
  }
  const errorLog: Fields = {};
  const unknown = readFields(value, errorLogChecks, 'event.errorLog', errorLog);
  if (errorLog.message === undefined)
    throw refused([problem('event.errorLog.message', 'a text', value.message)]);
  const context =
    extra || unknown
      ? { ...extra, ...unknown, ...(errorLog.context as Fields | undefined) }
      : (errorLog.context as Fields | undefined);
  if (context !== undefined) {
    if (Object.keys(context).length > 0) errorLog.context = toPlain(context);
    else delete errorLog.context;
  }
  return errorLog as unknown as ErrorLog;
}

/** Reads the fields that are known and there, each checked, into `known`; answers the others. */
function readFields(
  value: Readonly<Fields>,
  checks: Checks,
  label: string,
  known: Fields,
): Fields | undefined {
  let unknown: Fields | undefined;
  let problems: string[] | undefined;
  for (const key of Object.keys(value)) {
    let field = key;
    let check = checks.get(key);
    if (check === undefined) {
      // The prototype wrote JavaScript's names; its Python callers sometimes sent Python's.
      field = snakeToCamel(key);
      check = checks.get(field);
      if (check === undefined) {
        unknown ??= {};
        if (key !== '__proto__') unknown[key] = value[key];
        continue;
      }
      if (field in value) continue;
    }
    const inner = value[key];
    if (inner === undefined || inner === null) continue;
    const read = check.read(inner);
    if (read !== undefined) {
      known[field] = read;
      continue;
    }
    problems ??= [];
    problems.push(problem(`${label}.${field}`, check.expected, inner));
  }
  if (problems) throw refused(problems);
  return unknown;
}

function snakeToCamel(key: string): string {
  return key.includes('_') ? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : key;
}

function problem(field: string, expected: string, value: unknown): string {
  return `Expected ${field} to be ${expected}, got ${describeShape(value)}.`;
}

function refused(problems: readonly string[]): PatrolError {
  return new PatrolError('EVENT_INVALID', problems.slice(0, MAX_PROBLEMS).join(' '));
}
