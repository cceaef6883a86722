import { type MaskNote, MaskedText } from './masking/output.ts';
import {
  hasDigit,
  isColonAddress,
  isDigit,
  isHostBeforePort,
  isLetter,
  isMediaType,
  isPath,
} from './masking/recognise.ts';
import { endOfBraces, readKeys, startsObject } from './masking/structures.ts';
import {
  BEFORE_CODE,
  BEFORE_HOST,
  BEFORE_PROPERTY,
  BEFORE_STATUS,
  BEFORE_TOKEN,
  BEFORE_USER,
  IS_HOST,
  IS_ID,
  IS_NAME,
  IS_SECRET_KEY,
  IS_TELLING_KEY,
  NOT_USER,
  wordInfo,
} from './masking/word-info.ts';
import { REASON_WORDS } from './masking/words.ts';

/** Characters of one text that are read; longer messages are dumps. */
const MAX_LENGTH = 4096;

/** Character classes of the scanner. */
const WORD = 0;
const SPACE = 1;
const QUOTE = 2;
const SEPARATOR = 3;
const classOf = new Uint8Array(128);
for (const character of ' \t\n\r\f\v') classOf[character.charCodeAt(0)] = SPACE;
for (const character of '"\'`') classOf[character.charCodeAt(0)] = QUOTE;
for (const character of ',;()[]{}<>=|') classOf[character.charCodeAt(0)] = SEPARATOR;

const charClass = (code: number): number =>
  code < 128 ? (classOf[code] as number) : code === 0xa0 || code === 0x2028 ? SPACE : WORD;

/**
 * Replaces what differs between two occurrences of the same message (ids, numbers, addresses, paths, times,
 * values) by `<*>`, and leaves what tells one message from another.
 *
 * Whole words that hold a digit are masked, not the digits: `order-12ab` and `order-9` are one. Neighbouring
 * masks become one, so the length of a list does not count. A placeholder of the redaction is a mask. Reads at
 * most 4096 characters, each a bounded number of times.
 *
 * @param notes - Receives what was masked, in order.
 */
export function maskText(text: string, notes?: MaskNote[]): string {
  return new Scanner(text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text, notes).run();
}

class Scanner {
  readonly #text: string;
  readonly #out: MaskedText;
  #at = 0;
  /** One attempt at a brace that is never closed is enough for the whole text. */
  #bracesClose = true;
  /** In a line of an access log the status is a measurement, and the line one template. */
  #isAccessLog = false;

  constructor(text: string, notes: MaskNote[] | undefined) {
    this.#text = text;
    this.#out = new MaskedText(notes);
  }

