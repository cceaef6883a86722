import { ibanEnd } from '../redaction/ibans.ts';
import { stablePath } from '../stable-path.ts';
import { behindPadding, classOf, closingQuote, endOfWord, QUOTE } from './characters.ts';
import type { MaskContext } from './context.ts';
import { isPath } from './recognise.ts';
import {
  BEFORE_MODULE,
  BEFORE_PROPERTY,
  IS_NAME,
  IS_SECRET_KEY,
  IS_TELLING_KEY,
  wordInfo,
} from './word-info.ts';

const REQUEST_LINE = /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S{1,1024} HTTP\/[\d.]+$/;
/** The property in `reading 'address1'` is a name of the program even with a digit at its end. */
const PROPERTY = /^[A-Za-z_$]{2,40}\d{0,2}$/;

/** Reads a quoted text: a name of the program stays, a value does not. Answers where it ends. */
export function maskQuoted(context: MaskContext, start: number): number {
  const { text, out } = context;
  const end = closingQuote(text, start);
  if (end < 0) return start + 1;
  const value = text.slice(start + 1, end);
  // `"GET /orders/1 HTTP/1.1"`: the method tells, the quotes do not.
  if (REQUEST_LINE.test(value)) {
    context.isAccessLog = true;
    return start + 1;
  }
  if ((out.lastInfo & BEFORE_MODULE) !== 0 && isPath(value)) {
    out.word(`'${stablePath(value)}'`, 0);
    return end + 1;
  }
  const isProperty = (out.lastInfo & BEFORE_PROPERTY) !== 0 && PROPERTY.test(value);
  if (isProperty || (wordInfo(value) & IS_NAME) !== 0) out.word(`'${value}'`, 0);
  else out.mask('quoted', value);
  return end + 1;
}

/** Reads what follows a `=`, which stands before `start`: the value of a key varies. */
export function maskValue(context: MaskContext, start: number): number {
  const { text, out } = context;
  const { gap, lastInfo } = out;
  const isGlued = gap === '' && !out.isEmpty && !out.afterMask;
  out.separator('=');
  if ((lastInfo & IS_SECRET_KEY) !== 0 && (gap === '' || gap === ' ')) return maskSecret(context, start);
  const next = text.charCodeAt(start);
  // `==`, `=>`, `a = b` are no key and its value; `error=x` tells what happened.
  if (!isGlued || next === 61 || next === 62 || next === 126 || (lastInfo & IS_TELLING_KEY) !== 0)
    return start;
  const end = endOfValue(text, start);
  const value = text.slice(start, end);
  const isEmptyValue = start === end && (start === text.length || next === 32 || next === 44 || next === 59);
  if ((start === end && !isEmptyValue) || CONSTANT.test(value)) return start;
  out.mask('value', value);
  return end;
}

const CONSTANT = /^(?:true|false|True|False|TRUE|FALSE|[A-Z][A-Z_]{2,40})$/;

function endOfValue(text: string, start: number): number {
  if (classOf(text.charCodeAt(start)) === QUOTE) return closingQuote(text, start) + 1 || start;
  const end = endOfWord(text, start);
  if (end === start + 4) return Math.max(end, ibanEnd(text, start));
  return end > start ? behindPadding(text, end) : end;
}

/** ODBC puts a value with separators in braces: `Pwd={a;b}`. */
const BRACED = /\{[^{}"'\n:]{1,128}\}/y;

function endOfBraced(text: string, start: number): number {
  BRACED.lastIndex = start;
  return BRACED.test(text) ? endOfWord(text, BRACED.lastIndex) : start;
}

/** Reads a secret: one quoted text or one word, whatever it looks like. */
export function maskSecret(context: MaskContext, from: number): number {
  const { text, out } = context;
  let start = from;
  while (text.charCodeAt(start) === 32) start++;
  if (text.startsWith('[REDACTED', start)) return from;
  const isBraced = text.charCodeAt(start) === 123 && text.charCodeAt(start - 1) === 61;
  let end = isBraced ? endOfBraced(text, start) : endOfValue(text, start);
  if (end === start) return from;
  if (start > from) out.space();
  // `Authorization: Bearer x`: the scheme is followed by the secret.
  const scheme = text.slice(start, end);
  if (text.charCodeAt(end) === 32 && /^(?:bearer|basic|digest|token)$/i.test(scheme)) {
    out.word(scheme, 0);
    if (text.startsWith('[REDACTED', end + 1)) return end;
    out.space();
    start = end + 1;
    end = behindPadding(text, endOfWord(text, start));
  }
  if (end > start) out.mask('secret', text.slice(start, end));
  return end;
}
