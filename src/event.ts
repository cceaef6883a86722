import { randomUUID } from 'node:crypto';
import { isRecord, toPlain } from './bounds.ts';
import { type Check, prepared, text, textOrNumber, texts, wholeNumber } from './checks.ts';
import { describeShape, PatrolError } from './errors.ts';
import type { ErrorLog, ErrorLogEvent } from './types.ts';

/** Limits of one event; what is longer is cut, not refused. */
const MAX_MESSAGE = 16_384;
const MAX_STACK = 65_536;
const MAX_NAME = 256;
const MAX_LABEL = 200;
const MAX_PATH = 1024;
const MAX_URL = 2048;
const MAX_LINE = 1e9;
const MAX_OCCURRENCES = 1e12;
/** The last day that a JavaScript date can hold (ECMA-262, time values). */
const MAX_TIMESTAMP = 8.64e15;
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

/** Marks what came out of {@link parseErrorLogEvent}: whoever is given it again need not check it again. */
class CheckedEvent {
  readonly #checked = true;

  static is(value: object): boolean {
    return #checked in value;
  }
}

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

type Mutable<T> = { -readonly [K in keyof T]?: T[K] };

/**
 * The same for an event that is as Patrol's transports write it, with nothing to cut, to rename or to tell, in a
 * fraction of the time. Undefined for any other.
 */
function readTidyEvent(value: Readonly<Fields>): ErrorLogEvent | undefined {
  const event = new CheckedEvent() as Mutable<ErrorLogEvent>;
  for (const key of Object.keys(value)) {
    const inner = value[key];
    switch (key) {
      case 'eventId':
        if (!isText(inner, MAX_NAME) || inner === '') return undefined;
        event.eventId = inner;
        break;
      case 'timestamp':
      case 'firstSeen':
      case 'lastSeen':
        if (!isWhole(inner, 0, MAX_TIMESTAMP)) return undefined;
        event[key] = inner;
        break;
      case 'errorLog': {
        const errorLog = isRecord(inner) ? readTidyErrorLog(inner) : undefined;
        if (errorLog === undefined) return undefined;
        event.errorLog = errorLog;
        break;
      }
      case 'commit':
      case 'service':
      case 'environment':
        if (!isText(inner, MAX_LABEL)) return undefined;
        event[key] = inner;
        break;
      case 'repositoryUrl':
        if (!isText(inner, MAX_URL)) return undefined;
        event.repositoryUrl = inner;
        break;
      case 'occurrences':
        if (!isWhole(inner, 1, MAX_OCCURRENCES)) return undefined;
        event.occurrences = inner;
        break;
      default:
        return undefined;
    }
  }
  const isWholeEvent =
    event.eventId !== undefined && event.timestamp !== undefined && event.occurrences !== undefined;
  return isWholeEvent && event.errorLog !== undefined ? (event as ErrorLogEvent) : undefined;
}

function readTidyErrorLog(value: Readonly<Fields>): ErrorLog | undefined {
  const errorLog: Mutable<ErrorLog> = {};
  for (const key of Object.keys(value)) {
    const inner = value[key];
    switch (key) {
      case 'message':
        if (!isText(inner, MAX_MESSAGE)) return undefined;
        errorLog.message = inner;
        break;
      case 'stackTrace':
        if (!isText(inner, MAX_STACK)) return undefined;
        errorLog.stackTrace = inner;
        break;
      case 'name':
      case 'code':
        if (!isText(inner, MAX_NAME) || inner === '') return undefined;
        errorLog[key] = inner;
        break;
      case 'filePath':
        if (!isText(inner, MAX_PATH)) return undefined;
        errorLog.filePath = inner;
        break;
      case 'lineNumber':
        if (!isWhole(inner, 0, MAX_LINE)) return undefined;
        errorLog.lineNumber = inner;
        break;
      case 'context': {
        if (!isRecord(inner) || Object.keys(inner).length === 0) return undefined;
        errorLog.context = toPlain(inner) as Readonly<Fields>;
        break;
      }
      default:
        return undefined;
    }
  }
  return errorLog.message === undefined ? undefined : (errorLog as ErrorLog);
}

function isText(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length <= length && value.isWellFormed();
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
