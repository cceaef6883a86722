import { truncate } from '../bounds.ts';
import { causeMessages, readHeader, withCause } from './header.ts';
import {
  hasOwn,
  isDomException,
  isErrorLike,
  isList,
  isLiveError,
  isObject,
  ownKeys,
  read,
  readStack,
  readText,
} from './reading.ts';

/** Limits of what is kept; they equal those of the wire format. */
export const MAX_MESSAGE = 16_384;
export const MAX_STACK = 65_536;
export const MAX_NAME = 256;
/** How far a chain of causes is followed, and how many children of an AggregateError are shown. */
const MAX_CAUSES = 10;
const MAX_CHILDREN = 10;
/** Fields of an error that are looked at for the context. */
const MAX_FIELDS = 64;

/** An error's own facts, apart from where it stood. */
export interface DescribedError {
  readonly message: string;
  readonly name?: string;
  readonly code?: string;
  readonly stack?: string;
  /** Its other fields, unbounded as yet. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Fields that say what {@link DescribedError} already says. */
const OWN_FACTS = new Set([
  'name',
  'type',
  'message',
  'stack',
  'stackTrace',
  'stack_trace',
  'stacktrace',
  'code',
  'errors',
  'aggregateErrors',
  'raw',
]);

/** Describes a live Error, or the plain data that a serialiser made of one. */
export function describeError(error: object): DescribedError {
  const stack = stackWithCauses(error, new Set(), MAX_STACK);
  const header = stack === undefined ? undefined : readHeader(stack);
  const name = nameOf(error) ?? header?.name;
  const code = codeOf(error) ?? header?.code;
  const message = messageOf(error, stack) || childMessages(error) || header?.message || '';
  return {
    message: truncate(message, MAX_MESSAGE),
    ...(name !== undefined && { name: truncate(name, MAX_NAME) }),
    ...(code !== undefined && { code: truncate(code, MAX_NAME) }),
    ...(stack !== undefined && { stack: truncate(stack, MAX_STACK) }),
    fields: fieldsOf(error),
  };
}

/** Classes that say less than the `name` beside them, or nothing at all. */
const VAGUE = new Set(['NodeError', 'DOMException', 'Object', 'Function', 'Error']);
const BUILT_IN =
  /^(?:Error|EvalError|RangeError|ReferenceError|SyntaxError|TypeError|URIError|AggregateError)$/;

/**
 * The class. An own `name` is the author's word; else the constructor's name, which pino writes as `type`,
 * unless a minifier left one or two letters of it.
 */
function nameOf(error: object): string | undefined {
  const name = readText(error, 'name');
  if (!isLiveError(error)) return name ?? telling(readText(error, 'type'));
  if (name !== undefined && (hasOwn(error, 'name') || !BUILT_IN.test(name))) return name;
  return telling(readText(read(error, 'constructor'), 'name')) ?? name;
}

function telling(name: string | undefined): string | undefined {
  return name === undefined || name.length < 3 || /\s/.test(name) || VAGUE.has(name) ? undefined : name;
}

function codeOf(error: object): string | undefined {
  if (isDomException(error)) return undefined;
  const code = read(error, 'code');
  if (typeof code === 'string' && code !== '') return code;
  return typeof code === 'number' && Number.isFinite(code) ? String(code) : undefined;
}

/** The error's own message: pino appends those of the causes, which the stack names anyway. */
function messageOf(error: object, stack: string | undefined): string {
  const value = read(error, 'message');
  const message = typeof value === 'string' ? value.slice(0, MAX_MESSAGE * 2) : '';
  if (isLiveError(error) || stack === undefined) return message;
  const causes = causeMessages(stack);
  const suffix = causes.length === 0 ? '' : `: ${causes.join(': ')}`;
  return suffix !== '' && message.endsWith(suffix) ? message.slice(0, -suffix.length) : message;
}

/** Node's own AggregateError of a refused connection has no message; its children have. */
function childMessages(error: object): string {
  const messages = childrenOf(error).map((child) => readText(child, 'message')?.slice(0, 1024) ?? '');
  return [...new Set(messages)].filter((message) => message !== '').join('; ');
}

function childrenOf(error: unknown): object[] {
  const errors = read(error, 'aggregateErrors') ?? read(error, 'errors');
  if (!isList(errors)) return [];
  const children: object[] = [];
  for (let index = 0; index < Math.min(errors.length, MAX_CHILDREN); index++) {
    const child = read(errors, index);
    if (isLiveError(child) || isErrorLike(child)) children.push(child);
  }
  return children;
}

function causeOf(error: unknown): object | undefined {
  let cause = read(error, 'cause');
  if (typeof cause === 'function') {
    // VError's causes are methods.
    try {
      cause = Reflect.apply(cause, error, []);
    } catch {
      return undefined;
    }
  }
  if (isLiveError(cause)) return cause;
  return isObject(cause) && typeof read(cause, 'message') === 'string' ? cause : undefined;
}

/** The stack, the children of an AggregateError below it, then the causes, as the stack parser reads them. */
function stackWithCauses(error: object, seen: Set<object>, room: number): string | undefined {
  seen.add(error);
  let text = readStack(error, room);
  const children = childrenOf(error).filter((child) => !seen.has(child));
  if (children.length > 0 && room > 0) {
    const shown = children.map((child) => indent(stackWithCauses(child, seen, room >> 2) ?? titleOf(child)));
    text = `${text ?? titleOf(error)}\n  [errors]: [\n${shown.join(',\n')}\n  ]`;
  }
  const cause = causeOf(error);
  const left = room - (text?.length ?? 0);
  if (cause !== undefined && left > 0 && !seen.has(cause) && seen.size <= MAX_CAUSES) {
    const below = stackWithCauses(cause, seen, left) ?? titleOf(cause);
    // A serialiser that keeps `cause` may have appended its stack too.
    if (text === undefined || !text.includes(below.slice(0, 200))) {
      text = withCause(text ?? titleOf(error), below);
    }
  }
  return text;
}

/** What V8 would print as the first line. */
function titleOf(error: object): string {
  const name = nameOf(error) ?? 'Error';
  const message = readText(error, 'message')?.slice(0, 1024);
  return message === undefined ? name : `${name}: ${message}`;
}

const indent = (text: string): string => `    ${text.replaceAll('\n', '\n    ')}`;

function fieldsOf(error: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of ownKeys(error, MAX_FIELDS)) {
    if (OWN_FACTS.has(key)) continue;
    if (key === 'cause' && causeOf(error) !== undefined) continue;
    fields[key] = read(error, key);
  }
  const cause = read(error, 'cause');
  if (cause !== undefined && typeof cause !== 'function' && causeOf(error) === undefined)
    fields.cause = cause;
  return fields;
}
