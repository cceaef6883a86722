import { looksRandom } from './masking/gibberish.ts';
import { endOfBraces, readKeys } from './masking/structures.ts';
import {
  DATE_WORDS,
  HOST_ENDINGS,
  PACKAGE_STARTS,
  REASON_WORDS,
  SECRET_KEY,
  STATUS_WORDS,
  TELLING_KEYS,
  UNITS,
} from './masking/words.ts';

/** Stands for what was masked. */
export const MASK = '<*>';

/** Characters of one text that are read; messages longer than this are dumps. */
const MAX_LENGTH = 4096;
/** Words of the masked text that are kept. */
const MAX_WORDS = 64;

/** Why a piece of text was masked. */
export type MaskRule =
  | 'redacted'
  | 'number'
  | 'url'
  | 'path'
  | 'email'
  | 'host'
  | 'id'
  | 'quoted'
  | 'value'
  | 'secret'
  | 'structure'
  | 'date'
  | 'unit'
  | 'minified'
  | 'user';

/** One masked piece, for explanations. */
export interface MaskNote {
  readonly rule: MaskRule;
  readonly text: string;
}

/** Character classes of the scanner. */
const SPACE = 1;
const QUOTE = 2;
const SEPARATOR = 3;
const WORD = 0;
const classOf = new Uint8Array(128);
for (const character of ' \t\n\r\f\v') classOf[character.charCodeAt(0)] = SPACE;
for (const character of '"\'`') classOf[character.charCodeAt(0)] = QUOTE;
for (const character of ',;()[]{}<>=|') classOf[character.charCodeAt(0)] = SEPARATOR;

const charClass = (code: number): number =>
  code < 128 ? (classOf[code] as number) : code === 0xa0 || code === 0x2028 ? SPACE : WORD;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);

/**
 * Replaces what differs between two occurrences of the same message (ids, numbers, addresses, paths, times,
 * values) by {@link MASK}, and leaves what tells one message from another.
 *
 * Whole words that hold a digit are masked, not the digits: `order-12ab` and `order-9` are one. Neighbouring
 * masks become one, so the length of a list does not count. A placeholder of the redaction is a mask. Reads at
 * most 4096 characters, each a bounded number of times.
 *
 * @param notes - Receives what was masked, in order.
 */
export function maskText(text: string, notes?: MaskNote[]): string {
  return new Masker(text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text, notes).run();
}

class Masker {
  readonly #text: string;
  readonly #notes: MaskNote[] | undefined;
  #at = 0;
  #out = '';
  /** Separators since the last word, not yet written: they vanish when two masks meet. */
  #gap = '';
  #afterMask = false;
  /** Closing brackets that belong to an opening one which vanished. */
  #unopened = 0;
  #words = 0;
  #lastWord = '';
  /** One attempt at a brace that is never closed is enough for the whole text. */
  #bracesClose = true;

  constructor(text: string, notes: MaskNote[] | undefined) {
    this.#text = text;
    this.#notes = notes;
  }

