import { TELLING_JSON_KEYS } from './words.ts';

/** How far a dumped value is followed. */
const MAX_LENGTH = 4096;
const MAX_KEYS = 16;

const OBJECT_START = /^\{\s{0,2}(?:["'][^"'\n]{0,64}["']|[A-Za-z_$][\w$]{0,64})\s?:/;

/** Whether the brace at `start` opens an object with keys. */
export const startsObject = (text: string, start: number): boolean =>
  OBJECT_START.test(text.slice(start, start + 80));

/** Whether the bracket at `start` opens a list of texts or objects; `[1]` and `[client x]` are prose. */
export const startsList = (text: string, start: number): boolean =>
  /^\[\s?["'{]/.test(text.slice(start, start + 3));

/** The index after the bracket that closes the one at `start`, or -1. Quotes are respected. */
export function endOfBraces(text: string, start: number): number {
  let depth = 0;
  const limit = Math.min(text.length, start + MAX_LENGTH);
  for (let index = start; index < limit; index++) {
    const code = text.charCodeAt(index);
    if (code === 123 || code === 91) depth++;
    else if (code === 125 || code === 93) {
      if (--depth === 0) return index + 1;
    } else if (code === 34 || code === 39) {
      const end = endOfString(text, index, limit);
      if (end > 0) index = end;
    }
  }
  return -1;
}

/** The index of the quote that closes the one at `start`, or -1: an apostrophe closes nothing. */
function endOfString(text: string, start: number, limit: number): number {
  const quote = text.charCodeAt(start);
  for (let index = start + 1; index < Math.min(limit, start + 1024); index++) {
    const code = text.charCodeAt(index);
    if (code === 92) index++;
    else if (code === quote) return index;
  }
  return -1;
}

/** A key of a dumped object, with its value where that tells what happened. */
export interface StructureKey {
  readonly key: string;
  readonly value?: string;
}

/** The object's own keys in the order in which they stand. */
export function readKeys(text: string): readonly StructureKey[] {
  const keys: StructureKey[] = [];
  let depth = 0;
  for (let index = 0; index < text.length && keys.length < MAX_KEYS; index++) {
    const code = text.charCodeAt(index);
    if (code === 123 || code === 91) depth++;
    else if (code === 125 || code === 93) depth--;
    else if (code === 34 || code === 39) {
      const end = endOfString(text, index, text.length);
      if (end < 0) continue;
      const after = /^\s?:\s?/.exec(text.slice(end + 1, end + 4));
      if (after && depth === 1) keys.push(keyAt(text, text.slice(index + 1, end), end + 1 + after[0].length));
      index = end;
    } else if (depth === 1 && isNameStart(code)) {
      const name = /^[\w$]{1,64}/.exec(text.slice(index, index + 64))?.[0] ?? '';
      const after = /^\s?:\s?/.exec(text.slice(index + name.length, index + name.length + 3));
      if (after) keys.push(keyAt(text, name, index + name.length + after[0].length));
      index += Math.max(0, name.length - 1);
    }
  }
  return keys;
}

function keyAt(text: string, key: string, start: number): StructureKey {
  if (!TELLING_JSON_KEYS.has(key.toLowerCase())) return { key };
  const quote = text.charCodeAt(start);
  if (quote === 34 || quote === 39) {
    const end = endOfString(text, start, text.length);
    return end < 0 ? { key } : { key, value: text.slice(start + 1, end) };
  }
  const value = /^[\w.-]{1,64}/.exec(text.slice(start, start + 64))?.[0];
  return value === undefined ? { key } : { key, value };
}

const isNameStart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36;
