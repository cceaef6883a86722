import { isWord } from './boundaries.ts';
import type { SecretKey } from './keys.ts';
import { findInScheme } from './schemes.ts';
import type { Detector } from './spans.ts';
import {
  isCode,
  isHarmless,
  isSentence,
  looksChosen,
  looksGenerated,
  readBare,
  readQuoted,
  type ValueSpan,
} from './values.ts';

type Found = Parameters<Detector>[1];

/**
 * Finds a secret that is mentioned rather than assigned: an option of a command line, SQL, XML, a pair of name
 * and value, prose. Undefined when there is none; else where to go on.
 */
export function findMentioned(
  text: string,
  start: number,
  end: number,
  name: string,
  key: SecretKey,
  found: Found,
): number | undefined {
  if (key.trust === 'query') return undefined;
  return (
    inElement(text, start, end, key, found) ??
    inPair(text, start, end, name, key, found) ??
    inOption(text, end, name, key, found) ??
    inSql(text, end, key, found) ??
    inProse(text, start, end, key, found)
  );
}

const TAG_END = /[^<>\n]{0,200}>(?:\s{0,8}<!\[CDATA\[)?/y;
const ESCAPED_TAG_END = /(?:(?!&[lg]t;)[^<>\n]){0,200}&gt;/y;

/** `<Password Type="…">…</Password>`. */
function inElement(
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
  const content = text.slice(from, from + length);
  const secret = !isHarmless(content) && !isSentence(content);
  if (secret && (key.trust !== 'weak' || looksGenerated(content.trim(), 4)))
    found(from, from + length, key.kind);
  return from + length;
}

const PAIR =
  /\\{0,64}["'`]\s{0,4}[,;]?\s{0,16}\\{0,64}["'`]?(?:value|val|content|data|text)\\{0,64}["'`]?\s{0,4}[:=]\s{0,4}/iy;
const LISTED = /\\{0,64}["'`]\s{0,4},\s{0,16}(?=\\{0,64}["'`])/y;

/** `{"name": "DB_PASSWORD", "value": "…"}`, `["Authorization", "Bearer …"]`, `key="ApiKey" value="…"`. */
function inPair(
  text: string,
  start: number,
  end: number,
  name: string,
  key: SecretKey,
  found: Found,
): number | undefined {
  if (!'"\'`'.includes(text[start - 1] ?? ' ')) return undefined;
  PAIR.lastIndex = end;
  const paired = PAIR.test(text);
  if (!paired) {
    LISTED.lastIndex = end;
    const isHeader = key.trust === 'header' || key.trust === 'cookie' || name.includes('-');
    if (!isHeader || !LISTED.test(text)) return undefined;
  }
  const at = paired ? PAIR.lastIndex : LISTED.lastIndex;
  const value = readQuoted(text, at);
  if (value === undefined) return undefined;
  if (key.trust === 'header') return findInScheme(text, value, at, found);
  const content = text.slice(value.start, value.end);
  if (isHarmless(content) || isSentence(content)) return undefined;
  if (key.trust === 'weak' && !looksGenerated(content, 4)) return undefined;
  if (!paired && key.trust !== 'cookie' && !looksGenerated(content, 8)) return undefined;
  found(value.start, value.end, key.kind);
  return value.end;
}

/** `--password …`, `-storepass …`; a following option is no value. */
function inOption(text: string, end: number, name: string, key: SecretKey, found: Found): number | undefined {
  if (!name.startsWith('-') || (text[end] !== ' ' && text[end] !== '\t')) return undefined;
  const at = text[end + 1] === ' ' ? end + 2 : end + 1;
  const value = readQuoted(text, at) ?? (text[at] === '-' ? undefined : readBare(text, at, false));
  if (value === undefined) return undefined;
  const content = text.slice(value.start, value.end);
  if (isHarmless(content)) return undefined;
  found(value.start, value.end, key.kind);
  return value.end;
}

const SQL = /[ \t]{1,4}(?:=[ \t]{0,4})?(?:by[ \t]{1,4})?(?=['"])|\((?=['"])/iy;

/** `ALTER USER app WITH PASSWORD '…'`, `PASSWORD('…')`. */
function inSql(text: string, end: number, key: SecretKey, found: Found): number | undefined {
  if (key.kind !== 'password') return undefined;
  SQL.lastIndex = end;
  if (!SQL.test(text)) return undefined;
  return quotedSecret(text, SQL.lastIndex, key.kind, found);
}

const BY =
  /[ \t]{1,4}(?:with[ \t]{1,4}['"`]?\w{1,64}['"`]?[ \t]{1,4})?(?:by|as)[ \t]{1,4}(?:password[ \t]{1,4})?/iy;

/** `CREATE USER app IDENTIFIED BY '…'`. */
export function findIdentifiedBy(text: string, end: number, found: Found): number | undefined {
  BY.lastIndex = end;
  return BY.test(text) ? quotedSecret(text, BY.lastIndex, 'password', found) : undefined;
}

function quotedSecret(text: string, at: number, kind: string, found: Found): number | undefined {
  const value = readQuoted(text, at);
  if (value === undefined) return undefined;
  const content = text.slice(value.start, value.end);
  if (isHarmless(content) || isSentence(content) || content.includes('\n')) return undefined;
  found(value.start, value.end, kind);
  return value.end;
}

/** What may stand between the word and the value. */
const BETWEEN =
  /(?:[ \t]{1,2}(?:provided|supplied|received|used|given|entered|sent|submitted|value|was|is|set to|set|of|to|for(?:[ \t](?:user|account))?[ \t][^\s:]{1,64})){0,3}[ \t]{0,2}[:=]?[ \t]{0,2}[([<]?/iy;
/** A parser's token, a token's kind. */
const OTHER_TOKEN = /(?:unexpected|illegal|unknown|reserved|end|next|json|string|special|syntax)[ \t]{1,2}$/i;

/** `login failed for bob with password hunter2`, `invalid API key provided: …`. */
function inProse(text: string, start: number, end: number, key: SecretKey, found: Found): number | undefined {
  if (key.trust !== 'strong' && key.kind !== 'card-code') return undefined;
  if (isQuote(text[start - 1]) && isQuote(text[end])) return undefined;
  if (key.kind === 'token' && OTHER_TOKEN.test(text.slice(Math.max(0, start - 16), start))) return undefined;
  if (text[end] !== ' ' && text[end] !== '\t') return undefined;
  // The name of a function in a stack.
  if (text[end + 1] === '(' && (text.startsWith('at ', start - 3) || text.startsWith('async ', start - 6))) {
    return undefined;
  }
  BETWEEN.lastIndex = end;
  if (!BETWEEN.test(text) || BETWEEN.lastIndex === end) return undefined;
  const at = BETWEEN.lastIndex;
  const value = readQuoted(text, at) ?? sentenceEnd(text, readBare(text, at, false));
  if (value === undefined || value.end - value.start > 4096) return undefined;
  const content = text.slice(value.start, value.end);
  if (isHarmless(content) || (!value.quoted && isCode(text, value))) return undefined;
  const between = text.slice(end, at);
  if (!isProseSecret(content, value, key, between)) return undefined;
  found(value.start, value.end, key.kind);
  return value.end;
}

function isProseSecret(content: string, value: ValueSpan, key: SecretKey, between: string): boolean {
  const said = /\b(?:is|was|to|provided|supplied|received|used|given|entered|sent)\b|[:=]/i.test(between);
  switch (key.kind) {
    case 'password':
      if (value.quoted)
        return said && !isSentence(content) && content.length <= 128 && !/\s{2}|\n/.test(content);
      return looksChosen(content);
    case 'one-time-code':
    case 'card-code':
      return /^\d{3,8}$/.test(content);
    default:
      return looksGenerated(content, said ? 12 : 16) && !/^[./~]|:\d{1,6}(?::\d{1,6})?$/.test(content);
  }
}

function sentenceEnd(text: string, value: ValueSpan | undefined): ValueSpan | undefined {
  if (value === undefined) return undefined;
  let { end } = value;
  while (end > value.start && '.,;:)]>'.includes(text[end - 1] ?? ' ')) end--;
  return end > value.start ? { ...value, end } : undefined;
}

const isQuote = (char: string | undefined): boolean => char === '"' || char === "'" || char === '`';
