import { NOISE } from './context.ts';
import { type DescribedError, describeError } from './describe.ts';
import type { RecordKeys } from './find.ts';
import { MAX_FIELDS } from './limits.ts';
import { describeNonError } from './non-errors.ts';
import { isErrorLike, isObject, ownKeys, read, readStack, readText } from './reading.ts';
import { describeText } from './text.ts';

/** A record that holds no error apart from itself, with what was logged beside its own text. */
export interface DescribedRecord extends DescribedError {
  readonly logged?: string;
}

/** What every logger writes and no error has. */
const LOGGER_KEYS = ['level', 'time', 'timestamp', '@timestamp', 'severity', 'levelname'] as const;
const CLASS = /^[A-Z][\w$.]{2,127}$/;
const FAILURE = /(?:Error|Exception|Failure|Fault|Timeout|Rejection)$/;

/**
 * Describes a record that is itself the error (flattened by a formatter, serialised by another process, in the
 * wire format) or that has nothing but a message.
 */
export function describeRecord(record: object, keys: RecordKeys): DescribedRecord {
  const message = readText(record, keys.messageKey) ?? readText(record, 'message') ?? readText(record, 'msg');
  const isLine = LOGGER_KEYS.some((key) => read(record, key) !== undefined);
  const hasStack = readStack(record, 1) !== undefined;
  if (!hasStack && (isLine || !isErrorLike(record))) return describeMessage(record, message, keys);

  const error = describeError(record);
  const fields = fieldsOf(record, error.fields, keys);
  // The record of a logger has its own name, and a text that is not the error's.
  if (!isLine) return { ...error, message: error.message || message || '', fields };
  const { message: own, name } = describeText(readStack(record, 65_536) ?? '');
  const given = error.name;
  const isClass = given !== undefined && CLASS.test(given) && (given === name || FAILURE.test(given));
  const { name: _, ...facts } = error;
  const chosen = isClass ? given : name;
  return {
    ...facts,
    message: own || error.message,
    ...(chosen !== undefined && { name: chosen }),
    ...(message !== undefined && { logged: message }),
    fields: isClass || given === undefined ? fields : { ...fields, name: given },
  };
}

function describeMessage(record: object, message: string | undefined, keys: RecordKeys): DescribedRecord {
  const lost = lostError(record, keys);
  const code = readText(record, 'code') ?? readText(lost, 'code');
  const isUncaught = read(record, 'exception') === true || read(record, 'rejection') === true;
  const text = describeText(
    isUncaught ? describeNonError(read(record, 'error')) : (message ?? nameOf(record, lost, code)),
  );
  const texts = new Set([keys.messageKey, 'message', 'msg', 'code']);
  const fields = pick(record, (key) => !texts.has(key));
  return { ...(code !== undefined && { code }), ...text, fields };
}

/** pino keeps of `{error: e}` what is enumerable: neither message nor stack. */
function lostError(record: object, keys: RecordKeys): object | undefined {
  for (const key of [keys.errorKey, 'err', 'error', 'exception']) {
    const value = read(record, key);
    if (isObject(value)) return value;
  }
  return undefined;
}

function nameOf(record: object, lost: object | undefined, code: string | undefined): string {
  if (lost !== undefined) return code ?? 'an error that was logged without its message and stack';
  return describeNonError(pick(record, (key) => !NOISE.has(key)));
}

/** The fields of the wire format stand for themselves; its `context` is what the others are. */
function fieldsOf(
  record: object,
  own: Readonly<Record<string, unknown>>,
  keys: RecordKeys,
): Record<string, unknown> {
  const known = new Set([keys.messageKey, 'msg', 'filePath', 'lineNumber', 'context']);
  const fields = pick(own, (key) => !known.has(key));
  const context = read(record, 'context');
  return isObject(context) ? { ...fields, ...pick(context, () => true) } : { ...fields, context };
}

function pick(from: object, wanted: (key: string) => boolean): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const key of ownKeys(from, MAX_FIELDS)) if (wanted(key)) picked[key] = read(from, key);
  return picked;
}
