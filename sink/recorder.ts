import { LRUCache } from 'lru-cache';
import type { ErrorAnalysisEngine } from '../src/engine.ts';
import { hashErrorLog } from '../src/hashing.ts';
import type { AnalysisResult, ErrorLogEvent } from '../src/types.ts';
import type { Arrival, ErrorHistory, TakenEvent } from './history/history.ts';
import type { SinkLog } from './sink-log.ts';

/** Told of errors that have come, changed or been analysed. Must not throw. */
export type HistoryWatcher = (arrival: Arrival) => void;

/** What the history is told of events on their way through the sink, each once. */
export interface Recorder {
  /**
   * Takes events that were not taken yet: they are safe then.
   *
   * @throws {PatrolError} `HISTORY_UNAVAILABLE`, retryable.
   */
  take(events: readonly ErrorLogEvent[]): Promise<void>;
  /** What the coming of an event meant; undefined before it was taken. */
  arrivalOf(event: ErrorLogEvent): Arrival | undefined;
  /** The event needs nothing more. Never rejects: an answer that is not kept is asked for again. */
  done(event: ErrorLogEvent, result: AnalysisResult | undefined): Promise<void>;
}

/** Parts of {@link createRecorder}. */
export interface RecorderParts {
  readonly history: ErrorHistory;
  readonly engine: Partial<Pick<ErrorAnalysisEngine, 'recall' | 'identify'>>;
  readonly log: SinkLog;
  readonly watcher: HistoryWatcher | undefined;
}

/** Failures are told once in a while: a full disk would fill the log. */
const SILENCE_MS = 60_000;

/** See {@link Recorder}. */
export function createRecorder({ history, engine, log, watcher }: RecorderParts): Recorder {
  const known = new WeakMap<ErrorLogEvent, { readonly taken: TakenEvent; readonly arrival: Arrival }>();
  const told = new LRUCache<string, true>({ max: 10, ttl: SILENCE_MS });

  const identify = (event: ErrorLogEvent): TakenEvent | undefined => {
    const { errorHash, decision } = engine.identify?.(event) ?? {
      ...hashErrorLog(event.errorLog, event),
      decision: undefined,
    };
    // What a rule ignores is not of interest to anybody.
    if (decision?.setAside?.reason === 'ignored') return undefined;
    return {
      event,
      errorHash,
      ...(decision?.severity !== undefined && { severity: decision.severity }),
      ...(decision?.assignee !== undefined && { assignee: decision.assignee }),
      answered: decision?.setAside !== undefined || engine.recall?.(event) !== undefined,
    };
  };

  return {
    async take(events) {
      const unknown = events.filter((event) => !known.has(event));
      const taken = unknown.map(identify).filter((one) => one !== undefined);
      if (taken.length === 0) return;
      const arrivals = await history.take(taken);
      for (const [index, one] of taken.entries()) {
        const arrival = arrivals[index];
        if (!arrival) continue;
        known.set(one.event, { taken: one, arrival });
        watcher?.(arrival);
      }
    },
    arrivalOf: (event) => known.get(event)?.arrival,
    async done(event, result) {
      const found = known.get(event);
      if (!found) return;
      try {
        await history.analysed(found.taken, result);
        if (result && !result.cached) watcher?.({ ...found.arrival, change: 'known', spiking: false });
      } catch (error) {
        if (told.has('analysed')) return;
        told.set('analysed', true);
        log.error('Analysis not kept in the history', error, { eventId: event.eventId });
      }
    },
  };
}
