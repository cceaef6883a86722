/** The text is looked at character by character where a regular expression would have to look back. */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
export const isWord = (code: number): boolean => isDigit(code) || isLetter(code) || code === 95;
const isHex = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);

const BACKSLASH = 92;
const PERCENT = 37;

/**
 * How many characters at `at` belong to an escape that began before it: the `n` of a `\n` inside JSON, the
 * `u003c` of `\u003c`, the `3D` of `%3D`. They are no part of the word that seems to begin there.
 */
export function escapeLength(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  if (before === PERCENT) return hexDigits(text, at, 2);
  if (before !== BACKSLASH) return 0;
  switch (text[at]) {
    case 'n':
    case 'r':
    case 't':
    case 'b':
    case 'f':
    case 'v':
      return 1;
    case 'u':
      return hexDigits(text, at + 1, 4) + 1 === 5 ? 5 : 0;
    case 'x':
      return hexDigits(text, at + 1, 2) + 1 === 3 ? 3 : 0;
    default:
      return 0;
  }
}

/** `count` when that many hexadecimal digits stand at `at`, else 0. */
function hexDigits(text: string, at: number, count: number): number {
  for (let index = at; index < at + count; index++) if (!isHex(text.charCodeAt(index))) return 0;
  return count;
}

/** True when a token can begin at `at`: what precedes is no letter or digit, or only the end of an escape. */
export function beginsToken(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = text.charCodeAt(at - 1);
  if (!isDigit(before) && !isLetter(before)) return true;
  // The escape may be one, two, three or five characters long.
  for (const length of [1, 2, 3, 5]) {
    if (at > length && escapeLength(text, at - length) === length) return true;
  }
  return false;
}
