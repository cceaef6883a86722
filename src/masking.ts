import { type MaskNote, MaskedText } from './masking/output.ts';
import {
  hasDigit,
  isColonAddress,
  isDigit,
  isHost,
  isHostBeforePort,
  isId,
  isLetter,
  isMediaType,
  isName,
  isPath,
} from './masking/recognise.ts';
import { endOfBraces, readKeys, startsObject } from './masking/structures.ts';
import { NOT_A_USER, REASON_WORDS, SECRET_KEY, STATUS_WORDS, TELLING_KEYS } from './masking/words.ts';

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
    const start = this.#at;
    const end = this.#text.indexOf(']', start);
    this.#at = this.#endOfWord(end < 0 || end - start > 80 ? start + 9 : end + 1);
    if (!/[:/=]$/.test(this.#out.last)) this.#out.dropLast();
    this.#out.mask('redacted', this.#text.slice(start, this.#at));
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
    this.#out.word(`{${[...new Set(parts)].join()}}`);
    return true;
  }

  /** After `=`: the value of a key varies. */
  #equals(): void {
    const text = this.#text;
    const out = this.#out;
    const next = text.charCodeAt(this.#at);
    const { gap } = out;
    const key = keyOf(out.last);
    const glued = gap === '' && !out.isEmpty && !out.afterMask;
    out.separator('=');
    if (SECRET_KEY.test(key) && gap.trim() === '') return this.#secretValue();
    // `==`, `=>`, `a = b`: no key and its value.
    if (!glued || next === 61 || next === 62 || next === 126) return;
    if (TELLING_KEYS.has(key.toLowerCase())) return;
    const start = this.#at;
    if (charClass(next) === QUOTE) {
      const end = closingQuote(text, start, next);
      if (end < 0) return;
      this.#at = end + 1;
      return out.mask('value', text.slice(start, end + 1));
    }
    const end = this.#endOfWord(start);
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
    if (isName(value) || isReadProperty(value, out.last)) out.word(`'${value}'`);
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
      if (charClass(code) !== WORD) {
        // `can't`: an apostrophe inside a word.
        if (code === 39 && isLetter(text.charCodeAt(end + 1)) && isLetter(text.charCodeAt(end - 1))) continue;
        break;
      }
      if (isDigit(code)) digit = true;
      else if (code === 58) colon = true;
      else if (code === 47 || code === 64 || code === 92 || code === 126) special = true;
    }
    this.#at = end;
    let stop = end;
    while (stop > start && isTrailing(text.charCodeAt(stop - 1))) stop--;
    if (stop === start) stop = end;
    const chunk = text.slice(start, stop);
    if (digit || colon || special) this.#special(chunk, digit, colon, end);
    else this.#plain(chunk, end);
    for (let index = stop; index < end; index++) this.#out.separator(text.charAt(index));
    // `password: hunter` as well as `password=hunter`.
    if (text.charCodeAt(end - 1) === 58 && SECRET_KEY.test(chunk)) this.#secretValue();
  }

  #special(chunk: string, digit: boolean, colon: boolean, end: number): void {
    const out = this.#out;
    if (chunk.includes('://')) return out.mask('url', chunk);
    if (isPath(chunk)) return out.mask('path', chunk);
    if (isMediaType(chunk)) return out.mask('value', chunk);
    const at = chunk.indexOf('@');
    if (at > 0 && chunk.indexOf('.', at) > at) return out.mask('email', chunk);
    if (!colon) return digit ? this.#digits(chunk, end) : this.#plain(chunk, end);
    if (isColonAddress(chunk)) return out.mask('host', chunk);
    const parts = chunk.split(':', 32);
    for (const [index, part] of parts.entries()) {
      if (index > 0) out.separator(':');
      if (part === '') continue;
      if (hasDigit(part)) this.#digits(part, end);
      else if (isPath(part)) out.mask('path', part);
      else if (isHostBeforePort(part, parts[index + 1])) out.mask('host', part);
      else if (index === 1 && SECRET_KEY.test(parts[0] as string)) out.mask('secret', part);
      else this.#plain(part, end);
    }
  }

  #digits(chunk: string, end: number): void {
    if (this.#isStatus(chunk, end)) this.#out.word(chunk);
    else this.#out.mask('number', chunk);
  }

  /** Statuses and codes say what kind of failure it is: `status 404`, `code 1006`, `503 Service Unavailable`. */
  #isStatus(chunk: string, end: number): boolean {
    if (chunk.length > 5 || this.#isAccessLog || !/^\d{1,5}$/.test(chunk)) return false;
    const out = this.#out;
    const isHttpError = /^[45]\d\d$/.test(chunk);
    if (!out.afterMask && /^[\s:([=#]{0,4}$/.test(out.gap)) {
      const key = keyOf(out.last).toLowerCase();
      if (STATUS_WORDS.has(key) || STATUS_ENDING.test(key)) return isHttpError || !HTTP_WORD.test(key);
    }
    if (!isHttpError) return false;
    const next = /^[\s:()[\]-]{1,3}([A-Za-z]{2,20})/.exec(this.#text.slice(end, end + 24))?.[1];
    if (next === undefined) return false;
    return REASON_WORDS.has(next.toLowerCase()) || (out.isEmpty && next.charCodeAt(0) < 97);
  }

  #plain(word: string, end: number): void {
    const out = this.#out;
    if (isHost(word) || (out.gap === ' ' && /^(?:ENOTFOUND|EAI_[A-Z]+)$/.test(out.last))) out.mask('host', word);
    else if (out.gap === ' ' && /^bearer$/i.test(out.last) && word.length > 6) out.mask('secret', word);
    else if (isId(word)) out.mask('id', word);
    else if (out.gap === ' ' && this.#isUser(word, end)) out.mask('user', word);
    else out.word(word);
  }

  /** `user alice from …`, `session closed for user alice`: a name between the word and what follows a name. */
  #isUser(word: string, end: number): boolean {
    if (!/^(?:user|username)$/i.test(this.#out.last) || NOT_A_USER.has(word.toLowerCase())) return false;
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
const STATUS_ENDING = /(?:status|code|errno)$/;
const HTTP_WORD = /http|response|answered|responded|^status/;

const isTrailing = (code: number): boolean => code === 46 || code === 58 || code === 33 || code === 63 || code === 8230;

/** The key at the end of a word: `code` of `err.code`, `status_code` of itself. */
const keyOf = (word: string): string => /[A-Za-z_-]*$/.exec(word.slice(-40))?.[0] ?? '';

/** The end of a quoted text on the same line, at most 300 characters on; -1 when it is not closed. */
function closingQuote(text: string, start: number, code: number): number {
  const limit = Math.min(text.length, start + 300);
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
const isReadProperty = (value: string, lastWord: string): boolean =>
  /^(?:reading|setting|property|field)$/.test(lastWord) && /^[A-Za-z_$]{2,40}\d{0,2}$/.test(value);
