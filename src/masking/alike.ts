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

/**
 * True when two texts differ only in the digits of words that are ids for certain, so that their masks are equal:
 * `order A-1234 declined` and `order A-98765 declined`. False says nothing: quotes, braces, addresses and short
 * numbers are left to {@link maskText}, of whose cost this is a tenth.
 */
export function differsInIdsOnly(one: string, other: string): boolean {
  let at = 0;
  let otherAt = 0;
  /** Where the word began, and where it ended but for stops. */
  let start = 0;
  let otherStart = 0;
  let end = 0;
  let otherEnd = 0;
  let differs = false;
  let special = false;
  /** A colon inside a word makes two parts of it; behind it, it is a stop. */
  let colon = false;
  const isCertain = () => !special && end - start >= LEAST_ID && otherEnd - otherStart >= LEAST_ID;

  while (at < one.length && otherAt < other.length) {
    const code = one.charCodeAt(at);
    const otherCode = other.charCodeAt(otherAt);
    if (isDigit(code) && isDigit(otherCode)) {
      const from = at;
      const otherFrom = otherAt;
      let same = true;
      while (at < one.length && isDigit(one.charCodeAt(at))) {
        if (one.charCodeAt(at) !== other.charCodeAt(otherFrom + at - from)) same = false;
        at += 1;
      }
      while (otherAt < other.length && isDigit(other.charCodeAt(otherAt))) otherAt += 1;
      if (!same || at - from !== otherAt - otherFrom) differs = true;
      end = at;
      otherEnd = otherAt;
      special ||= colon;
      continue;
    }
    if (code !== otherCode || code > 127) return false;
    at += 1;
    otherAt += 1;
    const kind = classes[code];
    if (kind === IN_WORD) {
      end = at;
      otherEnd = otherAt;
      special ||= colon;
    } else if (kind === SPECIAL) {
      special = true;
    } else if (code === COLON) {
      colon = true;
    } else if (kind === SPACE || kind === BETWEEN) {
      if (differs && !isCertain()) return false;
      start = at;
      otherStart = otherAt;
      end = at;
      otherEnd = otherAt;
      differs = false;
      special = false;
      colon = false;
    } else if (kind === OTHER) return false;
  }
  return at === one.length && otherAt === other.length && (!differs || isCertain());
}

const COLON = 58;
