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
  /** Class, code and masked message. */
  readonly label: string;
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
  const start = stack.indexOf(message);
  const end = start + message.length;
  // The message must end the first line, and what precedes it must be the class alone.
  if (start < 0 || start > 128 || stack.indexOf('\n') !== end || message.includes('\r')) return undefined;
  const codeText = typeof code === 'string' || typeof code === 'number' ? String(code) : '';
  const named = codeText !== '' && message.includes(codeText);
  const className = typeof name === 'string' ? name : '';
  const madeBy = typeof made === 'function' ? made.name : '';
  return {
    calls: stack.slice(end),
    label: `${className}\u0000${madeBy}\u0000${codeText}\u0000${named}\u0000${stack.slice(0, start)}\u0000${maskText(message)}`,
  };
}

/** What is known of keys, bounded: when it is full it starts anew. */
export interface KeyMemo {
  get(key: RepeatKey): string | undefined;
  set(key: RepeatKey, errorHash: string): void;
}

/** Beyond so many stacks of one length the oldest is forgotten. */
const MAX_SAME_LENGTH = 8;

/**
 * Stacks are found by their length and then compared: to compare two texts costs a tenth of hashing one, which a map
 * keyed by them would do for each record.
 */
export function createKeyMemo(most: number): KeyMemo {
  const byLength = new Map<number, { readonly calls: string; readonly hashes: Map<string, string> }[]>();
  let size = 0;

  const find = (calls: string) => {
    const stacks = byLength.get(calls.length);
    if (stacks) for (const stack of stacks) if (stack.calls === calls) return stack.hashes;
    return undefined;
  };

  return {
    get: ({ calls, label }) => find(calls)?.get(label),
    set({ calls, label }, errorHash) {
      if (size >= most) {
        byLength.clear();
        size = 0;
      }
      size += 1;
      const hashes = find(calls);
      if (hashes) {
        hashes.set(label, errorHash);
        return;
      }
      const stacks = byLength.get(calls.length) ?? [];
      byLength.set(calls.length, stacks);
      if (stacks.length >= MAX_SAME_LENGTH) stacks.shift();
      stacks.push({ calls, hashes: new Map([[label, errorHash]]) });
    },
  };
}
