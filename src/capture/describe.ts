import { truncate } from '../bounds.ts';
import { withoutAnsi } from '../stacktrace/text.ts';
import { childrenOf, stackWithCauses } from './causes.ts';
import { MAX_FIELDS, MAX_MESSAGE, MAX_NAME, MAX_STACK } from './limits.ts';
import { hasOwn, isDomException, isErrorLike, isLiveError, ownKeys, read, readText } from './reading.ts';
import { readStackText, type StackText } from './text.ts';

/** An error's own facts, apart from where it stood. */
export interface DescribedError {
  readonly message: string;
  readonly name?: string;
  readonly code?: string;
  readonly stack?: string;
  /** Where it arose. */
  readonly top?: StackText['top'];
  /** Its other fields, unbounded as yet. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Describes a live Error, or the plain data that a serialiser made of one. */
export function describeError(error: object): DescribedError {
  const stack = stackWithCauses(error);
  const text = stack === undefined ? undefined : readStackText(stack);
  const name = nameOf(error, text);
  const code = codeOf(error) ?? text?.code;
  const message = messageOf(error, text) || childMessages(error) || text?.message || '';
  return {
    message: truncate(withoutAnsi(message), MAX_MESSAGE),
    ...(name !== undefined && { name: truncate(name, MAX_NAME) }),
    ...(code !== undefined && { code: truncate(code, MAX_NAME) }),
    ...(stack !== undefined && { stack: truncate(withoutAnsi(stack), MAX_STACK) }),
    ...(text?.top !== undefined && { top: text.top }),
    fields: fieldsOf(error),
  };
}

/** Classes that say less than the `name` beside them. */
const VAGUE = new Set(['NodeError', 'DOMException', 'Object', 'Function', 'Error']);
const BUILT_IN =
  /^(?:Error|EvalError|RangeError|ReferenceError|SyntaxError|TypeError|URIError|AggregateError)$/;

/**
 * The class. An own `name` is the author's word; else the constructor's name, which pino writes as `type`,
 * unless a minifier left one or two letters of it; else what the stack's first line says.
 */
function nameOf(error: object, text: StackText | undefined): string | undefined {
  const name = readText(error, 'name');
  if (!isLiveError(error)) {
    const type = readText(error, 'type');
    return name ?? telling(type) ?? text?.name ?? (type === 'Error' ? type : undefined);
  }
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
function messageOf(error: object, text: StackText | undefined): string {
  const value = read(error, 'message');
  const message = typeof value === 'string' ? value.slice(0, MAX_MESSAGE * 2) : '';
  if (isLiveError(error) || text === undefined || text.causes.length === 0) return message;
  const suffix = `: ${text.causes.join(': ')}`;
  if (message.endsWith(suffix)) return message.slice(0, -suffix.length);
  // VError's message names its causes by itself, and pino does not repeat them.
  return text.message !== '' && message.startsWith(`${text.message}: `) ? text.message : message;
}

/** Node's own AggregateError of a refused connection has no message; its children have. */
function childMessages(error: object): string {
  const messages = childrenOf(error).map((child) => readText(child, 'message')?.slice(0, 1024) ?? '');
  return [...new Set(messages)].filter((message) => message !== '').join('; ');
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

function fieldsOf(error: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of ownKeys(error, MAX_FIELDS)) {
    if (OWN_FACTS.has(key) || key === 'cause') continue;
    fields[key] = read(error, key);
  }
  const cause = read(error, 'cause');
  if (cause !== undefined && typeof cause !== 'function' && !isLiveError(cause) && !isErrorLike(cause)) {
    fields.cause = cause;
  }
  // A validator's list of failures is data, not an AggregateError's children.
  const errors = read(error, 'errors');
  if (errors !== undefined && childrenOf(error).length === 0) fields.errors = errors;
  return fields;
}
