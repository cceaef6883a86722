import type { ErrorHash, Milliseconds } from '../../src/types.ts';
import { createEventStream, type EventStream } from '../event-stream.ts';
import type { Arrival, ErrorHistory } from '../history/history.ts';
import type { SinkLog } from '../sink-log.ts';

/** What happened to an error: see {@link Arrival}, or somebody did something. */
export type UpdateChange = Arrival['change'] | 'spiking' | 'acted';

/** Errors as they change, for the dashboards that listen. */
export interface Updates extends Omit<EventStream, 'send'> {
  changed(errorHash: ErrorHash, change: UpdateChange): void;
}

/** A person sees no more than this, and a storm of one error is one update. */
const EVERY_MS: Milliseconds = 500;
const MAX_AT_ONCE = 100;
/** Errors that wait to be told; of more, those that only came again are left out. */
const MAX_WAITING = 1000;

/** See {@link Updates}. Events are named `error`; their data is an `ErrorSummary` with `change`. */
export function createUpdates(history: ErrorHistory, log: SinkLog): Updates {
  const stream = createEventStream({ event: 'error', kept: 200 });
  const waiting = new Map<ErrorHash, UpdateChange>();
  let timer: NodeJS.Timeout | undefined;

  const tell = async (): Promise<void> => {
    timer = undefined;
    const batch = [...waiting].slice(0, MAX_AT_ONCE);
    for (const [errorHash] of batch) waiting.delete(errorHash);
    if (waiting.size > 0) schedule();
    // Nobody listens: nothing is read, nothing is kept.
    if (stream.listeners === 0) return;
    const changes = new Map(batch);
    for (const summary of await history.summaries([...changes.keys()])) {
      stream.send(JSON.stringify({ ...summary, change: changes.get(summary.errorHash) }));
    }
  };

  const schedule = (): void => {
    timer ??= setTimeout(() => {
      tell().catch((error: unknown) => log.error('Updates not sent', error));
    }, EVERY_MS).unref();
  };

  return {
    changed(errorHash, change) {
      const before = waiting.get(errorHash);
      if (before === undefined && change === 'known' && waiting.size >= MAX_WAITING) return;
      // What is more than that it came again is not covered up by its coming again.
      if (before === undefined || change !== 'known') waiting.set(errorHash, change);
      if (waiting.size > 10 * MAX_WAITING) waiting.clear();
      schedule();
    },
    get listeners() {
      return stream.listeners;
    },
    listen: stream.listen,
    close() {
      clearTimeout(timer);
      stream.close();
    },
  };
}
