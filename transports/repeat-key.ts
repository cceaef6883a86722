import { maskText } from '../src/masking.ts';

/** The fields of a record by which its fingerprint is known. */
export interface KeyFields {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly stack?: unknown;
  /** By the class of a live Error, which may say more than its name. */
  readonly constructor?: unknown;
}

/** Longer texts are looked at in full each time: they are rare, and remembering them would cost memory. */
const MAX_STACK = 8192;
const MAX_MESSAGE = 1024;

/**
 * A text that two errors share only if their fingerprints are equal, for a fraction of a fingerprint's cost: the
 * class, the code, the masked message and the calls below it as they stand. Undefined where that is not certain,
 * as for a message of several lines or one that the stack does not repeat.
 */
export function repeatKey(fields: KeyFields): string | undefined {
  const { name, message, code, stack, constructor: made } = fields;
  if (typeof stack !== 'string' || typeof message !== 'string') return undefined;
  if (stack.length > MAX_STACK || message.length > MAX_MESSAGE || message === '' || /[\n\r]/.test(message))
    return undefined;
  const start = stack.indexOf(message);
  const end = start + message.length;
  // The message must end the first line, and what precedes it must be the class alone.
  if (start < 0 || start > 128 || stack.charCodeAt(end) !== NEW_LINE || stack.lastIndexOf('\n', start) >= 0)
    return undefined;
  const codeText = typeof code === 'string' || typeof code === 'number' ? String(code) : '';
  const named = codeText !== '' && message.includes(codeText);
  const className = `${typeof name === 'string' ? name : ''}\u0000${typeof made === 'function' ? made.name : ''}`;
  return `${className}\u0000${codeText}\u0000${named}\u0000${stack.slice(0, start)}\u0000${maskText(message)}\u0000${stack.slice(end)}`;
}

const NEW_LINE = 0x0a;
