/** A value as it stands in a text, without its quotes. */
export interface ValueSpan {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly quoted: boolean;
}

/** As long as the longest text of an event; a quote that never closes must not swallow more. */
const MAX_VALUE = 65_536;
const OPENING =
  /(?:[bBrRuUfEN@]{1,2}(?=\\*["']))?(?:(\\{0,64})(["'`])|(&quot;|&#3[49];|&#x2[27];|%(?:25){0,3}2[27]|\\{1,8}(?:u002[27]|x2[27])|[“‘«]))/y;
const CLOSING: Readonly<Record<string, string>> = { '“': '”', '‘': '’', '«': '»' };

/** Reads the quoted text that begins at `at`; escaped quotes of JSON inside JSON count at their own depth. */
export function readQuoted(text: string, at: number): ValueSpan | undefined {
  OPENING.lastIndex = at;
  const opening = OPENING.exec(text);
  if (opening === null) return undefined;
  const start = OPENING.lastIndex;
  const [, escapes = '', quote, entity] = opening;
  if (quote === undefined) {
    const length = text.slice(start, start + MAX_VALUE).indexOf(CLOSING[String(entity)] ?? String(entity));
    return { start, end: length < 0 ? endOfLine(text, start) : start + length, quoted: true };
  }
  const triple = quote.repeat(2);
  if (text.startsWith(triple, start)) {
    const length = text.slice(start + 2, start + MAX_VALUE).indexOf(quote + triple);
    if (length > 0) return { start: start + 2, end: start + 2 + length, quoted: true };
  }
  return { start, end: endOfQuoted(text, start, quote, escapes.length), quoted: true };
}

function endOfQuoted(text: string, start: number, quote: string, depth: number): number {
  const limit = Math.min(text.length, start + MAX_VALUE);
  for (let at = start; at < limit; at++) {
    const char = text[at];
    if (char === '\n' && depth > 0) return at;
    if (char === '\\') {
      let run = at;
      while (run < limit && text[run] === '\\') run++;
      const length = run - at;
      if (text[run] === quote && length <= depth) return at;
      // At depth 0 every backslash escapes one character; deeper, more escapes than the opening's are content.
      at = depth === 0 && length % 2 === 0 ? run - 1 : run;
    } else if (char === quote) {
      // SQL and connection strings double a quote that is meant.
      if (depth > 0 || at === start || text[at + 1] !== quote || !/[^\s,;)\]}:]/.test(text.charAt(at + 2)))
        return at;
      at++;
    }
  }
  return endOfLine(text, start);
}

/** The end of the line, be it a real one or an escaped `\n`; or one of the characters in `stops` before it. */
export function endOfLine(text: string, start: number, stops = ''): number {
  const limit = Math.min(text.length, start + MAX_VALUE);
  for (let at = start; at < limit; at++) {
    const char = text.charAt(at);
    if (char === '\n' || char === '\r' || stops.includes(char)) return at;
    if (char === '\\' && (text[at + 1] === 'n' || text[at + 1] === 'r')) return at;
  }
  return limit;
}

