import { ibanEnd } from '../redaction/ibans.ts';
import { behindPadding, classOf, isApostrophe, isStop, WORD } from './characters.ts';
import type { MaskContext } from './context.ts';
import type { MaskedText } from './output.ts';
import { hasDigit, isColonAddress, isEmail, isHostBeforePort, isMediaType, isPath } from './recognise.ts';
import { maskSecret } from './values.ts';
import {
  BEFORE_CODE,
  BEFORE_HOST,
  BEFORE_STATUS,
  BEFORE_TOKEN,
  BEFORE_USER,
  IS_HOST,
  IS_ID,
  IS_SECRET_KEY,
  NOT_USER,
  wordInfo,
} from './word-info.ts';
import { REASON_WORDS } from './words.ts';

/** Shorter words are no base64 whose padding would be part of them. */
const MIN_ENCODED = 8;

/** Reads the run of characters up to a space, a quote or a separator. Answers where it ends. */
export function maskWord(context: MaskContext, start: number): number {
  const { text, out } = context;
  let end = start;
  let digit = false;
  let colon = false;
  let special = false;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (classOf(code) !== WORD) {
      if (isApostrophe(text, end)) continue;
      break;
    }
    if (code >= 97) special ||= code === 126;
    else if (code > 58) special ||= code === 64 || code === 92;
    else if (code === 58) colon = true;
    else if (code >= 48) digit = true;
    else special ||= code === 47;
  }
  let stop = end;
  while (stop > start && isStop(text.charCodeAt(stop - 1))) stop--;
  if (digit && stop - start === 4) {
    // In groups of four, some without a digit.
    const iban = ibanEnd(text, start);
    if (iban > 0) {
      out.mask('number', text.slice(start, iban));
      return iban;
    }
  }
  const word = text.slice(start, stop);
  if (colon && word.includes('://')) return maskUrl(context, start, stop);
  if (special || (colon && stop > start + 1)) maskSpecial(context, word, digit, colon, end);
  else if (digit) maskNumber(context, word, end);
  else if (stop > start) maskPlain(context, word, end);
  for (let index = stop; index < end; index++) out.separator(text.charAt(index));
  if (end - start >= MIN_ENCODED && out.afterMask && text.charCodeAt(end) === 61)
    return behindPadding(text, end);
  // `password: hunter` as well as `password=hunter`.
  const isKey = (out.lastInfo & IS_SECRET_KEY) !== 0 && stop < end && text.charCodeAt(end - 1) === 58;
  return isKey ? maskSecret(context, end) : end;
}

/** An address reaches to the next space or quote; what separates words elsewhere is part of it. */
function maskUrl({ text, out }: MaskContext, start: number, from: number): number {
  let end = from;
  while (end < text.length && !/[\s"'`<>]/.test(text.charAt(end))) end++;
  // A bracket that was opened in the address closes in it.
  const brackets = /[[({]/.test(text.slice(start, end)) ? '' : ')]}';
  while (end > from && `.,:;!?${brackets}`.includes(text.charAt(end - 1))) end--;
  out.mask('url', text.slice(start, end));
  return end;
}

/** A word with slashes, colons, at signs or the like. */
function maskSpecial(context: MaskContext, word: string, digit: boolean, colon: boolean, end: number): void {
  const { out } = context;
  // Addresses and times: digits, dots and colons alone.
  if (word === '/') out.separator(word);
  else if (digit && colon && /^\d[\d.:]*$/.test(word)) maskNumber(context, word, end);
  else if (isPath(word)) out.mask('path', word);
  else if (isMediaType(word)) out.mask('value', word);
  else if (isEmail(word)) out.mask('email', word);
  else if (digit && colon && isColonAddress(word)) out.mask('host', word);
  else if (colon) maskParts(context, word, end);
  else if (digit) maskNumber(context, word, end);
  else maskPlain(context, word, end);
}

/** `host:80`, `key:value`, `a::b`: each part by itself. */
function maskParts(context: MaskContext, word: string, end: number): void {
  const { out } = context;
  const parts = word.split(':', 32);
  for (const [index, part] of parts.entries()) {
    if (index > 0) out.separator(':');
    if (part === '') continue;
    if (hasDigit(part)) maskNumber(context, part, end);
    else if (isPath(part)) out.mask('path', part);
    else if (isHostBeforePort(part, parts[index + 1])) out.mask('host', part);
    else if (index === 1 && (out.lastInfo & IS_SECRET_KEY) !== 0) out.mask('secret', part);
    else maskPlain(context, part, end);
  }
}

function maskNumber(context: MaskContext, word: string, end: number): void {
  if (isStatus(context, word, end)) context.out.word(word, 0);
  else context.out.mask('number', word);
}

/** Statuses and codes say what kind of failure it is: `status 404`, `code 1006`, `503 Service Unavailable`. */
function isStatus({ text, out, isAccessLog }: MaskContext, word: string, end: number): boolean {
  if (word.length > 5 || isAccessLog) return false;
  const isBehind = (out.lastInfo & BEFORE_STATUS) !== 0 && /^[\s:([=#]{0,4}$/.test(out.gap);
  if (isBehind && (out.lastInfo & BEFORE_CODE) !== 0) return /^\d{1,5}$|^[0-9A-Z]{5}$/.test(word);
  if (word.length !== 3 || !/^[45]\d\d$/.test(word)) return false;
  if (isBehind) return true;
  const next = /^[\s:()[\]-]{1,3}([A-Za-z]{2,20})/.exec(text.slice(end, end + 24))?.[1];
  if (next === undefined) return false;
  return REASON_WORDS.has(next.toLowerCase()) || (out.isEmpty && next.charCodeAt(0) < 97);
}

function maskPlain({ text, out }: MaskContext, word: string, end: number): void {
  const info = wordInfo(word);
  const before = out.gap === ' ' ? out.lastInfo : 0;
  if ((info & IS_HOST) !== 0) out.mask('host', word);
  else if ((info & IS_ID) !== 0) out.mask('id', word);
  else if (isMinified(word) && MISUSED.test(text.slice(end, end + 24))) maskReceiver(out, word);
  else if ((before & (BEFORE_HOST | BEFORE_USER | BEFORE_TOKEN)) === 0) out.word(word, info);
  else if ((before & BEFORE_HOST) !== 0) out.mask('host', word);
  else if ((before & BEFORE_TOKEN) !== 0 && word.length > 6) out.mask('secret', word);
  else if (
    (before & BEFORE_USER) !== 0 &&
    (info & NOT_USER) === 0 &&
    BEHIND_NAME.test(text.slice(end, end + 16))
  ) {
    out.mask('user', word);
  } else out.word(word, info);
}

/** `n.post is not a function`: what a minifier calls a variable changes with every build. */
const isMinified = (word: string): boolean =>
  word.length <= 2 || word.charAt(1) === '.' || word.charAt(2) === '.';

function maskReceiver(out: MaskedText, word: string): void {
  const dot = word.indexOf('.');
  out.mask('minified', dot < 0 ? word : word.slice(0, dot));
  if (dot > 0) out.word(word.slice(dot), 0);
}

const MISUSED = /^ is not (?:a function|iterable|defined|a constructor|an object)/;

/** `user alice from …`, `session closed for user alice`: what follows a name. */
const BEHIND_NAME = /^\s?(?:$|[[(,;]|(?:from|by|on|at|via|with|for|in|already|has no|not found|does not)\b)/;
