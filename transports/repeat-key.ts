import { differsInIdsOnly, type IdPattern, idPattern } from '../src/masking/alike.ts';
import { isDigit } from '../src/masking/characters.ts';
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
  /** The message as the fingerprint sees it, once that was asked for. */
  masked?: string;
}

/**
 * The key of an error for a fraction of its fingerprint's cost: the class, the code, the message and the calls as they
 * stand. Undefined where they would not be certain to decide the fingerprint, as for a message of several lines or one
 * that the stack does not repeat.
 *
 * @param lineBreak - What ends the first line of the stack: another text in JSON.
 */
export function repeatKey(fields: KeyFields, lineBreak = '\n'): RepeatKey | undefined {
  const { name, message, code, stack, constructor: made } = fields;
  if (typeof stack !== 'string' || typeof message !== 'string') return undefined;
  if (stack.length > MAX_STACK || message.length > MAX_MESSAGE || message === '') return undefined;
  const end = stack.indexOf(lineBreak);
  const start = end - message.length;
  // The message must end the first line, and what precedes it must be the class alone.
  if (start < 0 || start > 128 || stack.slice(start, end) !== message || message.includes('\r'))
    return undefined;
  return {
    calls: stack.slice(end),
    head: stack.slice(0, start),
    name: typeof name === 'string' ? name : '',
    madeBy: typeof made === 'function' ? nameOf(made) : '',
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    message,
  };
}

let lastClass: object | undefined;
let lastName = '';

/** A storm is mostly of one class, and to ask a function for its name takes as long as to compare two stacks. */
function nameOf(made: { readonly name: string }): string {
  if (made !== lastClass) {
    lastClass = made;
    lastName = made.name;
  }
  return lastName;
}

/** What is known of keys, bounded: when it is full it starts anew. */
export interface KeyMemo<T> {
  /**
   * What was set for an error with that key; undefined when none like it was seen.
   *
   * @param isHurried - Asked where so much is said that masking each message may take too long: then only what came
   * lately is looked at.
   */
  get(key: RepeatKey, isHurried?: () => boolean): T | undefined;
  set(key: RepeatKey, value: T): void;
}

/** How much a {@link KeyMemo} holds. */
export interface KeyMemoLimits {
  /** Places that errors come from. */
  readonly origins: number;
  /** What was said there, all in all. */
  readonly messages: number;
}

/** Beyond so many stacks of one length the oldest is forgotten. */
const MAX_SAME_LENGTH = 8;
/** So many messages of one origin are compared as they stand before one is masked. */
const MAX_SAID = 16;
/** Of so many messages of one origin, what varies is nothing that the masks see through. */
const MANY_MESSAGES = 64;

interface Said<T> {
  readonly message: string;
  /** How it begins: mostly that tells two apart. */
  readonly beginning: number;
  readonly pattern: IdPattern | undefined;
  readonly value: T;
}

/** Where an error comes from, and what is known of the errors there. */
interface Origin<T> {
  readonly key: RepeatKey;
  readonly codeHasDigits: boolean;
  /** By their masked messages. */
  readonly byMessage: Map<string, T>;
  /** Messages that came lately. */
  readonly said: Said<T>[];
  next: number;
}

/**
 * Origins are found by the length of their stacks and then compared: to compare two texts costs a tenth of hashing
 * one, which a map keyed by them would do for each record. What was said there is compared likewise, and masked only
 * where that does not tell.
 */
export function createKeyMemo<T>(most: KeyMemoLimits): KeyMemo<T> {
  const byLength = new Map<number, Origin<T>[]>();
  let origins = 0;
  let messages = 0;

  const find = (key: RepeatKey) => {
    const alike = byLength.get(key.calls.length);
    if (alike) for (const origin of alike) if (isSameOrigin(origin.key, key)) return origin;
    return undefined;
  };

  const add = (key: RepeatKey): Origin<T> => {
    const alike = byLength.get(key.calls.length) ?? [];
    byLength.set(key.calls.length, alike);
    if (alike.length >= MAX_SAME_LENGTH) alike.shift();
    const origin: Origin<T> = {
      key: ownKey(key),
      codeHasDigits: /\d/.test(key.code),
      byMessage: new Map(),
      said: [],
      next: 0,
    };
    alike.push(origin);
    origins += 1;
    return origin;
  };

  return {
    get(key, isHurried) {
      const origin = find(key);
      if (origin === undefined) return undefined;
      const beginning = beginningOf(key.message);
      for (const known of origin.said) {
        if (known.beginning === beginning && isAlike(known, key, origin.codeHasDigits)) return known.value;
      }
      if (origin.byMessage.size > MANY_MESSAGES && isHurried?.()) return undefined;
      const value = origin.byMessage.get(masked(key));
      if (value !== undefined) remember(origin, key.message, value);
      return value;
    },
    set(key, value) {
      if (origins >= most.origins || messages >= most.messages) {
        byLength.clear();
        origins = 0;
        messages = 0;
      }
      const origin = find(key) ?? add(key);
      origin.byMessage.set(masked(key), value);
      messages += 1;
      remember(origin, key.message, value);
    },
  };
}

function remember<T>(origin: Origin<T>, message: string, value: T): void {
  const own = copyOf(message);
  const beginning = beginningOf(own);
  origin.said[origin.next] = { message: own, beginning, pattern: idPattern(own), value };
  origin.next = (origin.next + 1) % MAX_SAID;
}

/** The first characters, no further than a digit: numbers that differ may be of different lengths. */
function beginningOf(message: string): number {
  let beginning = 0;
  const end = Math.min(message.length, 4);
  for (let at = 0; at < end; at++) {
    const code = message.charCodeAt(at);
    if (isDigit(code)) break;
    beginning = Math.imul(beginning, 131) + code;
  }
  return beginning | 0;
}

/** The message as the fingerprint sees it: masked, and the code apart where the message does not name it. */
function masked(key: RepeatKey): string {
  const { message, code } = key;
  key.masked ??= `${code !== '' && message.includes(code) ? '+' : '-'}${maskText(message)}`;
  return key.masked;
}

function isAlike(known: Said<unknown>, { message, code }: RepeatKey, codeHasDigits: boolean): boolean {
  if (known.message === message) return true;
  if (known.pattern === undefined || !differsInIdsOnly(known.pattern, message)) return false;
  // Whether the message names the code must not differ either; only a code with digits may make it.
  return !codeHasDigits || known.message.includes(code) === message.includes(code);
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
