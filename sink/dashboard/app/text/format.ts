import { type Signal, signal } from '@preact/signals';
import { visibleText } from '../../../../src/plain-text.ts';
import type { ErrorStatus, Severity } from '../../../history/history.ts';
import type { Dictionary } from '../language/en.ts';
import { language, texts } from '../language/language.ts';

/** The present, for relative times; moves on while somebody looks. */
const now: Signal<number> = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 10_000);
document.addEventListener('visibilitychange', () => {
  now.value = Date.now();
});

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** E.g. `3 minutes ago`. */
export function relativeTime(time: number): string {
  const format = new Intl.RelativeTimeFormat(language.value, { numeric: 'auto', style: 'short' });
  const ahead = time - now.value;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(ahead) >= size) ?? ['second', 1000];
  // A server's clock may be ahead of this one by a little.
  return unit === 'second' && ahead > -10_000 && ahead < 10_000
    ? format.format(0, 'second')
    : format.format(Math.trunc(ahead / length), unit);
}

/** Date and time in the visitor's zone. */
export function exactTime(time: number): string {
  if (!isTime(time)) return '';
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'medium' }).format(time);
}

/** Whether a number is a time that a date can hold. */
export function isTime(time: number): boolean {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15;
}

/** Short where it is large: `12.3K`. */
export function compactNumber(value: number): string {
  return new Intl.NumberFormat(language.value, { notation: 'compact', maximumFractionDigits: 1 }).format(
    value,
  );
}

/** With its separators: `12,345`. */
export function wholeNumber(value: number): string {
  return value.toLocaleString(language.value);
}

/** US dollars; an analysis may cost a fraction of a cent: its first two digits are shown. */
export function dollars(value: number): string {
  const size = Math.abs(value);
  return new Intl.NumberFormat(language.value, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits:
      size > 0 && size < 1 ? Math.min(10, Math.max(2, 1 - Math.floor(Math.log10(size)))) : 2,
  }).format(value);
}

/** A unit, and from how much on it is used. */
const DURATIONS = [
  ['hour', 7_200_000],
  ['minute', 120_000],
  ['second', 1000],
] as const;
const LENGTHS = { hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 } as const;

/** Milliseconds in the unit that fits. */
export function duration(ms: number): string {
  const [unit] = DURATIONS.find(([, from]) => ms >= from) ?? (['millisecond'] as const);
  const value = ms / LENGTHS[unit];
  return new Intl.NumberFormat(language.value, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 && unit !== 'millisecond' ? 1 : 0,
  }).format(value);
}

const STATUS_TEXT = {
  new: 'statusNew',
  ongoing: 'statusOngoing',
  regressed: 'statusRegressed',
  resolved: 'statusResolved',
  ignored: 'statusIgnored',
} as const satisfies Record<ErrorStatus, keyof Dictionary>;

/** A status in the visitor's language. */
export const statusText = (status: ErrorStatus): string => texts.value[STATUS_TEXT[status]] ?? status;

const SEVERITY_TEXT = {
  info: 'severityInfo',
  warning: 'severityWarning',
  error: 'severityError',
  critical: 'severityCritical',
} as const satisfies Record<Severity, keyof Dictionary>;

/** A severity in the visitor's language. */
export const severityText = (severity: Severity): string => texts.value[SEVERITY_TEXT[severity]] ?? severity;

/** Longer texts are cut: nobody reads on, and a browser that lays out megabytes stands still. */
const MAX_SHOWN = 20_000;

/** What can be seen of a text that others wrote, within bounds. */
export function shown(text: string, limit: number = MAX_SHOWN): string {
  const visible = visibleText(text.slice(0, limit));
  return text.length > limit ? `${visible}…` : visible;
}

/** A commit as people write it, other versions as they are. */
export function releaseText(release: string): string {
  return /^[0-9a-f]{40}$/.test(release) ? release.slice(0, 10) : shown(release, 60);
}

/** The name of a field for people; where the language has none, its own words: `callsPerError` → `Calls per error`. */
export function fieldName(name: string): string {
  const { fieldNames } = texts.value;
  if (Object.hasOwn(fieldNames, name)) return fieldNames[name] ?? name;
  const words = name.replace(
    /([a-z0-9])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after}`,
  );
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}
