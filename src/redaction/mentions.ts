import type { SecretKey } from './keys.ts';
import { findInElement, findInPair } from './pairs.ts';
import type { Detector } from './spans.ts';
import { countDigits, isPassport, readSpecial } from './special-forms.ts';
import { findInSql } from './sql.ts';
import {
  endWithout,
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
    findInElement(text, start, end, key, found) ??
    findInPair(text, start, end, name, key, found) ??
    inOption(text, start, end, name, key, found) ??
    findInSql(text, end, key, found) ??
    inProse(text, start, end, key, found)
  );
}

/** `--password …`, `-storepass …`; a following option is no value. */
function inOption(
  text: string,
  start: number,
  end: number,
  name: string,
  key: SecretKey,
  found: Found,
): number | undefined {
  // Dockerfiles set variables so, and `aws configure set …`, `npm config set …`.
  const words = text.slice(Math.max(0, start - 80), start).split(/[ \t]/);
  const verb = words.at(-2);
  const isSet = verb === 'ENV' || (verb === 'set' && /^config(?:ure)?$/.test(String(words.at(-3))));
  if ((!isSet && !name.startsWith('-')) || (text[end] !== ' ' && text[end] !== '\t')) return undefined;
  const at = text[end + 1] === ' ' ? end + 2 : end + 1;
  const value = readQuoted(text, at) ?? (text[at] === '-' ? undefined : readBare(text, at));
  if (value === undefined) return undefined;
  const content = text.slice(value.start, value.end);
  if (isHarmless(content)) return undefined;
  found(value.start, value.end, key.kind);
  return value.end;
}

const AUTH = /[ \t]{1,4}(?:(?:default|PLAIN|LOGIN|CRAM-MD5|XOAUTH2)[ \t]{1,4})?/y;

/** `AUTH …`, `AUTH PLAIN …`, `CONFIG SET requirepass …`, `PASS …`. */
export const isServerCommand = (name: string): boolean => /^(?:AUTH|PASS|requirepass|masterauth)$/.test(name);

/** Finds the password behind a command of Redis or of a mail server. */
export function findInCommand(text: string, end: number, name: string, found: Found): number | undefined {
  const start = end - name.length;
  // To a server of files or mail; a test runner says `PASS` too.
  if (name === 'PASS' && !text.slice(Math.max(0, start - 128), start).includes('USER ')) return undefined;
  AUTH.lastIndex = end;
  if (!AUTH.test(text)) return undefined;
  const value = readQuoted(text, AUTH.lastIndex) ?? readBare(text, AUTH.lastIndex);
  if (value === undefined) return undefined;
  const content = text.slice(value.start, value.end);
  if (isHarmless(content) || !(looksChosen(content) || looksGenerated(content, 8))) return undefined;
  found(value.start, value.end, 'password');
  return value.end;
}

/** Personal data whose name is enough, where its digits follow. */
const PERSONAL: ReadonlySet<string> = new Set([
  'card-code',
  'phone',
  'national-id',
  'passport',
  'bank-account',
  'birth-date',
]);

const isBetween = (count: number, least: number, most: number): boolean => count >= least && count <= most;

/** What may stand between the word and the value. */
const BETWEEN =
  /(?:[ \t]{1,2}(?:provided|supplied|received|used|given|entered|sent|submitted|value|number|n[or]\.?(?=[ \t]{1,2}[A-Z]{0,2}\d)|was|is|set to|set|of|to|for(?:[ \t](?:user|account))?[ \t](?:'[^'\n]{1,128}'|[^\s:]{1,64}))){0,3}[ \t]{0,2}[:=]?[ \t]{0,2}[([<]?/iy;
/** A parser's token, a token's kind. */
const OTHER_TOKEN = /(?:unexpected|illegal|unknown|reserved|end|next|json|string|special|syntax)[ \t]{1,2}$/i;

/** `login failed for bob with password hunter2`, `invalid API key provided: …`. */
function inProse(text: string, start: number, end: number, key: SecretKey, found: Found): number | undefined {
  const isPersonal = PERSONAL.has(key.kind);
  if (key.trust !== 'strong' && !isPersonal) return undefined;
  if (isQuote(text.charAt(start - 1)) && isQuote(text.charAt(end))) return undefined;
  if (key.kind === 'token' && OTHER_TOKEN.test(text.slice(Math.max(0, start - 16), start))) return undefined;
  if (text[end] !== ' ' && text[end] !== '\t') return undefined;
  // The name of a function in a stack.
  if (text[end + 1] === '(' && (text.startsWith('at ', start - 3) || text.startsWith('async ', start - 6))) {
    return undefined;
  }
  BETWEEN.lastIndex = end;
  if (!BETWEEN.test(text) || BETWEEN.lastIndex === end) return undefined;
  const at = BETWEEN.lastIndex;
  const value =
    readQuoted(text, at) ??
    (isPersonal || key.kind === 'mnemonic' ? readSpecial(text, at, key.kind) : undefined) ??
    sentenceEnd(text, readBare(text, at));
  if (value === undefined || value.end - value.start > 4096) return undefined;
  const content = text.slice(value.start, value.end);
  if (isHarmless(content) || (!value.quoted && (isCode(text, value) || ASSIGNMENT.test(content))))
    return undefined;
  if (key.kind === 'session' && /^0x[\da-f]{1,16}$/i.test(content)) return undefined;
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
    case 'phone':
      return /^[\d ./-]{7,20}$/.test(content) && isBetween(countDigits(content), 7, 15);
    case 'national-id':
    case 'bank-account':
      return isBetween(countDigits(content), 6, 20) && /^[A-Z\d][A-Z\d ./-]*$/.test(content);
    case 'passport':
      return isPassport(content);
    case 'birth-date':
      return isBetween(countDigits(content), 4, 8);
    case 'one-time-code':
      return /^(?:\d{3,8}|(?=[a-z-]{0,60}\d)[a-z\d]{4,10}(?:-[a-z\d]{4,10}){1,5})$/i.test(content);
    case 'card-code':
      return /^\d{3,8}$/.test(content);
    case 'mnemonic':
      return content.split(' ').length > 11;
    default:
      return looksGenerated(content, said ? 12 : 16) && !PLACE.test(content);
  }
}

/** `Token token=…`: it is found by itself. */
const ASSIGNMENT = /^[\w.-]{1,32}=[^=]/;

/** A path, a file with a line, the name of a resource: `projects/1/secrets/db`. */
const PLACE = /^[./~]|:\d{1,6}(?::\d{1,6})?$|^[a-z\d._-]{1,24}(?:\/[a-z\d._-]{1,24}){2,12}$/;

function sentenceEnd(text: string, value: ValueSpan | undefined): ValueSpan | undefined {
  if (value === undefined) return undefined;
  const end = endWithout('.,;:)]>', text, value.start, value.end);
  return end > value.start ? { ...value, end } : undefined;
}

const isQuote = (char: string): boolean => /["'`]/.test(char);
