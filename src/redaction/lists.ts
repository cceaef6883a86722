import type { SecretKey } from './keys.ts';
import { findInScheme } from './schemes.ts';
import { isSecretText } from './secret-values.ts';
import type { Detector } from './spans.ts';
import { findPairs } from './value-pairs.ts';
import { isHarmless, isSentence, type LastBare, looksGenerated, readQuoted } from './values.ts';

type Found = Parameters<Detector>[1];

/** Numbers in a row: the bytes of a key. */
const BYTES = /^\s{0,16}\d{1,3}(?:,\s{0,16}\d{1,3}){15,4096}\s{0,16}$/;

/** What Go prints: `Authorization:[Bearer x]`, `Password:[x]`, and bytes. */
function findInBareList(
  text: string,
  open: number,
  close: number,
  key: SecretKey,
  last: LastBare,
  found: Found,
): void {
  const start = open + 1;
  const content = text.slice(start, close);
  if (key.trust === 'header') findInScheme(text, { start, end: close, quoted: true }, start, found, last);
  else if (key.trust === 'cookie') {
    if (content.includes('=')) findPairs(text, start, close, ';', key.kind, found);
  } else if (BYTES.test(content) || (isSecretText(content, key) && looksGenerated(content, 8))) {
    found(start, close, key.kind);
  }
}

const MAX_LIST = 8192;
const LIST_END = /[\]\n"]/g;

function endOfBareList(text: string, start: number, last: LastBare): number {
  if (start < last.listStart || start > last.listEnd) {
    LIST_END.lastIndex = start;
    last.listStart = start;
    last.listEnd = LIST_END.exec(text)?.index ?? text.length;
  }
  return last.listEnd;
}

/** Every string of a list, or every value of a flat object. */
export function findInList(
  text: string,
  open: number,
  close: string,
  key: SecretKey,
  last: LastBare,
  found: Found,
): number {
  let at = open + 1;
  if (close === ']' && /[^\s"'`\\[{\]]/.test(text.charAt(at))) {
    const end = endOfBareList(text, at, last);
    if (end - at > MAX_LIST || text[end] !== close) return at;
    findInBareList(text, open, end, key, last, found);
    return end;
  }
  const limit = Math.min(text.length, open + MAX_LIST);
  for (let items = 0; items < 64 && at < limit; ) {
    if (text[at] === close) return at + 1;
    const value = readQuoted(text, at);
    if (value === undefined) {
      at++;
      continue;
    }
    items++;
    at = Math.max(at + 1, value.end);
    while (at < limit && (text[at] === '\\' || text[at] === '"' || text[at] === "'")) at++;
    if (close === '}' && text[at] === ':') continue;
    const content = text.slice(value.start, value.end);
    if (isHarmless(content) || isSentence(content)) continue;
    if ((key.trust === 'weak' || key.trust === 'query') && !isSecretText(content, key)) continue;
    if (key.trust === 'cookie' && content.includes('='))
      findPairs(text, value.start, value.end, ';', key.kind, found);
    else found(value.start, value.end, key.kind);
  }
  return at;
}
