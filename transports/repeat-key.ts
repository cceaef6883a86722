import { differsInIdsOnly } from '../src/masking/alike.ts';
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

/** What a {@link KeyMemo} knows an error by. */
export interface RepeatKey {
  /** The calls, as the stack shows them. */
  readonly calls: string;
  /** What the stack shows before the message. */
  readonly head: string;
  readonly name: string;
  /** Name of the class of a live Error. */
  readonly madeBy: string;
  readonly code: string;
  /** The message as it stands. */
  readonly message: string;
}

/**
 * The key of an error for a fraction of its fingerprint's cost: the class, the code, the message and the calls as they
 * stand. Undefined where they would not be certain to decide the fingerprint, as for a message of several lines or one
 * that the stack does not repeat.
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
  return {
    calls: stack.slice(end),
    head: stack.slice(0, start),
    name: typeof name === 'string' ? name : '',
    madeBy: typeof made === 'function' ? made.name : '',
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    message,
  };
}

/** What is known of keys, bounded: when it is full it starts anew. */
export interface KeyMemo {
  /** The fingerprint of an error with that key; undefined when none like it was seen. */
  get(key: RepeatKey): string | undefined;
  set(key: RepeatKey, errorHash: string): void;
}

/** Beyond so many stacks of one length the oldest is forgotten. */
const MAX_SAME_LENGTH = 8;
/** So many messages of one origin are compared as they stand before one is masked. */
const MAX_SAID = 16;

/** Where an error comes from, and the fingerprints of what was said there. */
interface Origin {
  readonly key: RepeatKey;
  /** Masked message → fingerprint. */
  readonly hashes: Map<string, string>;
  /** Messages that came lately. */
  readonly said: Said[];
  next: number;
}

interface Said {
  readonly message: string;
  readonly errorHash: string;
}

/**
 * Origins are found by the length of their stacks and then compared: to compare two texts costs a tenth of hashing
 * one, which a map keyed by them would do for each record. What was said there is compared likewise, and masked only
 * where that does not tell.
 */
export function createKeyMemo(most: number): KeyMemo {
  const byLength = new Map<number, Origin[]>();
  let size = 0;

  const find = (key: RepeatKey) => {
    const origins = byLength.get(key.calls.length);
    if (origins) for (const origin of origins) if (isSameOrigin(origin.key, key)) return origin;
    return undefined;
  };

  return {
    get(key) {
      const origin = find(key);
      if (origin === undefined) return undefined;
      for (const said of origin.said) if (isAlike(said.message, key)) return said.errorHash;
      const errorHash = origin.hashes.get(masked(key));
      if (errorHash !== undefined) remember(origin, key.message, errorHash);
      return errorHash;
    },
    set(key, errorHash) {
      if (size >= most) {
        byLength.clear();
        size = 0;
      }
      size += 1;
      let origin = find(key);
      if (origin === undefined) {
        const origins = byLength.get(key.calls.length) ?? [];
        byLength.set(key.calls.length, origins);
        if (origins.length >= MAX_SAME_LENGTH) origins.shift();
        origin = { key: ownKey(key), hashes: new Map(), said: [], next: 0 };
        origins.push(origin);
      }
      origin.hashes.set(masked(key), errorHash);
      remember(origin, key.message, errorHash);
    },
  };
}

function remember(origin: Origin, message: string, errorHash: string): void {
  origin.said[origin.next] = { message: copyOf(message), errorHash };
  origin.next = (origin.next + 1) % MAX_SAID;
}

/** The message as the fingerprint sees it: masked, and the code apart where the message does not name it. */
function masked({ message, code }: RepeatKey): string {
  return `${code !== '' && message.includes(code) ? '+' : '-'}${maskText(message)}`;
}

function isAlike(known: string, { message, code }: RepeatKey): boolean {
  if (known === message) return true;
  if (!differsInIdsOnly(known, message)) return false;
  // Whether the message names the code must not differ either; only a code with digits may make it.
  return code === '' || known.includes(code) === message.includes(code);
}

/** What is cut from a longer text keeps all of that, a pino worker's chunk of megabytes even; and is compared slowly. */
const copyOf = (text: string): string => Buffer.from(text).toString();

function ownKey({ calls, head, name, madeBy, code, message }: RepeatKey): RepeatKey {
  return {
    calls: copyOf(calls),
    head: copyOf(head),
    name: copyOf(name),
    madeBy: copyOf(madeBy),
    code: copyOf(code),
    message: copyOf(message),
  };
}

function isSameOrigin(one: RepeatKey, other: RepeatKey): boolean {
  return (
    one.head === other.head &&
    one.code === other.code &&
    one.name === other.name &&
    one.madeBy === other.madeBy &&
    one.calls === other.calls
  );
}
