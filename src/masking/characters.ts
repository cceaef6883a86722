/** What a character does to the words around it. */
export const WORD = 0;
export const SPACE = 1;
export const QUOTE = 2;
const SEPARATOR = 3;

/** By character code; characters beyond ASCII belong to words. */
const classes = new Uint8Array(128);
for (const character of ' \t\n\r\f\v') classes[character.charCodeAt(0)] = SPACE;
for (const character of '"\'`') classes[character.charCodeAt(0)] = QUOTE;
for (const character of ',;()[]{}<>=|') classes[character.charCodeAt(0)] = SEPARATOR;

export const classOf = (code: number): number => (code < 128 ? (classes[code] as number) : WORD);

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);

/** Ends a sentence or a clause, and no word: `.`, `:`, `!`, `?`, `…`. */
export const isStop = (code: number): boolean =>
  code === 46 || code === 58 || code === 33 || code === 63 || code === 8230;

/** The end of the word that begins at `start`. */
export function endOfWord(text: string, start: number): number {
  let end = start;
  while (end < text.length && classOf(text.charCodeAt(end)) === WORD) end++;
  return end;
}

/** Base64 ends in `=`, which elsewhere stands before a value. */
export function behindPadding(text: string, end: number): number {
  if (text.charCodeAt(end) !== 61) return end;
  const behind = text.charCodeAt(end + 1) === 61 ? end + 2 : end + 1;
  return behind === text.length || classOf(text.charCodeAt(behind)) !== WORD ? behind : end;
}

/** How far a closing quote is looked for. */
const MAX_QUOTED = 1024;

/** The quote that closes the one at `start`, on the same line; -1 when it is not closed. */
export function closingQuote(text: string, start: number): number {
  const quote = text.charCodeAt(start);
  const limit = Math.min(text.length, start + MAX_QUOTED);
  for (let index = start + 1; index < limit; index++) {
    const code = text.charCodeAt(index);
    if (code === 10) return -1;
    // Ruby and old GNU tools open with a backtick and close with an apostrophe.
    if (code !== quote && !(quote === 96 && code === 39)) continue;
    if (code !== 39 || !isApostrophe(text, index)) return index;
  }
  return -1;
}

/** `can't`: it stands between letters and closes nothing. */
export const isApostrophe = (text: string, index: number): boolean =>
  text.charCodeAt(index) === 39 &&
  isLetter(text.charCodeAt(index + 1)) &&
  isLetter(text.charCodeAt(index - 1));
