import { hiddenParts } from '../plain-text.ts';
import { findIpAddresses } from './addresses.ts';
import { findInCalls } from './calls.ts';
import { findShortOptions } from './command-lines.ts';
import { findEmails } from './emails.ts';
import { findJsonWebKeys } from './json-web-keys.ts';
import { findKeyed } from './keyed.ts';
import { findNumbers } from './numbers.ts';
import { findPrivateKeys } from './private-keys.ts';
import { type Detector, PLACEHOLDER, replaceSpans, type Span } from './spans.ts';
import { tokenDetector } from './tokens.ts';
import { findInUrls } from './urls.ts';

/** The more a detector knows about what it found, the earlier it stands: it names the placeholder. */
const DETECTORS: readonly Detector[] = [
  findPrivateKeys,
  findJsonWebKeys,
  tokenDetector((decoded) => findSpans(decoded, [findPrivateKeys, OPENED, findInUrls, findKeyed]).length > 0),
  findInUrls,
  findKeyed,
  findShortOptions,
  findInCalls,
  findEmails,
  findNumbers,
];

/** What is looked for in decoded text: encodings are opened once. */
const OPENED: Detector = tokenDetector(() => false);

/** Redacts strings. */
export type TextRedactor = (text: string) => string;

/** Makes a redactor of strings from the built-in detectors and those given. */
export function textRedactor(options: {
  readonly ips?: boolean;
  readonly extra?: readonly Detector[];
  readonly write?: (kind: string, secret: string) => string;
}): TextRedactor {
  const detectors = [...(options.extra ?? []), ...DETECTORS, ...(options.ips ? [findIpAddresses] : [])];
  return (text) => {
    if (text.length < 5) return text;
    const spans = findVisible(text, detectors);
    const once = replaceSpans(text, spans, options.write);
    // A number beside a hidden one was part of the same run of digits, and could not be recognised before.
    if (!spans.some(({ kind }) => NUMBERS.has(kind))) return once;
    return replaceSpans(once, findVisible(once, [findNumbers]), options.write);
  };
}

/**
 * Finds in a text and in what is seen of it: a character that nobody sees, or a colour, would split a secret and
 * keep it readable.
 */
function findVisible(text: string, detectors: readonly Detector[]): Span[] {
  const hidden = hiddenParts(text);
  if (hidden.length === 0) return findSpans(text, detectors);
  // Colours beside blanks and signs part nothing by themselves: then what is seen is all there is to find.
  const spans = hidden.every((part) => isMereColour(text, part)) ? [] : findSpans(text, detectors);
  const parts: string[] = [];
  /** Where each part begins in the text, and in what is seen of it. */
  const starts: { readonly text: number; readonly seen: number }[] = [];
  let from = 0;
  let seen = 0;
  const add = (to: number): void => {
    if (to === from) return;
    starts.push({ text: from, seen });
    parts.push(text.slice(from, to));
    seen += to - from;
  };
  for (const { start, end } of hidden) {
    add(start);
    from = end;
  }
  add(text.length);
  const inText = (at: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle]?.seen ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const start = starts[low];
    return start === undefined ? at : start.text + at - start.seen;
  };
  for (const { start, end, kind } of findSpans(parts.join(''), detectors)) {
    spans.push({ start: inText(start), end: inText(end - 1) + 1, kind });
  }
  return spans;
}

/** What parts words on its own. */
const BEHIND_SEPARATOR = /[\s:,;='"`|\]]/;
const BEFORE_SEPARATOR = /(?:[\s:,;='"`|]|\[REDACTED:)/y;

/** True for a sequence of a terminal with something else at its side that parts, or the end of the text. */
function isMereColour(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  if (text[start] !== '\u001b') return false;
  BEFORE_SEPARATOR.lastIndex = end;
  return (
    start === 0 ||
    end === text.length ||
    BEHIND_SEPARATOR.test(text.charAt(start - 1)) ||
    BEFORE_SEPARATOR.test(text)
  );
}

const NUMBERS: ReadonlySet<string> = new Set(['card', 'iban', 'phone']);

function findSpans(text: string, detectors: readonly Detector[]): Span[] {
  const spans: Span[] = [];
  const found = (start: number, end: number, kind: string): void => {
    if (end > start) spans.push({ start, end, kind });
  };
  for (const detector of detectors) detector(text, found);
  return spans.length > 0 && text.includes('[REDACTED:') ? withoutPlaceholders(text, spans) : spans;
}

/** What is redacted stays as it is: redacting twice gives the same as once. */
function withoutPlaceholders(text: string, spans: readonly Span[]): Span[] {
  const marks = [...text.matchAll(PLACEHOLDER)].map((hit) => ({
    start: hit.index,
    end: hit.index + hit[0].length,
  }));
  const ordered = [...spans].sort((a, b) => a.start - b.start);
  let index = 0;
  return ordered.filter((span) => {
    while ((marks[index]?.end ?? Number.POSITIVE_INFINITY) <= span.start) index++;
    const mark = marks[index];
    return mark === undefined || span.start < mark.start - 1 || span.end > mark.end + 1;
  });
}
