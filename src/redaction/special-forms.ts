import { isDigit } from './boundaries.ts';
import type { ValueSpan } from './values.ts';

/** The words of a wallet's recovery phrase (BIP 39). */
const MNEMONIC_WORDS = /(?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8}/y;
/** Letters and digits in groups, each with a digit. */
const GROUPS = /[A-Z\d]{2,24}(?:[ ./-](?=[A-Z]{0,8}\d)[A-Z\d]{1,12}){0,6}(?: [A-Z])?(?![\w:])/y;

/** A letter or two and digits, as most countries number passports; Germany's and France's mix both; nine digits. */
const PASSPORT = /(?:[A-Z]{1,2}\d{6,8}|[A-Z]\d\d[A-Z\d]{5}\d|\d\d[A-Z]{2}\d{5}|\d{9})(?![\w-]|\.\d)/y;

/** `12/05/1990`, `1990-05-12`, `12 May 1990`. */
const DATE = /\d{1,4}[ ./-]{1,2}(?:\d{1,2}|[A-Za-z]{3,9})[ ./,-]{1,2}\d{1,4}/y;

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

/** Reads the value that begins at `start`, where its kind has a form of its own. */
export function readSpecial(text: string, start: number, kind: string): ValueSpan | undefined {
  const pattern = SPECIAL[kind];
  if (pattern === undefined) return undefined;
  pattern.lastIndex = start;
  return pattern.test(text) ? { start, end: pattern.lastIndex, quoted: kind === 'mnemonic' } : undefined;
}

/** True for the number of a passport and nothing else. */
export function isPassport(content: string): boolean {
  PASSPORT.lastIndex = 0;
  return PASSPORT.test(content) && PASSPORT.lastIndex === content.length;
}

/** The digits among the first 64 characters. */
export function countDigits(content: string): number {
  let digits = 0;
  for (let at = 0; at < Math.min(content.length, 64); at++) if (isDigit(content.charCodeAt(at))) digits++;
  return digits;
}
