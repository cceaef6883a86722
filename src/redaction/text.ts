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
    const spans = findSpans(text, detectors);
    const once = replaceSpans(text, spans, options.write);
    // A number beside a hidden one was part of the same run of digits, and could not be recognised before.
    if (!spans.some(({ kind }) => NUMBERS.has(kind))) return once;
    return replaceSpans(once, findSpans(once, [findNumbers]), options.write);
  };
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
