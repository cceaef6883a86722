import { isDigit, isLetter } from './characters.ts';

/** Shorter words with digits may be a status or a code, which the masks leave. */
const LEAST_ID = 6;

const OTHER = 0;
const SPACE = 1;
/** May stand in an id. */
const IN_WORD = 2;
/** Ends a word. */
const BETWEEN = 3;
/** Ends a word when nothing follows it. */
const STOP = 4;
/** Makes a word another thing than an id. */
const SPECIAL = 5;

const classes = new Uint8Array(128);
for (let code = 0; code < 128; code++) if (isDigit(code) || isLetter(code)) classes[code] = IN_WORD;
for (const character of '#_-') classes[character.charCodeAt(0)] = IN_WORD;
for (const character of ',;()') classes[character.charCodeAt(0)] = BETWEEN;
for (const character of '.:!?') classes[character.charCodeAt(0)] = STOP;
for (const character of '/@') classes[character.charCodeAt(0)] = SPECIAL;
classes[32] = SPACE;
const COLON = 58;

/** A text, taken apart where its numbers stand. */
export interface IdPattern {
  /** What stands between the numbers, before the first and behind the last. */
  readonly parts: readonly string[];
  readonly numbers: readonly PatternNumber[];
}

interface PatternNumber {
  readonly digits: string;
  readonly word: PatternWord;
}

interface PatternWord {
  /** How much shorter it may be and still be an id for certain; below 0 when it is none. */
  spare: number;
}

/**
 * Takes a text apart for {@link differsInIdsOnly}. Undefined for one of which that would not be certain: quotes, braces
 * and what is beyond ASCII are left to {@link maskText}.
 */
export function idPattern(text: string): IdPattern | undefined {
  const parts: string[] = [];
  const numbers: PatternNumber[] = [];
  let word: PatternWord = { spare: 0 };
  /** Where the word began, and where it ended but for stops. */
  let start = 0;
  let end = 0;
  let special = false;
  /** A colon inside a word makes two parts of it; behind it, it is a stop. */
  let colon = false;
  let partStart = 0;
  const endWord = (next: number) => {
    word.spare = special ? -1 : end - start - LEAST_ID;
    word = { spare: 0 };
    start = next;
    end = next;
    special = false;
    colon = false;
  };

  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const kind = code > 127 ? OTHER : classes[code];
    if (kind === OTHER) return undefined;
    if (isDigit(code)) {
      const from = at;
      while (isDigit(text.charCodeAt(at + 1))) at++;
      parts.push(text.slice(partStart, from));
      numbers.push({ digits: text.slice(from, at + 1), word });
      partStart = at + 1;
    }
    if (kind === IN_WORD) {
      end = at + 1;
      special ||= colon;
    } else if (kind === SPECIAL) special = true;
    else if (code === COLON) colon = true;
    else if (kind === SPACE || kind === BETWEEN) endWord(at + 1);
  }
  endWord(text.length);
  parts.push(text.slice(partStart));
  return { parts, numbers };
}

/**
 * True when a text differs from that of the pattern only in the digits of words that are ids for certain, so that their
 * masks are equal: `order A-1234 declined` and `order A-98765 declined`. False says nothing: addresses and short
 * numbers are left to {@link maskText}, of whose cost this is a small part.
 */
export function differsInIdsOnly({ parts, numbers }: IdPattern, text: string): boolean {
  let at = 0;
  let word: PatternWord | undefined;
  let spare = 0;
  for (let index = 0; index < numbers.length; index++) {
    const part = parts[index] as string;
    const { digits, word: its } = numbers[index] as PatternNumber;
    const from = at + part.length;
    // Compared as slices, which V8 does faster than `startsWith`.
    if (text.slice(at, from) !== part) return false;
    at = from;
    while (at < text.length && isDigit(text.charCodeAt(at))) at++;
    if (at === from) return false;
    if (its !== word) {
      if (spare < 0) return false;
      word = its;
      spare = Math.max(0, its.spare);
    }
    if (its.spare >= 0) spare += at - from - digits.length;
    else if (text.slice(from, at) !== digits) return false;
  }
  return spare >= 0 && text.slice(at) === parts[numbers.length];
}
