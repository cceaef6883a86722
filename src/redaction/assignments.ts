import { isDigit } from './boundaries.ts';
import type { SecretKey } from './keys.ts';
import { findInScheme } from './schemes.ts';
import type { Detector } from './spans.ts';
import { findPairs } from './value-pairs.ts';
import {
  DATE,
  endOfLine,
  endWithout,
  GROUPS,
  isCode,
  isHarmless,
  isSentence,
  type LastBare,
  looksChosen,
  looksGenerated,
  MNEMONIC_WORDS,
  PASSPORT,
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
  /((?:\\{0,64}["'`\])*]|%(?:25){0,3}(?:2[27]|5[Dd])|\\{1,8}(?:u002[27]|x2[27])|&quot;|&#3[49];|&#x2[27];){0,4}[ \t]{0,4})(?:(=>|->)|:=|([:=：])(?![:=~])|(%(?:25){0,3}3[AaDd]|&#61;|&#x3[Dd];))/y;

/** What PHP prints behind the name of a property: `["key":protected]=>`, `[key:App\\Client:private] =>`. */
const VISIBILITY =
  /\\{0,64}["']?(?::\\{0,64}["']?\w[\w\\]{0,80}\\{0,64}["']?)?:(?:protected|private)(?=\] ?=>)/y;

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
  VISIBILITY.lastIndex = end;
  SEPARATOR.lastIndex = VISIBILITY.test(text) ? VISIBILITY.lastIndex : end;
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
  // The user of an address, whose password is found as such.
  if (sign === ':' && !closed && text.startsWith('://', start - 3)) return after;
  const query = left === '?' || left === '&' || left === ';';
  if (secret.trust === 'query' && !query && encoded === undefined) return after;
  const name = text.slice(start, end);
  const header = /^x-/i.test(name);
  const key: Assigned = {
    // Not spread: that takes longer than all the rest here.
    kind: secret.kind,
    trust: secret.trust,
    place: encoded === undefined ? (query ? 'query' : 'text') : 'encoded',
    shell: header || name.startsWith('--') || /^[A-Z][A-Z\d_]{2,63}$/.test(name),
    header,
    pair: left === '/' || left === ':',
  };
  return findValue(text, after, key, sign === ':' || sign === '：', last, found);
}

interface Assigned extends SecretKey {
  /** Behind `?`, `&` or `;` it is a query string; its separators may be encoded. */
  readonly place: 'text' | 'query' | 'encoded';
  /** `--password=…`, `DB_PASSWORD=…`, `X-Token: …`: no prose. */
  readonly shell: boolean;
  /** `X-Token: …` */
  readonly header: boolean;
  /** `user/pass` */
  readonly pair: boolean;
}

/** PHP's `var_dump` puts the value on a line of its own: `["key"]=>\n  string(5) "…"`. */
const VAR_DUMP = /(?:\r?\n|\\{1,8}n)[ \t]{0,32}string\(\d{1,7}\)[ \t]/y;

/** `Some("…")`, `Secret("…")`, on lines of their own too; the type and length that Go's spew prints. */
const WRAPPER =
  /(?:\(\[?\]?\w{1,16}\) \(len=\d{1,7}\) |(?:[A-Z]\w{1,24}\((?:\s|\\{1,8}n){0,64}){1,2})(?=\\{0,64}["'])/y;

/** Tags of YAML: what follows refers to the value, or holds it. */
const TAG = /!(?:Ref|Sub|GetAtt|ImportValue|Join|FindInMap|vault|secret|env|reference)(?![^\s\\])/y;

/** A value of YAML in a block of its own: `key: |-`, then lines that are indented. */
const BLOCK = /(?:![a-z]{1,16}[ \t]{1,4})?[|>][-+\d]{0,2}[ \t]{0,4}(?:\r?\n|\\{1,8}n)(?=([ \t]{1,64}))/y;
const MAX_BLOCK_LINES = 200;

function findBlock(text: string, at: number, kind: string, found: Found): number | undefined {
  BLOCK.lastIndex = at;
  const indent = BLOCK.exec(text)?.[1];
  if (indent === undefined) return undefined;
  let end = BLOCK.lastIndex;
  // Inside JSON the string's end is the last line's.
  const stops = text[end - 1] === 'n' ? '"' : '';
  for (let lines = 0; lines < MAX_BLOCK_LINES && text.startsWith(indent, end); lines++) {
    const start = end + indent.length;
    // Frames of a stack are indented too.
    if (/^[ \t]*at /.test(text.slice(start, start + 64))) break;
    end = endOfLine(text, start, stops);
    while (stops !== '' && text[end] === '"' && text[end - 1] === '\\') end--;
    if (!text.startsWith('$ANSIBLE_VAULT;', start)) found(start, end, kind);
    end += /^(?:\r?\n|\\n)/.exec(text.slice(end, end + 2))?.[0].length ?? 0;
  }
  return end;
}

/** ODBC puts a value with separators in braces: `Pwd={a;b}`. */
const BRACED = /\{[^{}"'\n:]{1,128}\}[^\s;"',&)}]{0,64}/y;

/** What a change shows behind the old value. */
const CHANGED = /\\{0,64}["'] -> (?=\\{0,64}["'])/y;

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
  if (colon && key.trust === 'strong') {
    const end = findBlock(text, at, key.kind, found);
    if (end !== undefined) return end;
    TAG.lastIndex = at;
    if (TAG.test(text)) return TAG.lastIndex;
  }
  WRAPPER.lastIndex = at;
  if (WRAPPER.test(text)) at = WRAPPER.lastIndex;

  const opener = text[at];
  BRACED.lastIndex = at;
  if (!colon && opener === '{' && key.kind === 'password' && BRACED.test(text)) {
    found(at, BRACED.lastIndex, key.kind);
    return BRACED.lastIndex;
  }
  if (opener === '[' || (opener === '{' && key.trust === 'cookie')) {
    return findInList(text, at, opener === '[' ? ']' : '}', key, last, found);
  }
  const quoted = readQuoted(text, at);
  if (key.trust === 'header') {
    const end = findInScheme(text, quoted, at, found, last);
    return end ?? after;
  }
  if (key.trust === 'cookie') return findCookie(text, quoted, at, last, found) ?? after;

  const value =
    quoted ??
    (key.place === 'text' ? readSpecial(text, at, key.kind) : undefined) ??
    readBare(text, at, key.place, last);
  if (value === undefined) return after;
  const needsLook = key.trust === 'weak' || key.trust === 'query';
  if (needsLook && !value.quoted && value.end === last.refused) return after;
  const content = text.slice(value.start, Math.min(value.end, value.start + LOOK));
  if (!isSecret(text, value, content, key, spaced || colon)) {
    if (needsLook && value.end - value.start > LOOK) last.refused = value.end;
    return after;
  }
  const { start, end } = quoted ? value : trimmed(text, value, spaced);
  const pair = key.kind === 'credential' ? passwordOfPair(content, key) : 0;
  found(start + pair, end, pair > 0 ? 'password' : key.kind);
  if (!value.quoted) return value.end;
  CHANGED.lastIndex = value.end;
  const changed = CHANGED.test(text) ? readQuoted(text, CHANGED.lastIndex) : undefined;
  if (changed === undefined) return value.end;
  found(changed.start, changed.end, key.kind);
  return changed.end;
}

/** Values that have a form of their own, blanks included. */
const SPECIAL: Readonly<Record<string, RegExp>> = {
  // `t=…,v1=…`: a signature may be a list of its own.
  signature: /[\w=,.:+/%-]{1,1024}/y,
  mnemonic: MNEMONIC_WORDS,
  passport: PASSPORT,
  'national-id': GROUPS,
  'bank-account': GROUPS,
  phone: GROUPS,
  'birth-date': DATE,
};

export function readSpecial(text: string, start: number, kind: string): ValueSpan | undefined {
  const pattern = SPECIAL[kind];
  if (pattern === undefined) return undefined;
  pattern.lastIndex = start;
  return pattern.test(text) ? { start, end: pattern.lastIndex, quoted: kind === 'mnemonic' } : undefined;
}

/** Whether the text under a key is a secret, where it stands for itself rather than in another text. */
export function isSecretText(content: string, key: SecretKey): boolean {
  const value = { start: 0, end: content.length, quoted: true };
  return isSecret(
    content,
    value,
    content.slice(0, LOOK),
    { ...key, place: 'text', shell: false, header: false, pair: false },
    false,
  );
}

function isSecret(text: string, value: ValueSpan, content: string, key: Assigned, loose: boolean): boolean {
  if (isHarmless(content)) return false;
  if (key.kind === 'session' && /^0x[\da-f]{1,16}$/i.test(content)) return false;
  if (key.trust === 'query') return key.place !== 'text' && looksGenerated(content, 12);
  if (key.kind === 'phone') return countDigits(content) >= 7 && content.length <= 32;
  if (key.kind === 'card') return countDigits(content) >= 12 && content.length <= 32;
  if (key.kind === 'card-code') return /^\d{3,12}$/.test(content);
  if (key.kind === 'passport') return isPassport(content);
  if (key.kind === 'birth-date') return content.length <= 32 && countDigits(content) >= 4;
  if (key.kind === 'bank-account')
    return /^[A-Z\d][A-Z\d -]{5,33}$/i.test(content) && countDigits(content) >= 6;
  if (key.kind === 'national-id' && key.trust === 'weak')
    return /^[A-Z\d][A-Z\d ./-]{4,24}$/i.test(content) && countDigits(content) >= 5;
  if (key.trust === 'weak')
    return (
      !content.includes('[REDACTED:') &&
      (looksGenerated(content, leastLength(key, loose && !value.quoted)) ||
        ((value.quoted || !loose) && looksStrong(content, key)) ||
        (key.kind === 'credential' && passwordOfPair(content, key) > 0))
    );
  if (value.quoted) return key.kind === 'mnemonic' || !isSentence(content);
  if (isCode(text, value)) return false;
  if (!loose || key.shell || key.place !== 'text') return true;
  return isLooseSecret(text, value, content, key);
}

/** How long a value must be that only its look makes a secret. */
function leastLength(key: Assigned, loose: boolean): number {
  if (key.place !== 'text' || key.header) return 8;
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

/** Where the password begins in `bob:hunter2`, and in `bob/hunter2` behind `user/pass`; 0 when it is no such pair. */
function passwordOfPair(content: string, key: Assigned): number {
  const at = content.search(key.pair ? /[:/]/ : /:/) + 1;
  const isUser = at > 1 && at <= 65 && /^[\w.@+-]+$/.test(content.slice(0, at - 1));
  return isUser && looksChosen(content.slice(at)) ? at : 0;
}

/** Without the punctuation that ends a sentence rather than a password. */
function trimmed(text: string, value: ValueSpan, spaced: boolean): ValueSpan {
  if (!spaced || /\S/.test(text.charAt(value.end))) return value;
  return { ...value, end: endWithout('.,;:)', text, value.start + 1, value.end) };
}

export function isPassport(content: string): boolean {
  PASSPORT.lastIndex = 0;
  return PASSPORT.test(content) && PASSPORT.lastIndex === content.length;
}

export function countDigits(content: string): number {
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

const COOKIE_VALUE = /(\\{0,64}["'])[^"'\\=;\r\n]{0,4096}\1(?=;|[ \t]{0,8}$)/my;

/** Up to the end of the line or the quote that the whole header stands in. */
function endOfHeader(text: string, start: number, last: LastBare): number {
  if (start > last.lineStart && start < last.lineEnd) return last.lineEnd;
  let end = start;
  for (;;) {
    const stop = endOfLine(text, end, '"\'');
    end = /["']/.test(text.charAt(stop)) ? endWithout('\\', text, end, stop) : stop;
    // `a="b"; c=d`: the quotes of a cookie's value do not end the header.
    COOKIE_VALUE.lastIndex = end;
    if (text[end - 1] !== '=' || !COOKIE_VALUE.test(text)) break;
    end = COOKIE_VALUE.lastIndex;
  }
  last.lineStart = start;
  last.lineEnd = end;
  return end;
}

/** Numbers in a row: the bytes of a key. */
const BYTES = /^\s{0,16}\d{1,3}(?:,\s{0,16}\d{1,3}){15,4096}\s{0,16}$/;

/** What Go prints: `Authorization:[Bearer x]`, `Password:[x]`, and bytes. */
function findInBareList(
  text: string,
  open: number,
  close: number,
  key: Assigned,
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
function findInList(
  text: string,
  open: number,
  close: string,
  key: Assigned,
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
