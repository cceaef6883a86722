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

/** Two errors have equal keys only if their fingerprints are equal. */
export interface RepeatKey {
  /** The calls, as the stack shows them. */
  readonly calls: string;
  /** What the stack shows before the message. */
  readonly head: string;
  readonly name: string;
  /** Name of the class of a live Error. */
  readonly madeBy: string;
  readonly code: string;
  readonly codeInMessage: boolean;
  /** The message, masked. */
  readonly message: string;
}

/**
 * The key of an error for a fraction of its fingerprint's cost: the class, the code, the masked message and the calls
 * as they stand. Undefined where equal keys would not be certain to mean equal fingerprints, as for a message of
 * several lines or one that the stack does not repeat.
 */
export function repeatKey(fields: KeyFields): RepeatKey | undefined {
  const { name, message, code, stack, constructor: made } = fields;
  if (typeof stack !== 'string' || typeof message !== 'string') return undefined;
  if (stack.length > MAX_STACK || message.length > MAX_MESSAGE || message === '') return undefined;
  const end = stack.indexOf('\n');
  const start = end - message.length;
  // The message must end the first line, and what precedes it must be the class alone.
  if (start < 0 || start > 128 || !stack.startsWith(message, start) || message.includes('\r'))
    return undefined;
  const codeText = typeof code === 'string' || typeof code === 'number' ? String(code) : '';
  return {
    calls: stack.slice(end),
    head: stack.slice(0, start),
    name: typeof name === 'string' ? name : '',
    madeBy: typeof made === 'function' ? made.name : '',
    code: codeText,
    codeInMessage: codeText !== '' && message.includes(codeText),
    message: maskText(message),
  };
}

/** What is known of keys, bounded: when it is full it starts anew. */
export interface KeyMemo {
  get(key: RepeatKey): string | undefined;
  set(key: RepeatKey, errorHash: string): void;
}

/** Beyond so many stacks of one length the oldest is forgotten. */
const MAX_SAME_LENGTH = 8;

/** Where an error comes from, and the fingerprints of what was said there. */
interface Origin {
  readonly key: RepeatKey;
  /** Masked message → fingerprint. */
  readonly hashes: Map<string, string>;
}

/**
 * Origins are found by the length of their stacks and then compared: to compare two texts costs a tenth of hashing
 * one, which a map keyed by them would do for each record.
 */
export function createKeyMemo(most: number): KeyMemo {
  const byLength = new Map<number, Origin[]>();
  let size = 0;

  const find = (key: RepeatKey) => {
    const origins = byLength.get(key.calls.length);
    if (origins) for (const origin of origins) if (isSameOrigin(origin.key, key)) return origin.hashes;
    return undefined;
  };

  return {
    get: (key) => find(key)?.get(key.message),
    set(key, errorHash) {
      if (size >= most) {
        byLength.clear();
        size = 0;
      }
      size += 1;
      const hashes = find(key);
      if (hashes) {
        hashes.set(key.message, errorHash);
        return;
      }
      const origins = byLength.get(key.calls.length) ?? [];
      byLength.set(key.calls.length, origins);
      if (origins.length >= MAX_SAME_LENGTH) origins.shift();
      origins.push({ key, hashes: new Map([[key.message, errorHash]]) });
    },
  };
}

function isSameOrigin(one: RepeatKey, other: RepeatKey): boolean {
  return (
    one.head === other.head &&
    one.code === other.code &&
    one.name === other.name &&
    one.madeBy === other.madeBy &&
    one.codeInMessage === other.codeInMessage &&
    one.calls === other.calls
  );
}
