import { isErrorLike, isList, isLiveError, isObject, ownKeys, read, readStack, readText } from './reading.ts';

/** Where a logger puts what. */
export interface RecordKeys {
  readonly messageKey: string;
  readonly errorKey: string;
}

/** The error inside a logged record, and what the record says apart from it. */
export interface FoundError {
  /** A live Error, plain data that was one, or a text. */
  readonly error: object | string;
  /** The text that was logged, when it is not the error's own. */
  readonly logged?: string;
  /** The keys of the record that hold the error or its text, not context. */
  readonly used: ReadonlySet<string>;
}

/** winston keeps the arguments behind the message under this symbol. */
const SPLAT = Symbol.for('splat');
/** Where people put errors, the likeliest first. */
const ERROR_KEYS = ['err', 'error', 'exception', 'ex', 'e', 'reason'] as const;
const MESSAGE_KEYS = ['message', 'msg'] as const;

/** Finds the error in a record that is itself none; undefined when the record only has a message. */
export function findError(record: object, keys: RecordKeys, rescued?: unknown): FoundError | undefined {
  const messageKeys = [keys.messageKey, ...MESSAGE_KEYS];
  const used = new Set<string>(messageKeys);
  const logged = firstText(record, messageKeys);
  const found = (error: object | string, ...also: string[]): FoundError => {
    for (const key of also) used.add(key);
    return { error, used, ...(logged !== undefined && { logged }) };
  };

  const rest = ['stack', 'cause', 'code'];
  if (isLiveError(rescued)) return found(rescued, keys.errorKey, ...ERROR_KEYS, ...rest);
  const argument = liveArgument(record);
  if (argument !== undefined) return found(argument, ...keysOf(record, argument), ...rest);

  const errorKeys = [keys.errorKey, ...ERROR_KEYS];
  for (const key of errorKeys) {
    const value = read(record, key);
    if (isLiveError(value) || isErrorLike(value)) return found(value, key, 'stack');
  }
  for (const key of messageKeys) {
    const value = read(record, key);
    if (isLiveError(value)) return found(value, key);
    const inner = isObject(value) ? errorUnder(value, errorKeys) : undefined;
    if (inner !== undefined) {
      const text = splatText(record) ?? firstText(value as object, messageKeys);
      return { error: inner, used, ...(text !== undefined && { logged: text }) };
    }
  }
  const flat = flatError(record);
  if (flat !== undefined) return found(flat, ...FLAT_KEYS.flat());
  if (readStack(record, 1) !== undefined) return undefined;
  for (const key of errorKeys) {
    const value = readText(record, key);
    if (value !== undefined) return found(value, key);
  }
  for (const key of ownKeys(record, 64)) {
    const value = read(record, key);
    if (isLiveError(value)) return found(value, key);
    const inner = isObject(value) ? errorUnder(value, errorKeys) : undefined;
    if (inner !== undefined) return found(inner);
  }
  return undefined;
}

/** OpenTelemetry's and the Elastic Common Schema's names for a flattened error. */
const FLAT_KEYS = [
  ['exception.type', 'exception.message', 'exception.stacktrace'],
  ['error.type', 'error.message', 'error.stack_trace'],
] as const;

function flatError(record: object): object | undefined {
  for (const [type, message, stack] of FLAT_KEYS) {
    const text = { type: read(record, type), message: read(record, message), stack: read(record, stack) };
    if (typeof text.message === 'string' || typeof text.stack === 'string') return text;
  }
  return undefined;
}

function errorUnder(holder: object, keys: readonly string[]): object | undefined {
  for (const key of keys) {
    const value = read(holder, key);
    if (isLiveError(value) || isErrorLike(value)) return value;
  }
  return undefined;
}

function firstText(record: object, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = readText(record, key);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The Error among winston's arguments: live, with everything that the record has lost. */
function liveArgument(record: object): object | undefined {
  const splat = read(record, SPLAT);
  if (!isList(splat)) return undefined;
  for (let index = 0; index < Math.min(splat.length, 16); index++) {
    const argument = read(splat, index);
    if (isLiveError(argument)) return argument;
    if (!isObject(argument)) continue;
    for (const key of ERROR_KEYS) {
      const inner = read(argument, key);
      if (isLiveError(inner)) return inner;
    }
  }
  return undefined;
}

function splatText(record: object): string | undefined {
  const splat = read(record, SPLAT);
  const first = isList(splat) ? read(splat, 0) : undefined;
  return typeof first === 'string' ? first : undefined;
}

const keysOf = (record: object, value: object): string[] =>
  ownKeys(record, 64).filter((key) => read(record, key) === value);
