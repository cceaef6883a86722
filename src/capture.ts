import { truncate } from './bounds.ts';
import { ContextBuilder } from './capture/context.ts';
import { type DescribedError, describeError } from './capture/describe.ts';
import { findError, type RecordKeys } from './capture/find.ts';
import { MAX_MESSAGE } from './capture/limits.ts';
import { describeNonError } from './capture/non-errors.ts';
import { isList, isLiveError, isObject, read, readText } from './capture/reading.ts';
import { describeRecord } from './capture/record.ts';
import { type DescribedText, describeText } from './capture/text.ts';
import { withoutAnsi } from './stacktrace/text.ts';
import type { ErrorLog } from './types.ts';

/** Options of {@link captureErrorLog}. */
export interface CaptureOptions {
  /** Where the logger puts the text: pino's `messageKey`. @defaultValue `msg` and `message` */
  readonly messageKey?: string;
  /** Where the logger puts the Error: pino's `errorKey`. @defaultValue `err`, `error` and a few more */
  readonly errorKey?: string;
  /** Under which key the logger nests what was logged: pino's `nestedKey`. @defaultValue none */
  readonly nestedKey?: string;
  /** An Error rescued elsewhere, e.g. pino's raw arguments; it goes before what the record says. */
  readonly error?: unknown;
}

/**
 * Reads the error out of whatever was logged: an Error, a winston `info`, a pino record as object or line, an
 * error that another process serialised, a text with or without a stack, a thrown non-error. Everything else
 * that was logged goes to `context`; the text logged beside the error stands there as `logMessage`.
 *
 * Synchronous, bounded in time and size, and never throws, whatever the value does when it is read.
 *
 * @example
 * ```ts
 * captureErrorLog(new TypeError('x is not a function'));
 * // { message: 'x is not a function', name: 'TypeError', stackTrace: 'TypeError: x is …', … }
 * ```
 */
export function captureErrorLog(value: unknown, options: CaptureOptions = {}): ErrorLog {
  try {
    return capture(value, options);
  } catch {
    return { message: '[unreadable]' };
  }
}

function capture(value: unknown, options: CaptureOptions): ErrorLog {
  if (typeof value === 'string') return captureText(value, options);
  if (isLiveError(value)) return toErrorLog(describeError(value), new ContextBuilder());
  if (isList(value)) return captureList(value, options);
  if (isObject(value)) return captureRecord(value, options);
  return captureBeside(options.error, describeNonError(value));
}

/** The rescued error with the text that was logged beside it, or else the text itself. */
function captureBeside(rescued: unknown, logged: string): ErrorLog {
  const context = new ContextBuilder();
  if (!isLiveError(rescued)) return toErrorLog(describeText(logged), context);
  const error = describeError(rescued);
  addLogged(context, logged, error);
  return toErrorLog(error, context);
}

/** Longer lines are read as text: parsing them would take longer than a log call may. */
const MAX_JSON = 1_048_576;

function captureText(text: string, options: CaptureOptions): ErrorLog {
  const json = text.length <= MAX_JSON && /^\s{0,64}\{/.test(text) ? parseJson(text) : undefined;
  return isObject(json) ? captureRecord(json, options) : captureBeside(options.error, text);
}

/** The arguments of a call: the first Error among them, the first text beside it. */
function captureList(values: readonly unknown[], options: CaptureOptions): ErrorLog {
  const some = values.slice(0, 16);
  const error = some.find(isLiveError) ?? some.find(isObject);
  const text = some.find((entry) => typeof entry === 'string');
  if (isLiveError(error)) return captureBeside(error, text ?? '');
  return error === undefined
    ? captureBeside(options.error, text ?? describeNonError(values))
    : captureRecord(error, options);
}

function captureRecord(record: object, options: CaptureOptions): ErrorLog {
  const wire = read(record, 'errorLog');
  if (isObject(wire)) return captureRecord(wire, options);

  const keys: RecordKeys = { messageKey: options.messageKey ?? 'msg', errorKey: options.errorKey ?? 'err' };
  const context = new ContextBuilder();
  addLevel(context, record);
  const { nestedKey } = options;
  const nested = nestedKey === undefined ? undefined : read(record, nestedKey);
  const inner = isObject(nested) ? findError(nested, keys, options.error) : undefined;
  const found = inner ?? findError(record, keys, options.error);
  if (found === undefined) {
    const described = describeRecord(record, keys);
    addLogged(context, described.logged, described);
    return toErrorLog(described, context, record);
  }
  const error = typeof found.error === 'string' ? describeText(found.error) : describeError(found.error);
  const isUncaught = read(record, 'exception') === true || read(record, 'rejection') === true;
  // winston's text of an uncaught error repeats its stack.
  if (!isUncaught) addLogged(context, found.logged ?? readText(record, keys.messageKey), error);
  if (inner !== undefined && isObject(nested)) context.addAll(nested, found.used);
  const used = new Set(inner === undefined ? found.used : [keys.messageKey, String(nestedKey)]);
  // winston copies the error's own fields to the record.
  if (read(record, 'name') === error.name) used.add('name');
  context.addAll(record, used);
  return toErrorLog(error, context);
}

/** Names of the levels above that of an error: syslog's, pino's, Python's, Google's. */
const ABOVE_ERROR = /^(?:fatal|crit(?:ical)?|alert|emerg(?:ency)?|panic)$/i;
/** pino's number for `fatal`. */
const FATAL = 60;

/** Most errors are logged as errors; a level above that says something of its own. */
function addLevel(context: ContextBuilder, record: object): void {
  const level = read(record, 'level') ?? read(record, 'severity') ?? read(record, 'levelname');
  if (level === FATAL) context.add('level', 'fatal');
  if (typeof level !== 'string' || level.length > 64) return;
  const name = withoutAnsi(level);
  if (ABOVE_ERROR.test(name)) context.add('level', name.toLowerCase());
}

function addLogged(
  context: ContextBuilder,
  logged: string | undefined,
  error: { readonly message: string },
): void {
  if (logged === undefined) return;
  const plain = withoutAnsi(logged);
  if (plain === error.message) return;
  // winston joins the text and the error's message.
  const own = ` ${error.message}`;
  const text = error.message !== '' && plain.endsWith(own) ? plain.slice(0, -own.length) : plain;
  if (text !== '') context.add('logMessage', text);
}

function toErrorLog(
  error: DescribedError | DescribedText,
  context: ContextBuilder,
  record?: object,
): ErrorLog {
  if ('logged' in error) addLogged(context, error.logged, error);
  if ('fields' in error) context.addAll(error.fields);
  const plain = context.build();
  const filePath = error.top?.file ?? readText(record, 'filePath');
  const line = error.top?.line ?? read(record, 'lineNumber');
  return {
    message: truncate(error.message, MAX_MESSAGE),
    ...(error.name !== undefined && { name: error.name }),
    ...(error.code !== undefined && { code: error.code }),
    ...(filePath !== undefined && { filePath: truncate(filePath, 1024) }),
    ...(typeof line === 'number' && Number.isSafeInteger(line) && { lineNumber: line }),
    ...(error.stack !== undefined && { stackTrace: error.stack }),
    ...(plain !== undefined && { context: plain }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
