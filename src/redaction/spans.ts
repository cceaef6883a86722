/** A stretch of text to be replaced. */
export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** What it was; becomes part of the placeholder. */
  readonly kind: string;
}

/** Finds secrets of its kind; it only looks, so that no detector meets another one's placeholders. */
export type Detector = (text: string, found: (start: number, end: number, kind: string) => void) => void;

/** Written where a secret was. */
export const placeholder = (kind: string): string => `[REDACTED:${kind}]`;

/**
 * Personal data is found by its form alone: where a secret was found too, `password@host` of a URL for one, it
 * is no address.
 */
const BY_FORM = new Set(['email', 'card', 'iban', 'phone', 'national-id', 'ip']);

/** The placeholders themselves, numbered ones of pseudonyms included. */
export const PLACEHOLDER: RegExp = /\[REDACTED:[a-z0-9-]{1,64}(?:#\d{1,9})?\]/g;

/**
 * Replaces the spans. Overlapping ones become one, of the kind that was named first. A bare number of a JSON
 * text gets the quotes of its key, so that the text stays JSON.
 */
export function replaceSpans(
  text: string,
  spans: readonly Span[],
  write: (kind: string, secret: string) => string = placeholder,
): string {
  if (spans.length === 0) return text;
  const ordered = spans
    .map(({ start, end, kind }, order) => ({ start, end, kind, order }))
    .sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let done = 0;
  for (let index = 0; index < ordered.length; ) {
    const first = ordered[index];
    if (first === undefined) break;
    let { start, end, kind, order } = first;
    for (index++; index < ordered.length; index++) {
      const next = ordered[index];
      if (next === undefined || next.start >= end) break;
      if (BY_FORM.has(next.kind) !== BY_FORM.has(kind)) {
        if (BY_FORM.has(kind)) ({ start, end, kind, order } = next);
        continue;
      }
      if (next.order < order) ({ kind, order } = next);
      end = Math.max(end, next.end);
    }
    const quote = quoteOfBareNumber(text, start, end);
    parts.push(text.slice(done, start), quote, write(kind, text.slice(start, end)), quote);
    done = end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}

const BARE_NUMBER = /^-?\d{1,40}$/;

function quoteOfBareNumber(text: string, start: number, end: number): string {
  if (end - start > 41 || !BARE_NUMBER.test(text.slice(start, end))) return '';
  const after = text[end];
  if (after !== ',' && after !== '}' && after !== ']') return '';
  let at = start - 1;
  while (at >= 0 && at > start - 8 && text[at] === ' ') at--;
  if (text[at] !== ':' || text[at - 1] !== '"') return '';
  let from = at - 1;
  while (from > 0 && from > at - 64 && text[from - 1] === '\\') from--;
  return text.slice(from, at);
}
