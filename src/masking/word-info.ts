import { isHost, isId, isNameShaped } from './recognise.ts';
import {
  DATE_WORDS,
  HOST_WORDS,
  NOT_A_USER,
  SECRET_KEY,
  STATUS_WORDS,
  TELLING_KEYS,
  UNITS,
} from './words.ts';

/** What is known of a word by itself, as bits. */
export const IS_HOST = 1;
export const IS_ID = 2;
/** `5 MB`: belongs to the number in front. */
export const IS_UNIT = 4;
/** `13 Dec`: belongs to the number beside it. */
export const IS_DATE = 8;
/** `status 404`: the number behind says what kind of failure it is. */
export const BEFORE_STATUS = 16;
/** The same of any number: `code 1006`. */
export const BEFORE_CODE = 32;
/** `password: x`: what follows is a secret. */
export const IS_SECRET_KEY = 64;
/** `error=x`: what follows tells what happened. */
export const IS_TELLING_KEY = 128;
/** `user alice`: a name may follow. */
export const BEFORE_USER = 256;
/** Follows `user`, but is no name. */
export const NOT_USER = 512;
/** `getaddrinfo ENOTFOUND redis`: a host follows. */
export const BEFORE_HOST = 1024;
/** `Bearer x`: a secret follows. */
export const BEFORE_TOKEN = 2048;
/** `reading 'x'`: a property of the program follows. */
export const BEFORE_PROPERTY = 4096;

/** In quotes it is a name from the program's vocabulary. */
export const IS_NAME = 8192;

/** `Cannot find module '/srv/x/src/a.js'`: a file of the program follows. */
export const BEFORE_MODULE = 16_384;

/** Log messages are written with few words; when more come, starting again is cheap. */
const MAX_WORDS = 8192;
const known = new Map<string, number>();

/** Looks a word up, or works it out once. */
export function wordInfo(word: string): number {
  const info = known.get(word);
  if (info !== undefined) return info;
  const computed = compute(word);
  if (known.size >= MAX_WORDS) known.clear();
  if (word.length <= 64) known.set(word, computed);
  return computed;
}

function startOfKey(word: string): number {
  let start = word.length;
  for (; start > 0; start--) {
    const code = word.charCodeAt(start - 1);
    if ((code < 97 || code > 122) && code !== 95 && code !== 45) break;
  }
  return start;
}

/** What whole words say, in lower case. */
const WORDS = new Map<string, number>();
const say = (words: Iterable<string>, info: number) => {
  for (const word of words) WORDS.set(word, (WORDS.get(word) ?? 0) | info);
};
say(UNITS, IS_UNIT);
say(DATE_WORDS, IS_DATE);
say(['user', 'username'], BEFORE_USER);
say(NOT_A_USER, NOT_USER);
say(['bearer'], BEFORE_TOKEN);
say(['module', 'package'], BEFORE_MODULE);

function compute(word: string): number {
  const lower = word.toLowerCase();
  /** The key at the end: `code` of `err.code`. */
  const key = lower.slice(startOfKey(lower));
  let info = WORDS.get(lower) ?? 0;
  if (isHost(word)) info |= IS_HOST;
  else if (isId(word)) info |= IS_ID;
  else if (isNameShaped(word)) info |= IS_NAME;
  if (STATUS_WORDS.has(key) || key.endsWith('status') || key.endsWith('code') || key.endsWith('errno')) {
    info |= BEFORE_STATUS;
    if (!/http|response|answered|responded|^status/.test(key)) info |= BEFORE_CODE;
  }
  if (SECRET_KEY.test(key)) info |= IS_SECRET_KEY;
  if (TELLING_KEYS.has(key)) info |= IS_TELLING_KEY;
  if (HOST_WORDS.test(word)) info |= BEFORE_HOST;
  if (/^(?:reading|setting|property|field)$/.test(word)) info |= BEFORE_PROPERTY;
  return info;
}
