import { isWord } from './boundaries.ts';
import { type SecretKey, secretKey } from './keys.ts';
import { findInScheme } from './schemes.ts';
import type { Detector } from './spans.ts';
import {
  endOfLine,
  isHarmless,
  isSentence,
  looksChosen,
  looksGenerated,
  readBare,
  readQuoted,
  type ValueSpan,
} from './values.ts';

type Found = Parameters<Detector>[1];

const TAG_END = /[^<>\n]{0,200}>(?:\s{0,8}<!\[CDATA\[)?/y;
const ESCAPED_TAG_END = /(?:(?!&[lg]t;)[^<>\n]){0,200}&gt;/y;

/** `<Password Type="…">…</Password>`. */
export function findInElement(
  text: string,
  start: number,
  end: number,
  key: SecretKey,
  found: Found,
): number | undefined {
  let open = start;
  if (text[open - 1] === ':') {
    open--;
    while (open > 0 && start - open < 24 && isWord(text.charCodeAt(open - 1))) open--;
  }
  const escaped = text.startsWith('&lt;', open - 4);
  if (text[open - 1] !== '<' && !escaped) return undefined;
  const tag = escaped ? ESCAPED_TAG_END : TAG_END;
  tag.lastIndex = end;
  if (!tag.test(text) || text[tag.lastIndex - 2] === '/') return end;
  const from = tag.lastIndex;
  const length = text.slice(from, from + 8192).search(escaped ? /&lt;/ : /<|\]\]>/);
  if (length <= 0) return from;
  return report(text, from, from + length, key, found) ?? from + length;
}

function report(text: string, start: number, end: number, key: SecretKey, found: Found): number | undefined {
  const content = text.slice(start, end).trim();
  if (isHarmless(content) || isSentence(content)) return undefined;
  if (key.trust === 'weak' && !looksGenerated(content, 4)) return undefined;
  found(start, end, key.kind);
  return end;
}

const PAIR =
  /\\{0,64}["'`]\s{0,4}[,;]?\s{0,16}\\{0,64}["'`]?(?:value|val|content|data|text)\\{0,64}["'`]?\s{0,4}[:=]\s{0,4}/iy;
const LISTED = /\\{0,64}["'`]\s{0,4},\s{0,16}(?=[bu]?\\{0,64}["'`])/y;
/** PHP's `serialize`: `s:8:"password";s:7:"…";`. */
const SERIALIZED = /\\{0,64}";s:\d{1,7}:(?=\\{0,64}")/y;
/** Terraform: `variable "api_key" { default = "…" }`. */
const DEFAULT =
  /\\{0,64}" \{(?:\s|\\n){1,32}(?:type {1,8}= string(?:\s|\\n){1,32})?default {1,8}= (?=\\{0,64}")/y;

/** `{"name": "DB_PASSWORD", "value": "…"}`, `["Authorization", "Bearer …"]`, `key="ApiKey" value="…"`. */
export function findInPair(
  text: string,
  start: number,
  end: number,
  name: string,
  key: SecretKey,
  found: Found,
): number | undefined {
  if (!/["'`]/.test(text.charAt(start - 1))) return inManifest(text, start, end, key, found);
  const content = inAttribute(text, end, key, found) ?? inForm(text, end, key, found);
  if (content !== undefined) return content;
  const joint = [PAIR, SERIALIZED, DEFAULT].find((pattern) => {
    pattern.lastIndex = end;
    return pattern.test(text);
  });
  const paired = joint !== undefined;
  if (!paired) {
    LISTED.lastIndex = end;
    if (!LISTED.test(text)) return undefined;
  }
  const at = joint?.lastIndex ?? LISTED.lastIndex;
  const value = readQuoted(text, at);
  if (value === undefined) return undefined;
  if (!paired && key.trust !== 'header' && key.trust !== 'cookie' && !name.includes('-')) {
    return inTuple(text, start, value, key, found);
  }
  if (key.trust === 'header') return findInScheme(text, value, at, found);
  if (!paired && key.trust !== 'cookie' && !looksGenerated(text.slice(value.start, value.end), 8))
    return undefined;
  return report(text, value.start, value.end, key, found);
}

/** Python's `('password', '…')`: names alone are listed in the same way. */
function inTuple(
  text: string,
  start: number,
  value: ValueSpan,
  key: SecretKey,
  found: Found,
): number | undefined {
  if (!/\([bu]?\\{0,8}["']$/.test(text.slice(Math.max(0, start - 12), start))) return undefined;
  const content = text.slice(value.start, value.end);
  if (!/^\\{0,8}["']\)/.test(text.slice(value.end, value.end + 10)) || secretKey(content) !== undefined)
    return undefined;
  if (!looksChosen(content) && !looksGenerated(content, 8)) return undefined;
  return report(text, value.start, value.end, key, found);
}

const ATTRIBUTE_END = /["'](?:\s{1,8}[\w:.-]{1,32}=["'][^"'<>]{0,64}["']){0,4}\s{0,4}>/y;

/** `<entry key="password">…</entry>`. */
function inAttribute(text: string, end: number, key: SecretKey, found: Found): number | undefined {
  ATTRIBUTE_END.lastIndex = end;
  if (!ATTRIBUTE_END.test(text)) return undefined;
  const from = ATTRIBUTE_END.lastIndex;
  const length = text.slice(from, from + 8192).indexOf('<');
  return length <= 0 ? undefined : report(text, from, from + length, key, found);
}

const FORM_FIELD =
  /\\{0,64}"(?:;[^\r\n\\]{0,128})?(?:(?:\r?\n|\\{1,8}r\\{1,8}n|\\{1,8}n)(?:Content-[^\r\n\\]{0,128})?){2,3}/y;

/** `Content-Disposition: form-data; name="password"`, an empty line, the value. */
function inForm(text: string, end: number, key: SecretKey, found: Found): number | undefined {
  FORM_FIELD.lastIndex = end;
  if (!FORM_FIELD.test(text)) return undefined;
  const from = FORM_FIELD.lastIndex;
  const to = endOfLine(text, from);
  return to > from ? report(text, from, to, key, found) : undefined;
}

const MANIFEST_VALUE = /(?:\s|\\n){1,16}value:\s{1,4}/y;

/** `- name: DB_PASSWORD`, on the next line `value: …`. */
function inManifest(
  text: string,
  start: number,
  end: number,
  key: SecretKey,
  found: Found,
): number | undefined {
  if (!text.startsWith('name: ', start - 6)) return undefined;
  MANIFEST_VALUE.lastIndex = end;
  if (!MANIFEST_VALUE.test(text)) return undefined;
  const at = MANIFEST_VALUE.lastIndex;
  const value = readQuoted(text, at) ?? readBare(text, at);
  return value === undefined ? undefined : report(text, value.start, value.end, key, found);
}
