import { findCookie } from './cookies.ts';
import type { SecretKey } from './keys.ts';
import { findInList } from './lists.ts';
import { findInScheme } from './schemes.ts';
import { type Assigned, isSecret, LOOK, passwordOfPair } from './secret-values.ts';
import type { Detector } from './spans.ts';
import { readSpecial } from './special-forms.ts';
import { endWithout, type LastBare, readBare, readQuoted, type ValueSpan } from './values.ts';
import { findBlock } from './yaml-blocks.ts';

type Found = Parameters<Detector>[1];

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

/** PHP's `var_dump` puts the value on a line of its own: `["key"]=>\n  string(5) "…"`. */
const VAR_DUMP = /(?:\r?\n|\\{1,8}n)[ \t]{0,32}string\(\d{1,7}\)[ \t]/y;

/** `Some("…")`, `Secret("…")`, on lines of their own too; the type and length that Go's spew prints. */
const WRAPPER =
  /(?:\(\[?\]?\w{1,16}\) \(len=\d{1,7}\) |(?:[A-Z]\w{1,24}\((?:\s|\\{1,8}n){0,64}){1,2})(?=\\{0,64}["'])/y;

/** Tags of YAML: what follows refers to the value, or holds it. */
const TAG = /!(?:Ref|Sub|GetAtt|ImportValue|Join|FindInMap|vault|secret|env|reference)(?![^\s\\])/y;

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

/** Without the punctuation that ends a sentence rather than a password. */
function trimmed(text: string, value: ValueSpan, spaced: boolean): ValueSpan {
  if (!spaced || /\S/.test(text.charAt(value.end))) return value;
  return { ...value, end: endWithout('.,;:)', text, value.start + 1, value.end) };
}