  run(): string {
    const text = this.#text;
    while (this.#at < text.length && this.#words < MAX_WORDS) {
      const code = text.charCodeAt(this.#at);
      switch (charClass(code)) {
        case SPACE:
          this.#at++;
          if (!this.#gap.endsWith(' ')) this.#gap += ' ';
          break;
        case QUOTE:
          this.#quote(code);
          break;
        case SEPARATOR:
          this.#separator(code);
          break;
        default:
          this.#chunk();
      }
    }
    return (this.#out + this.#gap).trim();
  }

  #word(word: string): void {
    this.#out += this.#gap + word;
    this.#gap = '';
    this.#afterMask = false;
    this.#unopened = 0;
    this.#words++;
    this.#lastWord = word;
  }

  #mask(rule: MaskRule, text: string): void {
    this.#notes?.push({ rule, text });
    if (this.#afterMask && BETWEEN_MASKS.test(this.#gap)) {
      if (/[([{<]$/.test(this.#gap)) this.#unopened++;
      this.#gap = '';
      return;
    }
    this.#dropDateWord();
    this.#out += this.#gap + MASK;
    this.#gap = '';
    this.#afterMask = true;
    this.#unopened = 0;
    this.#words++;
  }

  /** `13 Dec 2023`, `Wed, 13 Dec`: the word in front belongs to the number. */
  #dropDateWord(): void {
    if (this.#lastWord === '' || this.#gap.length > 2 || !DATE_WORDS.has(this.#lastWord.toLowerCase()))
      return;
    if (!this.#out.endsWith(this.#lastWord)) return;
    this.#out = this.#out.slice(0, -this.#lastWord.length);
    this.#notes?.push({ rule: 'date', text: this.#lastWord });
    const before = /[\s,]+$/.exec(this.#out)?.[0] ?? '';
    this.#out = this.#out.slice(0, this.#out.length - before.length);
    this.#lastWord = /[A-Za-z]*$/.exec(this.#out)?.[0] ?? '';
    this.#gap = before;
    this.#dropDateWord();
    if (this.#out.endsWith(MASK)) {
      this.#out = this.#out.slice(0, -MASK.length);
      this.#gap = '';
    }
  }

  #separator(code: number): void {
    const text = this.#text;
    if (code === 91 && text.startsWith('[REDACTED', this.#at)) return this.#redacted();
    if ((code === 91 || code === 123) && this.#structure(code)) return;
    const character = text.charAt(this.#at++);
    if (code === 61) return this.#equals();
    if (this.#unopened > 0 && (code === 41 || code === 93 || code === 125 || code === 62)) {
      this.#unopened--;
      return;
    }
    this.#gap += character;
  }

  /** `[REDACTED:kind]`, whatever is glued to it included: the secret was all of it. */
  #redacted(): void {
    const start = this.#at;
    const end = this.#text.indexOf(']', start);
    this.#at = end < 0 || end - start > 80 ? start + 9 : end + 1;
    while (this.#at < this.#text.length && charClass(this.#text.charCodeAt(this.#at)) === WORD) this.#at++;
    this.#mask('redacted', this.#text.slice(start, this.#at));
  }

  /** JSON and `util.inspect`: what was dumped varies, its keys do not. */
  #structure(code: number): boolean {
    if (!this.#bracesClose) return false;
    const text = this.#text;
    const start = this.#at;
    if (
      code === 91
        ? !/^\[\s?["'{[\d]/.test(text.slice(start, start + 3))
        : !OBJECT_START.test(text.slice(start, start + 80))
    ) {
      return false;
    }
    const end = endOfBraces(text, start);
    if (end < 0) {
      this.#bracesClose = false;
      return false;
    }
    this.#at = end;
    const keys = code === 123 ? readKeys(text.slice(start, end)) : [];
    if (keys.length === 0) this.#mask('structure', text.slice(start, end));
    else {
      this.#notes?.push({ rule: 'structure', text: text.slice(start, end) });
      const parts = keys.map(({ key, value }) => {
        const name = hasDigit(key) ? MASK : key;
        return value === undefined ? name : `${name}:${maskText(value)}`;
      });
      this.#word(`{${[...new Set(parts)].join()}}`);
    }
    return true;
  }

  /** After `=`: the value of a key varies. */
  #equals(): void {
    const text = this.#text;
    const next = text.charCodeAt(this.#at);
    const glued = this.#gap === '' && this.#out !== '' && !this.#afterMask;
    const gap = this.#gap;
    this.#gap += '=';
    // `==`, `=>`, `a = b`, `<=`: not a key and its value.
    if (!glued || next === 61 || next === 62 || next === 126 || /[!<>=]$/.test(gap)) {
      if (!glued && gap === ' ' && next === 32 && SECRET_KEY.test(this.#lastWord)) this.#secretValue();
      return;
    }
    const key = keyOf(this.#lastWord);
    if (SECRET_KEY.test(key)) return this.#secretValue();
    if (TELLING_KEYS.has(key.toLowerCase())) return;
    const start = this.#at;
    if (charClass(next) === QUOTE) {
      const end = closingQuote(text, start, next);
      if (end < 0) return;
      this.#at = end + 1;
      return this.#mask('value', text.slice(start, end + 1));
    }
    let end = start;
    while (end < text.length && charClass(text.charCodeAt(end)) === WORD) end++;
    const value = text.slice(start, end);
    if (value === '' && this.#at < text.length && next !== 32 && next !== 44 && next !== 59) return;
    if (/^(?:true|false)$/i.test(value) || /^[A-Z][A-Z_]{2,40}$/.test(value)) return;
    this.#at = end;
    this.#mask('value', value);
  }

  /** The rest of a secret: one quoted text or one word, whatever it looks like. */
  #secretValue(): void {
    const text = this.#text;
    let start = this.#at;
    while (text.charCodeAt(start) === 32) start++;
    if (text.startsWith('[REDACTED', start)) return;
    const quote = text.charCodeAt(start);
    let end = charClass(quote) === QUOTE ? closingQuote(text, start, quote) + 1 : 0;
    if (end <= 0) {
      end = start;
      while (end < text.length && charClass(text.charCodeAt(end)) === WORD) end++;
    }
    if (end === start) return;
    this.#at = end;
    if (start > this.#at - (end - start) && !this.#gap.endsWith(' ')) this.#gap += '';
    this.#mask('secret', text.slice(start, end));
  }

  #quote(code: number): void {
    const text = this.#text;
    const start = this.#at;
    const before = start === 0 ? SPACE : charClass(text.charCodeAt(start - 1));
    // An apostrophe: `can't`, `users' carts`.
    if (before === WORD && this.#gap === '') {
      this.#at++;
      if (code === 39) this.#out += "'";
      return;
    }
    const end = closingQuote(text, start, code);
    if (end < 0) {
      this.#at++;
      return;
    }
    this.#at = end + 1;
    const value = text.slice(start + 1, end);
    if (value.trim() === '') this.#mask('quoted', value);
    else if (isName(value) || isReadProperty(value, this.#lastWord)) this.#word(`'${value}'`);
    else this.#mask('quoted', value);
  }

  /** A run of characters up to a space, a quote or a separator. */
  #chunk(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start;
    let digit = false;
    let colon = false;
    let special = false;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      const kind = charClass(code);
      if (kind !== WORD) {
        // `can't`, `user's`: an apostrophe inside a word.
        if (code === 39 && isLetter(text.charCodeAt(end + 1)) && isLetter(text.charCodeAt(end - 1))) continue;
        break;
      }
      if (isDigit(code)) digit = true;
      else if (code === 58) colon = true;
      else if (code === 47 || code === 64 || code === 92 || code === 46 || code === 126) special = true;
    }
    this.#at = end;
    let stop = end;
    while (stop > start && isTrailing(text.charCodeAt(stop - 1))) stop--;
    if (stop === start) stop = end;
    const chunk = text.slice(start, stop);
    if (digit || colon || special) this.#special(chunk, digit, colon, end);
    else this.#plain(chunk);
    if (stop < end) this.#gap += text.slice(stop, end);
    if (text.startsWith('[REDACTED', end) && stop === end) this.#redactedRest();
  }

  /** `sk-[REDACTED:key]`: what stands in front of the placeholder is part of the secret's word. */
  #redactedRest(): void {
    if (this.#afterMask || this.#lastWord === '' || !this.#out.endsWith(this.#lastWord)) return;
    if (/[:/]$/.test(this.#gap)) return;
    this.#out = this.#out.slice(0, -this.#lastWord.length);
    this.#lastWord = '';
  }

  #special(chunk: string, digit: boolean, colon: boolean, end: number): void {
    if (chunk.includes('://')) return this.#mask('url', chunk);
    if (isPath(chunk)) return this.#mask('path', chunk);
    const at = chunk.indexOf('@');
    if (at > 0 && chunk.indexOf('.', at) > at) return this.#mask('email', chunk);
    if (!colon) return digit ? this.#digits(chunk, end) : this.#plain(chunk);
    const parts = chunk.split(':', 32);
    for (const [index, part] of parts.entries()) {
      if (index > 0) this.#gap += ':';
      if (part === '') continue;
      if (hasDigit(part)) this.#digits(part, end);
      else if (isPath(part)) this.#mask('path', part);
      else if (isHostPart(part, parts[index + 1])) this.#mask('host', part);
      else this.#plain(part);
      if (index === 0 && parts.length > 1 && SECRET_KEY.test(part) && parts[1] !== '') {
        this.#gap += ':';
        return this.#mask('secret', parts.slice(1).join(':'));
      }
    }
  }

  #digits(chunk: string, end: number): void {
    if (this.#isStatus(chunk, end)) this.#word(chunk);
    else this.#mask('number', chunk);
  }

  /** Statuses and codes say what kind of failure it is: `status 404`, `code 1006`, `503 Service Unavailable`. */
  #isStatus(chunk: string, end: number): boolean {
    if (!/^\d{1,5}$/.test(chunk)) return false;
    const isHttpError = /^[45]\d\d$/.test(chunk);
    if (!this.#afterMask && /^[\s:([=#]{0,4}$/.test(this.#gap)) {
      const key = keyOf(this.#lastWord).toLowerCase();
      if (STATUS_WORDS.has(key) || STATUS_ENDING.test(key))
        return isHttpError || !/http|response|answered|responded|^status/.test(key);
    }
    if (!isHttpError) return false;
    const next = /^[\s:()[\]-]{1,3}([A-Za-z]{2,20})/.exec(this.#text.slice(end, end + 24))?.[1];
    if (next === undefined) return false;
    return REASON_WORDS.has(next.toLowerCase()) || (this.#words === 0 && next.charCodeAt(0) < 97);
  }

  #plain(word: string): void {
    const lower = word.length <= 12 ? word.toLowerCase() : word;
    if (
      this.#afterMask &&
      this.#gap.length <= 1 &&
      (UNITS.has(lower) || (this.#gap.length === 1 && DATE_WORDS.has(lower)))
    ) {
      this.#notes?.push({ rule: 'unit', text: word });
      this.#gap = '';
      return;
    }
    if (isHost(word)) return this.#mask('host', word);
    if (isId(word)) return this.#mask('id', word);
    this.#word(word);
  }
}

/** What may stand between two masks that become one. */
const BETWEEN_MASKS = /^[\s,:;./|#+\-x×=~&]*[([{<]?$/;
const OBJECT_START = /^\{\s{0,2}(?:["'][^"'\n]{0,64}["']|[A-Za-z_$][\w$]{0,64})\s?:/;
const STATUS_ENDING = /(?:status|code|errno)$/;

const isTrailing = (code: number): boolean =>
  code === 46 || code === 58 || code === 33 || code === 63 || code === 8230;

const keyOf = (word: string): string => /[A-Za-z_-]*$/.exec(word.slice(-40))?.[0] ?? '';

function hasDigit(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (isDigit(text.charCodeAt(index))) return true;
  }
  return false;
}

/** The end of a quoted text on the same line, at most 300 characters on; -1 when the quote is not closed. */
function closingQuote(text: string, start: number, code: number): number {
  const limit = Math.min(text.length, start + 300);
  for (let index = start + 1; index < limit; index++) {
    const other = text.charCodeAt(index);
    if (other === 10) return -1;
    // Ruby and old GNU tools open with a backtick and close with an apostrophe.
    if (other !== code && !(code === 96 && other === 39)) continue;
    const after = index + 1 < text.length ? text.charCodeAt(index + 1) : 32;
    if (charClass(after) !== WORD || isTrailing(after) || after === 45 || after === 47 || after === 58)
      return index;
    if (code !== 39) return index;
  }
  return -1;
}

/** A name from the program's own vocabulary, such as a column, a field or a module. */
function isName(value: string): boolean {
  if (value.length > 64 || !/^(?:\.{0,2}\/)?[@A-Za-z_$][A-Za-z_$.\-/:@#?!()<>*]*$/.test(value)) return false;
  if (value.startsWith('/')) return false;
  return !isHost(value) && !isId(value);
}

/** The property in `reading 'address1'` is a name of the program even with a digit at its end. */
const isReadProperty = (value: string, lastWord: string): boolean =>
  /^(?:reading|setting|property|field)$/.test(lastWord) && /^[A-Za-z_$]{2,40}\d{0,2}$/.test(value);

function isPath(chunk: string): boolean {
  const first = chunk.charCodeAt(0);
  if (first === 47) return chunk.length > 1 && !/^\/+$/.test(chunk);
  if (first === 126) return chunk.charCodeAt(1) === 47;
  if (first === 92) return chunk.startsWith('\\\\') && chunk.length > 3;
  return isLetter(first) && /^[A-Za-z]:[\\/]/.test(chunk.slice(0, 3));
}

/** `db.internal`, `api.example.com`. */
function isHost(word: string): boolean {
  const dot = word.lastIndexOf('.');
  if (dot <= 0 || dot === word.length - 1) return word === 'localhost';
  if (!/^[a-z][a-z.-]*$/.test(word) || !HOST_ENDINGS.has(word.slice(dot + 1))) return false;
  const first = word.slice(0, word.indexOf('.'));
  return !(PACKAGE_STARTS.has(first) && word.indexOf('.') !== dot);
}

/** `redis:6379`, `proxy.local:80`: a name in front of a port. */
const isHostPart = (part: string, next: string | undefined): boolean =>
  next !== undefined && /^\d{2,5}$/.test(next) && /^[a-z][a-z.-]*\.[a-z.-]+$|^localhost$/.test(part);

/** Ids without a digit: long hex, and words that no one would write. */
function isId(word: string): boolean {
  if (word.length < 5) return false;
  if (word.length >= 8 && /^[a-f]+$|^[A-F]+$/.test(word)) return true;
  if (word.includes('****')) return true;
  let start = 0;
  for (let index = 0; index <= word.length; index++) {
    if (index < word.length && isLetter(word.charCodeAt(index))) continue;
    if (index - start >= 5 && looksRandom(word, start, index)) return true;
    start = index + 1;
  }
  return false;
}
