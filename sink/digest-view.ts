import { visibleText } from '../src/plain-text.ts';
import type { Digest, DigestEntry } from './alerts/notice.ts';

/** A digest as people read it, in every medium the same. All texts but the heading are data, see `AnalysisView`. */
export interface DigestView {
  /** E.g. `87 more errors within a minute`. */
  readonly heading: string;
  readonly lines: readonly DigestLine[];
  /** E.g. `and 67 more`; empty when all are listed. */
  readonly more: string;
  /** The time that it is about. */
  readonly footer: string;
}

/** One error of a digest. */
export interface DigestLine {
  /** E.g. `New, critical, in orders`. */
  readonly label: string;
  readonly message: string;
  /** Empty where none was found. */
  readonly cause: string;
}

const MAX_LINES = 15;

/** Arranges a digest for people. */
export function toDigestView({ from, until, because, total, entries }: Digest): DigestView {
  const listed = entries.slice(0, MAX_LINES);
  const errors = total === 1 ? '1 error' : `${total} errors`;
  return {
    heading: because === 'quiet' ? `${errors} in the quiet hours` : `${errors} more, all at once`,
    lines: listed.map((entry) => ({
      label: labelOf(entry),
      message: oneLine(entry.message),
      cause: oneLine(entry.cause),
    })),
    more: total > listed.length ? `and ${total - listed.length} more` : '',
    footer: `Patrol · ${shown(from)} to ${shown(until)}`,
  };
}

const LABELS = { new: 'New', regressed: 'Came back', spike: 'More often than usual', test: 'Test' } as const;

function labelOf({ occasion, severity, service }: DigestEntry): string {
  const how = severity === 'error' ? '' : `, ${severity}`;
  return `${LABELS[occasion]}${how}${service === undefined ? '' : `, in ${oneLine(service)}`}`;
}

function shown(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function oneLine(text: string): string {
  return visibleText(text).replace(/\s+/g, ' ').trim();
}
