import { isDigit, isLetter } from './characters.ts';
import { looksRandom } from './gibberish.ts';
import { HOST_ENDINGS, PACKAGE_STARTS } from './words.ts';

export function hasDigit(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (isDigit(text.charCodeAt(index))) return true;
  }
  return false;
}

/** An absolute path: `/var/log/x`, `~/x`, `C:\x`, `\\host\share`. Relative ones are names that code holds. */
export function isPath(chunk: string): boolean {
  const first = chunk.charCodeAt(0);
  if (first === 47) return chunk.length > 1 && !/^\/+$/.test(chunk);
  if (first === 126) return chunk.charCodeAt(1) === 47;
  if (first === 92) return chunk.length > 3 && chunk.charCodeAt(1) === 92;
  return isLetter(first) && chunk.charCodeAt(1) === 58 && /^[A-Za-z]:[\\/]/.test(chunk);
}

const MEDIA_TYPE = /^(?:application|text|image|audio|video|multipart|font|model|message)\/[\w.+*-]+$/i;
/** MAC and IPv6 addresses, whose parts may lack a digit. */
const COLON_ADDRESS = /^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:[.%/][\w.]*)?$/i;

/** A media type names what a client sent. */
export const isMediaType = (chunk: string): boolean => MEDIA_TYPE.test(chunk);

export const isColonAddress = (chunk: string): boolean =>
  COLON_ADDRESS.test(chunk) && /[0-9a-f]/i.test(chunk);

/** `db.internal`, `api.example.com`, `localhost`; not `com.example.Api`, not `list.length`. */
export function isHost(word: string): boolean {
  const dot = word.lastIndexOf('.');
  if (dot <= 0) return word === 'localhost';
  if (!/^[a-z][a-z.-]*$/.test(word) || !HOST_ENDINGS.has(word.slice(dot + 1))) return false;
  const firstDot = word.indexOf('.');
  return firstDot === dot || !PACKAGE_STARTS.has(word.slice(0, firstDot));
}

/** `proxy.local:80`: a dotted name in front of a port. */
export const isHostBeforePort = (part: string, next: string | undefined): boolean =>
  next !== undefined &&
  /^\d{2,5}$/.test(next) &&
  (part === 'localhost' || (part.indexOf('.') > 0 && /^[a-z][a-z.-]*[a-z]$/.test(part)));

/** Ids without a digit: long hex, stars in place of a secret, words that no one would write. */
export function isId(word: string): boolean {
  if (word.length < 4) return false;
  if (word.includes('***')) return true;
  if (word.length >= 8 && /^(?:[a-f]+|[A-F]+)$/.test(word)) return true;
  let start = 0;
  for (let index = 0; index <= word.length; index++) {
    if (index < word.length && isLetter(word.charCodeAt(index))) continue;
    if (index - start >= 5 && looksRandom(word, start, index)) return true;
    start = index + 1;
  }
  return false;
}

/** Looks like a name from the program's own vocabulary: a column, a field, a module. A host or an id may, too. */
export function isNameShaped(value: string): boolean {
  if (value.length < 2 || value.length > 64 || value.startsWith('/')) return false;
  return /^(?:\.{0,2}\/)?[@A-Za-z_$][A-Za-z_$.\-/:@#?!()<>*]*$/.test(value) && !isEmail(value);
}

/** `jane@example.com`; not `@scope/name`. */
export function isEmail(word: string): boolean {
  const at = word.indexOf('@');
  return at > 0 && word.indexOf('.', at) > at;
}
