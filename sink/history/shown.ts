import { truncate } from '../../src/bounds.ts';
import { visibleText } from '../../src/plain-text.ts';
import { redact } from '../../src/redaction.ts';
import type { AnalysisResult, ErrorLogEvent, Timestamp } from '../../src/types.ts';
import type { TakenEvent } from './history.ts';

/** Samples kept of an error. */
export const MAX_SAMPLES = 5;
/** A sample an hour, so that they differ. */
export const SAMPLE_EVERY = 3_600_000;
/** Analyses kept of an error. */
export const MAX_ANALYSES = 10;
/** Services, environments and releases that are told apart for one error; of releases the latest are kept. */
const MAX_NAMES = 50;

const MAX_MESSAGE = 500;
const MAX_STACK = 8192;
const MAX_CONTEXT = 8192;

/** What a list shows of an error's text, redacted. */
export function shownMessage({ event }: TakenEvent): string {
  const { message } = event.errorLog;
  return truncate(visibleText(redact(message.slice(0, 2 * MAX_MESSAGE))), MAX_MESSAGE);
}

/** The event as it may be kept and shown: redacted, and its long parts cut. */
export function toSample(event: ErrorLogEvent): ErrorLogEvent {
  const safe = redact(event);
  const { context, stackTrace, ...errorLog } = safe.errorLog;
  const fits = context !== undefined && JSON.stringify(context).length <= MAX_CONTEXT;
  return {
    ...safe,
    errorLog: {
      ...errorLog,
      ...(stackTrace !== undefined && { stackTrace: truncate(stackTrace, MAX_STACK) }),
      ...(fits && { context }),
    },
  };
}

/** When the last of the event's occurrences was logged; clocks that are ahead are not believed. */
export function seenAt({ lastSeen, timestamp }: ErrorLogEvent, now: Timestamp): Timestamp {
  return Math.min(lastSeen ?? timestamp, now);
}

/** When the first of them was logged. */
export function firstSeenAt(event: ErrorLogEvent, now: Timestamp): Timestamp {
  return Math.min(event.firstSeen ?? event.timestamp, seenAt(event, now));
}

/** `file:line (function)`. */
export function shownLocation({ location }: AnalysisResult): string | undefined {
  if (!location) return undefined;
  const { file, line, function: name } = location;
  return `${file}${line === undefined ? '' : `:${line}`}${name ? ` (${name})` : ''}`;
}

/** The names with one more: a known one stays where it is; the oldest gives way where there are too many. */
export function withName(names: readonly string[], name: string | undefined): readonly string[] {
  if (name === undefined || names.includes(name)) return names;
  return [...names, name].slice(-MAX_NAMES);
}
