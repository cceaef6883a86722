import type { ErrorLogEvent } from '../../src/types.ts';
import type { Occasion } from '../analysis-view.ts';
import type { Arrival } from '../history/history.ts';

/** Why an error is to be told of. */
export interface Due {
  readonly occasion: Occasion;
  readonly eventId: string;
}

/** What the history says is an occasion; undefined for an error that is known, and where there is no history. */
export function dueOf({ eventId }: ErrorLogEvent, arrival: Arrival | undefined): Due | undefined {
  if (!arrival) return undefined;
  // Who ignores an error until something asks to hear of it then.
  if (arrival.change === 'regressed' || arrival.change === 'unignored')
    return { occasion: 'regressed', eventId };
  // An event that comes again may be one of which a process that was killed had not told yet.
  if (arrival.change === 'new' || (!arrival.counted && arrival.status === 'new'))
    return { occasion: 'new', eventId };
  return arrival.spiking ? { occasion: 'spike', eventId } : undefined;
}
