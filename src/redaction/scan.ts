import { escapeLength, isDigit, isWord } from './boundaries.ts';

/**
 * The two passes over a text. Both look at each character once, by tables instead of regular expressions: this
 * is where nearly all of the time goes, since most text holds no secret.
 */

/** 1–26 for the letters, whatever their case; 0 for everything else. */
const LETTER = new Uint8Array(128);
for (let index = 0; index < 26; index++) {
  LETTER[65 + index] = index + 1;
  LETTER[97 + index] = index + 1;
}

const ALPHANUMERIC = LETTER.map((letter, code) => (letter > 0 || isDigit(code) ? 1 : 0));

/** Makes the set of three-letter beginnings; a blank stands for "no letter". */
export function trigrams(beginnings: string): Uint8Array {
  const table = new Uint8Array(1 << 15);
  for (const beginning of beginnings.split(' ')) {
    let index = 0;
    for (const char of beginning.padEnd(3, '_')) index = (index << 5) | (LETTER[char.charCodeAt(0)] ?? 0);
    table[index] = 1;
  }
  return table;
}

/** How far an identifier is followed to either side. */
const MAX_IDENTIFIER = 64;

/**
 * Calls `visit` with every identifier in which one of the trigrams stands. It answers where to go on, at the
 * identifier's end or behind it.
 */
export function eachIdentifier(
  text: string,
  table: Uint8Array,
  visit: (start: number, end: number) => number,
): void {
  let state = 0;
  let floor = 0;
  const { length } = text;
  for (let index = 0; index <= length; index++) {
    // One more step than there are characters, for a word that ends with the text.
    const code = index < length ? text.charCodeAt(index) : 0;
    state = ((state << 5) | (code < 128 ? (LETTER[code] as number) : 0)) & 0x7fff;
    if (table[state] === 0) continue;
    const hit = index - 2;
    let start = hit;
    const least = Math.max(floor, hit - MAX_IDENTIFIER);
    while (start > least && isIdentifierPart(text.charCodeAt(start - 1))) start--;
    start += Math.min(escapeLength(text, start), hit - start);
    let end = hit + 1;
    const most = Math.min(length, hit + MAX_IDENTIFIER);
    while (end < most && isIdentifierPart(text.charCodeAt(end))) end++;
    while (end > hit + 1 && text.charCodeAt(end - 1) === 46) end--;
    const next = visit(start, end);
    floor = end;
    index = Math.max(index, next - 1);
    state = 0;
  }
}

/** Beyond ASCII nearly everything is a letter, but punctuation, and that of East Asia: `密码：…`, `password：…`. */
const isForeignLetter = (code: number): boolean =>
  (code >= 0xc0 && code < 0x2000) || (code >= 0x3040 && code < 0xff00);

/** Letters of any language, digits, `_`, `$`, `-` and `.`. */
const isIdentifierPart = (code: number): boolean =>
  isWord(code) || code === 45 || code === 46 || code === 36 || isForeignLetter(code);

/**
 * Calls `visit` where a token can begin: behind anything but a letter or digit, and behind an escape (`\n`,
 * `\u0026`, `%3D`, a terminal's colour). It answers where to go on, or -1 when there is nothing.
 */
export function eachTokenStart(text: string, visit: (start: number) => number): void {
  let inside = false;
  const { length } = text;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code < 128 && ALPHANUMERIC[code] === 1) {
      if (inside) continue;
      inside = true;
      const next = visit(index);
      if (next > index) index = next - 1;
    } else {
      inside = false;
      if (code === 92 || code === 37) index += escapeLength(text, index + 1);
      else if (code === 91) index = colourEnd(text, index);
    }
  }
}

/** Behind `ESC[31m`, be the escape character itself escaped; else where it was. */
function colourEnd(text: string, bracket: number): number {
  const before = text[bracket - 1];
  if (before !== '\u001b' && !(before === 'b' || before === 'B')) return bracket;
  let at = bracket + 1;
  while (at < bracket + 12 && (isDigit(text.charCodeAt(at)) || text[at] === ';')) at++;
  return text[at] === 'm' ? at : bracket;
}
