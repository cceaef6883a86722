import { beginsToken, isDigit, isLetter, isWord } from './boundaries.ts';
import type { Detector } from './spans.ts';

/** Digits and what people write between them; shorter runs hold nothing that is looked for. */
const RUN = /(?:%2B|[+(]{0,2})\d(?:[\d ().\-/+]|%20){7,}/g;

/** Finds cards, phone numbers and social security numbers: in one pass, since most text has no such digits. */
export const findNumbers: Detector = (text, found) => {
  RUN.lastIndex = 0;
  for (let run = RUN.exec(text); run !== null; run = RUN.exec(text)) {
    for (const { kind, pattern, accept } of FORMS) {
      pattern.lastIndex = 0;
      for (let hit = pattern.exec(run[0]); hit !== null; hit = pattern.exec(run[0])) {
        const start = run.index + hit.index;
        const end = start + hit[0].length;
        if (stands(text, start, end) && accept(hit[0])) found(start, end, kind);
        else pattern.lastIndex = hit.index + 1;
      }
    }
  }
};

interface Form {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly accept: (match: string) => boolean;
}

const digitsBetween =
  (least: number, most: number) =>
  (match: string): boolean => {
    let digits = 0;
    for (let at = match.startsWith('%2B') ? 3 : 0; at < match.length; at++) {
      if (isDigit(match.charCodeAt(at))) digits++;
    }
    return digits >= least && digits <= most;
  };

const FORMS: readonly Form[] = [
  {
    kind: 'card',
    pattern:
      /[2456]\d{3}([ +-]?|%20)\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|35\d{2}([ +-]?|%20)\d{4}\2\d{4}\2\d{4}|3[47]\d{2}([ +-]?|%20)\d{6}\3\d{5}|3(?:0[0-5]|[689]\d)\d([ +-]?|%20)\d{6}\4\d{4}/g,
    accept: isCardNumber,
  },
  // With the country's code, however it is grouped (E.164: up to 15 digits).
  {
    kind: 'phone',
    pattern:
      /(?:\((?=\+\d{1,4}\)))?(?:\+|%2B|00(?=[1-9]))[1-9]\d{0,3}\)?(?:[ .\-/]{0,2}\(\d{1,5}\))?(?:[ .\-/]{0,3}\d{1,12}){1,7}/g,
    // `001234567890` is the number of an account.
    accept: (match) => digitsBetween(8, 17)(match) && (!match.startsWith('00') || /\D/.test(match)),
  },
  // North America, with or without the leading 1.
  {
    kind: 'phone',
    pattern: /(?:1[ .-])?(?:\([2-9]\d{2}\)[ .-]?|[2-9]\d{2}[.-])[2-9]\d{2}[ .-]\d{4}/g,
    accept: () => true,
  },
  // Elsewhere: a trunk 0 and groups.
  {
    kind: 'phone',
    pattern:
      /0[1-9](?:[ .-]\d{2}){4}|\(0[1-9]\)[ -]?\d{3,4}[ -]\d{4}|\(?0[1-9]\d{1,3}\)?[ /-]\d{3,4}[ -]?\d{3,5}(?:[ -]\d{2,4})?|8 \(\d{3}\) \d{3}-\d{2}-\d{2}/g,
    accept: digitsBetween(9, 12),
  },
  // USA: area, group and serial number are never 0.
  { kind: 'national-id', pattern: /(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}/g, accept: () => true },
];

/** True when the number is not part of a longer number, word, decimal or path. */
function stands(text: string, start: number, end: number): boolean {
  const after = text.charAt(end);
  if (isWord(text.charCodeAt(end)) || after === '/') return false;
  if ((after === '.' || after === '-') && isDigit(text.charCodeAt(end + 1))) return false;
  const before = text.charAt(start - 1);
  if (before === '_' || before === '/') return false;
  const beforeThat = text.charCodeAt(start - 2);
  if ((before === '.' || before === ',') && isDigit(beforeThat)) return false;
  // A part of an id, or a negative number.
  if (before === '-' && !isLetter(beforeThat)) return false;
  // `%B4111…`: what a card's stripe begins with.
  if (before === 'B' && text[start - 2] === '%') return true;
  return text[start] === '%' || beginsToken(text, start);
}

/** The issuers' ranges and lengths (ISO/IEC 7812). */
const ISSUERS =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}|6[02]\d{14}|81\d{14}|35(?:2[89]|[3-8]\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|(?:50|5[6-9]|6[37])\d{14})$/;
/** Longer ones exist, as do 64-bit numbers: these count only in groups. */
const LONG_ISSUERS = /^(?:4|5[06-9]|6)\d{16,18}$/;

/** True for digits that an issuer may have given out, the check digit (Luhn) included. */
function isCardNumber(match: string): boolean {
  const digits = match.replace(/%20|[ +-]/g, '');
  const isKnown = ISSUERS.test(digits) || (digits.length < match.length && LONG_ISSUERS.test(digits));
  if (!isKnown) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const weighed = index % 2 === 1 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
