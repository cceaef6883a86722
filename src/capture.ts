import { truncate } from './bounds.ts';
import { ContextBuilder } from './capture/context.ts';
import { type DescribedError, describeError, MAX_MESSAGE } from './capture/describe.ts';
import { findError, type RecordKeys } from './capture/find.ts';
import { isErrorLike, isLiveError, isObject, read, readStack, readText } from './capture/reading.ts';
import { describeText } from './capture/text.ts';
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
  if (isObject(value)) return captureRecord(value, options);
  if (isLiveError(options.error)) return toErrorLog(describeError(options.error), new ContextBuilder());
  return { message: truncate(nameNonError(value), MAX_MESSAGE) };
}

/** Longer lines are read as text: parsing them would take longer than a log call may. */
const MAX_JSON = 1_048_576;

function captureText(text: string, options: CaptureOptions): ErrorLog {
  const trimmed = text.length <= MAX_JSON && /^\s{0,64}\{/.test(text) ? parseJson(text) : undefined;
  if (isObject(trimmed)) return captureRecord(trimmed, options);
  if (isLiveError(options.error)) {
    const context = new ContextBuilder();
    const error = describeError(options.error);
    addLogged(context, text, error);
    return toErrorLog(error, context);
  }
  return toErrorLog(describeText(text), new ContextBuilder());
}

function captureRecord(record: object, options: CaptureOptions): ErrorLog {
  const wire = read(record, 'errorLog');
  if (isObject(wire)) return captureRecord(wire, options);

  const keys: RecordKeys = {
    messageKey: options.messageKey ?? 'msg',
    errorKey: options.errorKey ?? 'err',
    ...(options.nestedKey !== undefined && { nestedKey: options.nestedKey }),
  };
  const nested = keys.nestedKey === undefined ? undefined : read(record, keys.nestedKey);
  const context = new ContextBuilder();
  let found = isObject(nested) ? findError(nested, keys, options.error) : undefined;
  if (found !== undefined && isObject(nested)) {
    const logged = found.logged ?? readText(record, keys.messageKey);
    found = {
      ...found,
      ...(logged !== undefined && { logged }),
      used: new Set([...found.used, String(keys.nestedKey)]),
    };
    context.addAll(nested, found.used);
  }
  found ??= findError(record, keys, options.error);
  if (found === undefined) return captureFlat(record, keys, context);

  const error = typeof found.error === 'string' ? describeText(found.error) : describeError(found.error);
  addLogged(context, found.logged, error);
  context.addAll(record, found.used);
  context.addAll(error.fields);
  return toErrorLog(error, context);
}

/** A record that is itself the error, or has nothing but a message. */
function captureFlat(record: object, keys: RecordKeys, context: ContextBuilder): ErrorLog {
  const message = readText(record, keys.messageKey) ?? readText(record, 'message') ?? readText(record, 'msg');
  const asError: Record<string, unknown> = { ...record, message };
  const error = describeError(asError);
  if (readStack(record, 1) === undefined && !isErrorLike(record)) {
    const text = describeText(message ?? '');
    context.addAll(record, new Set([keys.messageKey, 'message', 'msg', 'code']));
    return toErrorLog({ ...error, ...text }, context);
  }
  context.addAll(record, FACTS);
  return toErrorLog(error, context);
}

const FACTS = new Set(['message', 'msg', 'name', 'type', 'code', 'stack']);

function addLogged(context: ContextBuilder, logged: string | undefined, error: DescribedError): void {
  if (logged === undefined || logged === error.message) return;
  // winston joins the text and the error's message.
  const own = ` ${error.message}`;
  const text = error.message !== '' && logged.endsWith(own) ? logged.slice(0, -own.length) : logged;
  if (text !== '') context.add('logMessage', text);
}

function toErrorLog(error: DescribedError, context: ContextBuilder): ErrorLog {
  context.addAll(error.fields);
  const plain = context.build();
  return {
    message: error.message,
    ...(error.name !== undefined && { name: error.name }),
    ...(error.code !== undefined && { code: error.code }),
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

function nameNonError(value: unknown): string {
  switch (typeof value) {
    case 'function':
      return `[function ${readText(value, 'name') ?? 'anonymous'}]`;
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : '[array]';
    default:
      return String(value);
  }
}
