import { redact } from '../src/redaction.ts';
import type { ErrorLog, ErrorLogEvent } from '../src/types.ts';

/** Repeats of an event whose contexts are looked at: a few show what differs, and cost little. */
const MAX_LOOKS = 3;
/** A larger context is not worth its place in the event. */
const MAX_LENGTH = 2048;

/** Contexts of an event's repeats, redacted; in memory only, and added when the event is sent. */
export interface Samples {
  looks: number;
  /** As JSON. */
  readonly contexts: Set<string>;
}

export function createSamples(): Samples {
  return { looks: 0, contexts: new Set() };
}

/** Whether the next repeat is to be looked at rather than only counted. */
export function wantsSample({ looks }: Samples): boolean {
  return looks < MAX_LOOKS;
}

/** Looks at a repeat. Never throws: the repeat is counted, whatever its context is. */
export function addSample(samples: Samples, errorLog: ErrorLog | undefined): void {
  if (!wantsSample(samples)) return;
  samples.looks += 1;
  const context = errorLog?.context;
  if (context === undefined) return;
  try {
    const json = JSON.stringify(redact(context));
    if (json.length <= MAX_LENGTH) samples.contexts.add(json);
  } catch {
    // A context that is no JSON is no sample.
  }
}

/** The event with what its repeats' contexts say beyond its own, as `context.samples`. */
export function withSamples(event: ErrorLogEvent, { contexts }: Samples): ErrorLogEvent {
  const { context } = event.errorLog;
  const own = JSON.stringify(context);
  const others = [...contexts].filter((json) => json !== own).map((json) => JSON.parse(json) as object);
  if (others.length === 0 || context?.samples !== undefined) return event;
  return { ...event, errorLog: { ...event.errorLog, context: { ...context, samples: others } } };
}
