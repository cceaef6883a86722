import { isDigit } from './boundaries.ts';
import type { SecretKey } from './keys.ts';
import { findInScheme } from './schemes.ts';
import type { Detector } from './spans.ts';
import { findPairs } from './value-pairs.ts';
import {
  endOfLine,
  isCode,
  isHarmless,
  isSentence,
  type LastBare,
  looksChosen,
  looksGenerated,
  readBare,
  readQuoted,
  type ValueSpan,
  withoutPunctuation,
} from './values.ts';

type Found = Parameters<Detector>[1];

/** A value's first characters tell what it is. */
const LOOK = 256;
/** What may stand between a key and what assigns: its quotes, brackets, blanks. */
const SEPARATOR =
  /((?:\\{0,64}["'`\])*]|%22|%27|&quot;|&#39;){0,4}[ \t]{0,4})(?:(=>|->)|:=|([:=])(?![:=~])|(%3[AaDd]|&#61;))/y;

/**
 * Finds the value of a secret key that something assigns to it: JSON and JSON inside JSON, `util.inspect`,
 * query strings, logfmt, environments, YAML, headers, connection strings, the dumps of other languages.
 * Undefined when nothing is assigned; else where to go on.
 */
export function findAssigned(
  text: string,
  start: number,
  end: number,
  secret: SecretKey,
  last: LastBare,
  found: Found,
): number | undefined {
  SEPARATOR.lastIndex = end;
  const hit = SEPARATOR.exec(text);
  if (hit === null) return undefined;
  const [, closing = '', arrow, sign, encoded] = hit;
  const closed = closing.trimEnd() !== '';
  const left = text[start - 1];
  // Ruby writes `:password=>"…"`; elsewhere an arrow behind a bare word is code.
  if (arrow !== undefined && !closed && left !== ':') return undefined;
  // `arn:aws:secretsmanager:…:secret:name`
  if (left === ':' && sign === ':' && !closed) return undefined;
  const after = SEPARATOR.lastIndex;
  if (sign === ':' && text[after] === '/' && text[after + 1] === '/') return undefined;
  const query = left === '?' || left === '&' || left === ';';
  const name = text.slice(start, end);
  const key: Assigned = {
    ...secret,
    place: encoded === undefined ? (query ? 'query' : 'text') : 'encoded',
    shell: name.startsWith('--') || /^x-/i.test(name) || /^[A-Z][A-Z\d_]{2,63}$/.test(name),
  };
  return findValue(text, after, key, sign === ':', last, found);
}

interface Assigned extends SecretKey {
  /** Behind `?`, `&` or `;` it is a query string; its separators may be encoded. */
  readonly place: 'text' | 'query' | 'encoded';
  /** `--password=…`, `DB_PASSWORD=…`, `X-Token: …`: no prose. */
  readonly shell: boolean;
}

/** PHP's `var_dump` puts the value on a line of its own: `["key"]=>\n  string(5) "…"`. */
const VAR_DUMP = /(?:\r?\n|\\{1,8}n)[ \t]{0,32}string\(\d{1,7}\)[ \t]/y;

/** `Some("…")`, `Secret("…")`. */
const WRAPPER = /(?:[A-Z]\w{1,24}\(){1,2}(?=\\{0,64}["'])/y;

/** Reports the value when it is a secret. Says where to go on. */
function findValue(
  text: string,
  after: number,
  key: Assigned,
  colon: boolean,
  last: LastBare,
  found: Found,
): number {
  let at = after;
  VAR_DUMP.lastIndex = at;
  if (VAR_DUMP.test(text)) at = VAR_DUMP.lastIndex;
  while (at - after < 8 && (text[at] === ' ' || text[at] === '\t')) at++;
  const spaced = at > after;
  WRAPPER.lastIndex = at;
  if (WRAPPER.test(text)) at = WRAPPER.lastIndex;

  const opener = text[at];
  if (opener === '[' || (opener === '{' && key.trust === 'cookie')) {
    return findInList(text, at, opener === '[' ? ']' : '}', key, found);
  }
  const quoted = readQuoted(text, at);
  if (key.trust === 'header') {
    const end = findInScheme(text, quoted, at, found, last);
    return end ?? after;
  }
  if (key.trust === 'cookie') return findCookie(text, quoted, at, last, found) ?? after;

  const value =
    quoted ??
    (key.kind === 'signature' && key.place === 'text'
      ? readWord(text, at)
      : readBare(text, at, key.place, last));
  if (value === undefined) return after;
  const needsLook = key.trust === 'weak' || key.trust === 'query';
  if (needsLook && !value.quoted && value.end === last.refused) return after;
  const content = text.slice(value.start, Math.min(value.end, value.start + LOOK));
  if (!isSecret(text, value, content, key, spaced || colon)) {
    if (needsLook && value.end - value.start > LOOK) last.refused = value.end;
    return after;
  }
  const { start, end } = quoted ? value : trimmed(text, value, spaced);
  found(start, end, key.kind);
  return value.end;
}

/** Whether the text under a key is a secret, where it stands for itself rather than in another text. */
export function isSecretText(content: string, key: SecretKey): boolean {
  const value = { start: 0, end: content.length, quoted: true };
  return isSecret(content, value, content.slice(0, LOOK), { ...key, place: 'text', shell: false }, false);
}

function isSecret(text: string, value: ValueSpan, content: string, key: Assigned, loose: boolean): boolean {
  if (isHarmless(content)) return false;
  if (key.kind === 'session' && /^0x[\da-f]{1,16}$/i.test(content)) return false;
  if (key.trust === 'query') return key.place !== 'text' && looksGenerated(content, 12);
  if (key.kind === 'phone') return countDigits(content) >= 7 && content.length <= 32;
  if (key.kind === 'card') return countDigits(content) >= 12 && content.length <= 32;
  if (key.kind === 'card-code') return /^\d{3,12}$/.test(content);
  if (key.trust === 'weak')
    return (
      looksGenerated(content, leastLength(key, loose && !value.quoted)) ||
      ((value.quoted || !loose) && looksStrong(content, key))
    );
  if (value.quoted) return !isSentence(content);
  if (isCode(text, value)) return false;
  if (!loose || key.shell || key.place !== 'text') return true;
  return isLooseSecret(text, value, content, key);
}

/** How long a value must be that only its look makes a secret. */
function leastLength(key: Assigned, loose: boolean): number {
  if (key.place !== 'text') return 8;
  return loose || key.kind === 'signature' ? 20 : 12;
}

/** Behind `key: ` anything may stand, prose and code too. */
function isLooseSecret(text: string, value: ValueSpan, content: string, key: Assigned): boolean {
  const bare = withoutPunctuation(content);
  if (key.kind === 'token' && bare.length < 8) return false;
  if (/\d|[!#$%^&*+=?@~]/.test(bare)) return bare.length >= 3 && !/[({]$/.test(bare);
  const next = text[value.end];
  const last =
    next === undefined || next === '\n' || next === '\r' || next === '}' || next === ',' || next === '\\';
  if (!last || /[;({]$/.test(content)) return false;
  return bare.length >= (key.kind === 'password' ? 6 : key.kind === 'token' ? 16 : 8);
}

const looksStrong = (content: string, key: Assigned): boolean =>
  key.kind === 'credential' && (looksChosen(content) || (content.includes(':') && !content.includes(' ')));

/** `t=…,v1=…`: a signature may be a list of its own. */
function readWord(text: string, start: number): ValueSpan | undefined {
  let end = start;
  while (end < text.length && end - start < 1024 && /[\w=,.:+/%-]/.test(text[end] ?? '')) end++;
  return end > start ? { start, end, quoted: false } : undefined;
}

/** Without the punctuation that ends a sentence rather than a password. */
function trimmed(text: string, value: ValueSpan, spaced: boolean): ValueSpan {
  let { end } = value;
  const last = text[value.end];
  if (spaced && (last === undefined || /\s/.test(last))) {
    while (end > value.start + 1 && '.,;:)'.includes(text[end - 1] ?? ' ')) end--;
  }
  return { ...value, end };
}

function countDigits(content: string): number {
  let digits = 0;
  for (let at = 0; at < Math.min(content.length, 64); at++) if (isDigit(content.charCodeAt(at))) digits++;
  return digits;
}

/** What a message about cookies speaks of. */
const COOKIE_ATTRIBUTE = /^(?:SameSite|Path|Domain|Expires|Max-Age|Secure|HttpOnly)\b/i;

/** A header's value without quotes runs to the end of the line. */
function findCookie(
  text: string,
  quoted: ValueSpan | undefined,
  at: number,
  last: LastBare,
  found: Found,
): number | undefined {
  const end = quoted?.end ?? endOfHeader(text, at, last);
  const start = quoted?.start ?? at;
  const content = text.slice(start, end);
  if (isHarmless(content.slice(0, LOOK)) || COOKIE_ATTRIBUTE.test(content)) return undefined;
  if (!content.includes('=')) {
    if (!looksGenerated(content, 12)) return undefined;
    found(start, end, 'cookie');
  } else findPairs(text, start, end, ';', 'cookie', found);
  return end;
}

/** Up to the end of the line or the quote that the whole header stands in. */
function endOfHeader(text: string, start: number, last: LastBare): number {
  if (start > last.lineStart && start < last.lineEnd) return last.lineEnd;
  let end = endOfLine(text, start, '"\'');
  if (end > start && (text[end] === '"' || text[end] === "'") && text[end - 1] === '\\') end--;
  last.lineStart = start;
  last.lineEnd = end;
  return end;
}

/** Every string of a list, or every value of a flat object. */
function findInList(text: string, open: number, close: string, key: SecretKey, found: Found): number {
  let at = open + 1;
  const limit = Math.min(text.length, open + 8192);
  for (let items = 0; items < 64 && at < limit; ) {
    const char = text[at];
    if (char === close) return at + 1;
    if (char !== '"' && char !== "'" && char !== '\\') {
      at++;
      continue;
    }
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
    if (key.trust === 'cookie' && content.includes('='))
      findPairs(text, value.start, value.end, ';', key.kind, found);
    else found(value.start, value.end, key.kind);
  }
  return at;
}