  run(): string {
    const text = this.#text;
    while (this.#at < text.length && !this.#out.full) {
      const code = text.charCodeAt(this.#at);
      const kind = charClass(code);
      if (kind === WORD) this.#chunk();
      else if (kind === SPACE) {
        this.#at++;
        this.#out.space();
      } else if (kind === QUOTE) this.#quote(code);
      else this.#separator(code);
    }
    return this.#out.toString();
  }

  #separator(code: number): void {
    const text = this.#text;
    if (code === 91 && text.startsWith('[REDACTED', this.#at)) return this.#redacted();
    if ((code === 91 || code === 123) && this.#structure(code)) return;
    this.#at++;
    if (code === 61) return this.#equals();
    // `<1 sec`, `>80%`: the sign belongs to the number.
    if ((code === 60 || code === 62) && isDigit(text.charCodeAt(this.#at)) && !(text.charCodeAt(this.#at - 2) > 32)) return;
    this.#out.separator(text.charAt(this.#at - 1));
  }

  /** `[REDACTED:kind]`, and whatever is glued to it: the secret was all of it. */
  #redacted(): void {
    const text = this.#text;
    const start = this.#at;
    const close = text.indexOf(']', start);
    let end = this.#endOfWord(close < 0 || close - start > 80 ? start + 9 : close + 1);
    while (isTrailing(text.charCodeAt(end - 1))) end--;
    this.#at = end;
    this.#out.dropGlued();
    this.#out.mask('redacted', text.slice(start, end));
  }

  /** JSON and `util.inspect`: what was dumped varies, its keys do not. */
  #structure(code: number): boolean {
    const text = this.#text;
    const start = this.#at;
    if (!this.#bracesClose) return false;
    if (code === 91 ? !/^\[\s?["'{]/.test(text.slice(start, start + 3)) : !startsObject(text, start)) return false;
    const end = endOfBraces(text, start);
    if (end < 0) {
      this.#bracesClose = false;
      return false;
    }
    this.#at = end;
    const keys = code === 123 ? readKeys(text.slice(start, end)) : [];
    if (keys.length === 0) {
      this.#out.mask('structure', text.slice(start, end));
      return true;
    }
    this.#out.note('structure', text.slice(start, end));
    const parts = keys.map(({ key, value }) => {
      const name = hasDigit(key) ? '<*>' : key;
      return value === undefined ? name : `${name}:${maskText(value)}`;
    });
    this.#out.word(`{${[...new Set(parts)].join()}}`, 0);
    return true;
  }

  /** After `=`: the value of a key varies. */
  #equals(): void {
    const text = this.#text;
    const out = this.#out;
    const next = text.charCodeAt(this.#at);
    const { gap } = out;
    const glued = gap === '' && !out.isEmpty && !out.afterMask;
    out.separator('=');
    if ((out.lastInfo & IS_SECRET_KEY) !== 0 && (gap === '' || gap === ' ')) return this.#secretValue();
    // `==`, `=>`, `a = b`: no key and its value.
    if (!glued || next === 61 || next === 62 || next === 126) return;
    if ((out.lastInfo & IS_TELLING_KEY) !== 0) return;
    const start = this.#at;
    if (charClass(next) === QUOTE) {
      const end = closingQuote(text, start, next);
      if (end < 0) return;
      this.#at = end + 1;
      return out.mask('value', text.slice(start, end + 1));
    }
    let end = this.#endOfWord(start);
    // Base64 ends in the character that separates.
    if (end > start) while (text.charCodeAt(end) === 61) end++;
    const value = text.slice(start, end);
    if (value === '' && start < text.length && next !== 32 && next !== 44 && next !== 59) return;
    if (/^(?:true|false)$/i.test(value) || /^[A-Z][A-Z_]{2,40}$/.test(value)) return;
    this.#at = end;
    out.mask('value', value);
  }

  /** A secret is one quoted text or one word, whatever it looks like. */
  #secretValue(): void {
    const text = this.#text;
    let start = this.#at;
    while (text.charCodeAt(start) === 32) start++;
    if (text.startsWith('[REDACTED', start)) return;
    const quote = text.charCodeAt(start);
    const quoted = charClass(quote) === QUOTE ? closingQuote(text, start, quote) + 1 : 0;
    let end = quoted > 0 ? quoted : this.#endOfWord(start);
    if (end === start) return;
    // `Authorization: Bearer x`: the scheme is followed by the secret.
    if (text.charCodeAt(end) === 32 && /^(?:bearer|basic|digest|token)$/i.test(text.slice(start, end))) {
      if (text.startsWith('[REDACTED', end + 1)) return;
      end = this.#endOfWord(end + 1);
    }
    if (start > this.#at) this.#out.space();
    this.#at = end;
    this.#out.mask('secret', text.slice(start, end));
  }

  #quote(code: number): void {
    const text = this.#text;
    const out = this.#out;
    const start = this.#at;
    const end = closingQuote(text, start, code);
    if (end < 0) {
      this.#at++;
      return;
    }
    const value = text.slice(start + 1, end);
    // `"GET /orders/1 HTTP/1.1"`: the method tells, the quotes do not.
    if (REQUEST_LINE.test(value)) {
      this.#isAccessLog = true;
      this.#at++;
      return;
    }
    this.#at = end + 1;
    if ((wordInfo(value) & IS_NAME) !== 0 || ((out.lastInfo & BEFORE_PROPERTY) !== 0 && isProperty(value))) out.word(`'${value}'`, 0);
    else out.mask('quoted', value);
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
      if (code < 128 && classOf[code] !== WORD) {
        // `can't`: an apostrophe inside a word.
        if (code === 39 && isLetter(text.charCodeAt(end + 1)) && isLetter(text.charCodeAt(end - 1))) continue;
        break;
      }
      if (code >= 97) special ||= code === 126 || code === 0xa0 || code === 0x2028;
      else if (code <= 58) {
        if (code >= 48) {
          if (code === 58) colon = true;
          else digit = true;
        } else special ||= code === 47;
      } else special ||= code === 64 || code === 92;
    }
    this.#at = end;
    let stop = end;
    while (stop > start && isTrailing(text.charCodeAt(stop - 1))) stop--;
    const chunk = text.slice(start, stop);
    if (special || (colon && stop > start + 1)) this.#special(chunk, digit, colon, end);
    else if (digit) this.#digits(chunk, end);
    else if (stop > start) this.#plain(chunk, end);
    for (let index = stop; index < end; index++) this.#out.separator(text.charAt(index));
    // `password: hunter` as well as `password=hunter`.
    if (stop < end && (this.#out.lastInfo & IS_SECRET_KEY) !== 0 && text.charCodeAt(end - 1) === 58) this.#secretValue();
  }

  #special(chunk: string, digit: boolean, colon: boolean, end: number): void {
    const out = this.#out;
    // Addresses and times: digits, dots and colons alone.
    if (digit && colon && /^[\d.:]+$/.test(chunk) && chunk.charCodeAt(0) !== 58) return this.#digits(chunk, end);
    if (colon && chunk.includes('://')) return out.mask('url', chunk);
    if (isPath(chunk)) return out.mask('path', chunk);
    if (isMediaType(chunk)) return out.mask('value', chunk);
    const at = chunk.indexOf('@');
    if (at > 0 && chunk.indexOf('.', at) > at) return out.mask('email', chunk);
    if (!colon) return digit ? this.#digits(chunk, end) : this.#plain(chunk, end);
    if (digit && isColonAddress(chunk)) return out.mask('host', chunk);
    const parts = chunk.split(':', 32);
    for (const [index, part] of parts.entries()) {
      if (index > 0) out.separator(':');
      if (part === '') continue;
      if (hasDigit(part)) this.#digits(part, end);
      else if (isPath(part)) out.mask('path', part);
      else if (isHostBeforePort(part, parts[index + 1])) out.mask('host', part);
      else if (index === 1 && (out.lastInfo & IS_SECRET_KEY) !== 0) out.mask('secret', part);
      else this.#plain(part, end);
    }
  }

  #digits(chunk: string, end: number): void {
    if (this.#isStatus(chunk, end)) this.#out.word(chunk, 0);
    else this.#out.mask('number', chunk);
  }

  /** Statuses and codes say what kind of failure it is: `status 404`, `code 1006`, `503 Service Unavailable`. */
  #isStatus(chunk: string, end: number): boolean {
    if (chunk.length > 5 || this.#isAccessLog) return false;
    const out = this.#out;
    const isBehind = (out.lastInfo & BEFORE_STATUS) !== 0 && /^[\s:([=#]{0,4}$/.test(out.gap);
    if (isBehind && (out.lastInfo & BEFORE_CODE) !== 0) return /^\d{1,5}$|^[0-9A-Z]{5}$/.test(chunk);
    if (chunk.length !== 3 || !/^[45]\d\d$/.test(chunk)) return false;
    if (isBehind) return true;
    const next = /^[\s:()[\]-]{1,3}([A-Za-z]{2,20})/.exec(this.#text.slice(end, end + 24))?.[1];
    if (next === undefined) return false;
    return REASON_WORDS.has(next.toLowerCase()) || (out.isEmpty && next.charCodeAt(0) < 97);
  }

  #plain(word: string, end: number): void {
    const out = this.#out;
    const info = wordInfo(word);
    const before = out.lastInfo;
    if ((info & IS_HOST) !== 0) out.mask('host', word);
    else if ((info & IS_ID) !== 0) out.mask('id', word);
    else if ((before & (BEFORE_HOST | BEFORE_USER | BEFORE_TOKEN)) === 0 || out.gap !== ' ') out.word(word, info);
    else if ((before & BEFORE_HOST) !== 0) out.mask('host', word);
    else if ((before & BEFORE_TOKEN) !== 0 && word.length > 6) out.mask('secret', word);
    else if ((before & BEFORE_USER) !== 0 && (info & NOT_USER) === 0 && this.#endsName(end)) out.mask('user', word);
    else out.word(word, info);
  }

  /** `user alice from …`, `session closed for user alice`: what follows a name. */
  #endsName(end: number): boolean {
    const rest = this.#text.slice(end, end + 16);
    return /^\s?(?:$|[[(,;]|(?:from|by|on|at|via|with|for|in|already|has no|not found|does not)\b)/.test(rest);
  }

  #endOfWord(start: number): number {
    let end = start;
    while (end < this.#text.length && charClass(this.#text.charCodeAt(end)) === WORD) end++;
    return end;
  }
}

const REQUEST_LINE = /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S{1,1024} HTTP\/[\d.]+$/;

const isTrailing = (code: number): boolean => code === 46 || code === 58 || code === 33 || code === 63 || code === 8230;

/** The end of a quoted text on the same line, at most 1024 characters on; -1 when it is not closed. */
function closingQuote(text: string, start: number, code: number): number {
  const limit = Math.min(text.length, start + 1024);
  for (let index = start + 1; index < limit; index++) {
    const other = text.charCodeAt(index);
    if (other === 10) return -1;
    // Ruby and old GNU tools open with a backtick and close with an apostrophe.
    if (other !== code && !(code === 96 && other === 39)) continue;
    // `'can't'`: an apostrophe between letters closes nothing.
    if (other === 39 && isLetter(text.charCodeAt(index + 1)) && isLetter(text.charCodeAt(index - 1))) continue;
    return index;
  }
  return -1;
}

/** The property in `reading 'address1'` is a name of the program even with a digit at its end. */
const isProperty = (value: string): boolean => /^[A-Za-z_$]{2,40}\d{0,2}$/.test(value);