/** A pair that follows: what stood before a separator was the whole value. */
const NEXT_PAIR = /[;,&]\s?(?:amp;)?[\w.[\]%-]{1,64}\\{0,64}["']?\s?[=:]/y;

/**
 * Reads an unquoted value: up to white space, a quote, or what separates it from the next pair. Characters
 * that separate pairs but stand in passwords too (`,;&)`) end it only where something else begins.
 *
 * @param place - In a query string `&` and `#` always end it; in an encoded one their codes do.
 */
export function readBare(
  text: string,
  start: number,
  place: 'text' | 'query' | 'encoded' = 'text',
  last: LastBare = newLastBare(),
): ValueSpan | undefined {
  if (start > last.start && start < last.end && place === last.place) {
    return { start, end: last.end, quoted: false };
  }
  const limit = Math.min(text.length, start + MAX_VALUE);
  let end = start;
  for (; ; end++) {
    ORDINARY.lastIndex = end;
    if (ORDINARY.test(text)) end = ORDINARY.lastIndex;
    if (end >= limit || endsValue(text, end, place)) break;
  }
  if (end === start) return undefined;
  Object.assign(last, { start, end, place });
  return { start, end, quoted: false };
}

/** What ends no value. */
const ORDINARY = /[^\s"'`<>\\#),;&\]}|%]{1,65536}/y;

/** What ends a value in an encoded query string: an encoded blank, quote, number sign, ampersand or line end. */
const ENCODED_END = /%(?:25){0,3}(?:2[0236]|0[Aa])/y;

function endsValue(text: string, at: number, place: 'text' | 'query' | 'encoded'): boolean {
  const char = text.charAt(at);
  switch (char) {
    case '\\':
      return at + 1 === text.length || /["'`nrt\\/]/.test(text.charAt(at + 1));
    case '#':
      return place === 'query';
    case '&':
      return place === 'query' || closes(text, at, char);
    case '%':
      ENCODED_END.lastIndex = at;
      return place === 'encoded' && ENCODED_END.test(text);
    case ')':
    case ',':
    case ';':
    case ']':
    case '}':
    case '|':
      return closes(text, at, char);
    default:
      return true;
  }
}

/** What was read last: `a=a=a=…` would otherwise be read to its end once for every `a`. */
export interface LastBare {
  start: number;
  end: number;
  place: 'text' | 'query' | 'encoded';
  /** The same for a header's line. */
  lineStart: number;
  lineEnd: number;
  /** The same for a list without quotes. */
  listStart: number;
  listEnd: number;
  /** Where a long value ended that did not look like a secret. */
  refused: number;
}

export const newLastBare = (): LastBare => ({
  start: 0,
  end: 0,
  place: 'text',
  lineStart: 0,
  lineEnd: 0,
  listStart: 0,
  listEnd: -1,
  refused: -1,
});

function closes(text: string, at: number, char: string): boolean {
  const next = text[at + 1];
  if (next === undefined || /[\s"'`<\\,;)\]}]/.test(next)) return true;
  if (char === ')' || char === ']' || char === '}') return /[.:[({]/.test(next);
  NEXT_PAIR.lastIndex = at;
  return NEXT_PAIR.test(text);
}

/** Words that stand where a value would, and are none. */
const PLAIN_WORD = new Set(
  (
    'null undefined none nil nan true false yes no on off empty blank missing required invalid incorrect wrong ' +
    'expired unknown unset set not valid is was are be been has have had must should cannot can could may might ' +
    'will would does do did too the a an and or of in at by as to for from with without using than then when ' +
    'if it its this that these mismatch mismatched failed failure error errors denied rejected revoked malformed ' +
    'unauthorized forbidden optional string number boolean object any unknown never void bigint symbol str int ' +
    'bool bytes text varchar buffer array list map function class const let var await async new return typeof ' +
    'import export default self hidden masked redacted removed filtered secret password token changed reset ' +
    'authentication authorization verification validation update updated created deleted found field fields ' +
    'value values provided supplied given policy strength length min max minimum maximum header headers cookie ' +
    'bearer basic digest user username name email id type file path key keys format encoding n/a na tbd todo'
  ).split(' '),
);

/** Where a value ends without the signs that close a sentence or a bracket rather than it. */
export function endWithout(signs: string, text: string, start: number, end: number): number {
  let at = end;
  while (at > start && signs.includes(text.charAt(at - 1))) at--;
  return at;
}

/** Without what ends a sentence rather than a value. */
export const withoutPunctuation = (text: string): string =>
  text.slice(0, endWithout('.,;:!?)', text, 0, text.length));

/** True for what is no secret: empty, a plain word, a variable, something masked already. */
export function isHarmless(value: string): boolean {
  const text = value.trim();
  if (text.length < 2 && !/\d/.test(text)) return true;
  if (text.length <= 24 && PLAIN_WORD.has(withoutPunctuation(text.toLowerCase()))) return true;
  return isMasked(text) || isVariable(text) || /^<?(?:your|my)[_-][A-Za-z_-]{1,60}>?[.,]?$/i.test(text);
}

/** `****`, `xxxx`, `[Redacted]`, `sk-****abcd`. */
function isMasked(text: string): boolean {
  if (/^[[<({]{1,2}(?:[A-Za-z _.-]{1,60}|REDACTED:[\w#-]{1,80})[\]>)}]{1,2}$/.test(text)) return true;
  if (/^(?:x{3,64}|X{3,64}|\.{3,64}|-{3,64}|_{3,64}|#{3,64})$/.test(text)) return true;
  if (!/\*{2}|•{2}|●{2}|█{2}|…/.test(text)) return false;
  return text.replace(/[*•●█…]/g, '').length <= 16;
}

/** `${NAME}`, `$NAME`, `$1`, `%s`, `?`, `{{ name }}`, `%NAME%`. */
function isVariable(text: string): boolean {
  return /^(?:\$\{[^{}]{0,120}\}?|\{\{[^{}]{0,120}|#\{[^{}]{0,120}\}?|\$\(?[A-Za-z_]\w{0,64}\)?|\$\d{1,3}|%[sdo]|\?{1,3}|%[A-Za-z_]\w{0,64}%|\{\{[^{}]{0,120}\}\}|@\w{1,64}|:[a-z_]\w{0,64})$/.test(
    text,
  );
}

/** A sentence of a validator where a value would stand: `{"password": "must be at least 8 characters"}`. */
export function isSentence(value: string): boolean {
  return (
    /\s/.test(value.trim()) &&
    /\b(?:must|required|invalid|cannot|can't|should|at (?:least|most)|too (?:short|long|weak|common)|missing|incorrect|wrong|expired|blank|be empty|is empty|failed|does(?:n't| not)|do(?:n't| not)|is(?:n't| not)|expected|received|characters?)\b/i.test(
      value.slice(0, 400),
    )
  );
}

/** Source code instead of a value: `process.env.X`, `config.get(`, `req.body.password`. */
export function isCode(text: string, value: ValueSpan): boolean {
  const content = text.slice(value.start, Math.min(value.end, value.start + 200));
  if (text[value.end] === '(' || /^[\w$.]{1,128}[([]/.test(content)) return true;
  return /^[A-Za-z_$][A-Za-z_$]{0,40}(?:\??\.[A-Za-z_$]{1,40}){1,8}[;,)]{0,2}$/.test(content);
}

/** Long enough, mixed enough: what a program made rather than a person wrote. */
export function looksGenerated(value: string, least: number): boolean {
  if (value.length < least || value.length > MAX_VALUE || /[\s<>"'{}]/.test(value)) return false;
  if (/^(?:https?|wss?|file|s3|gs):/.test(value) || /\.[a-z]{2,4}$/.test(value)) return false;
  const digits = /\d/.test(value);
  return (
    (digits && /[A-Za-z]/.test(value)) ||
    (value.length >= 24 && /[a-z][A-Z]/.test(value) && /[A-Z][a-z]/.test(value))
  );
}

/** What a person would choose as a password: a word with digits or signs in it. */
export function looksChosen(value: string): boolean {
  if (value.length < 5 || value.length > 128) return false;
  if (
    /^(?:sha-?\d+|md5|bcrypt|argon2\w{0,2}|pbkdf2|scrypt|base64|utf-?8|oauth2|http\/?\d|v?\d[\d.]*|[\d:./-]+|\d+(?:ms|s|m|h|d|%))$/i.test(
      value,
    )
  ) {
    return false;
  }
  return /\d|[!#$%^&*+=?@~]/.test(value) && /[A-Za-z]/.test(value) && !/[/\\(){}<>]/.test(value);
}
