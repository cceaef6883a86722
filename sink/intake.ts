import pRetry from 'p-retry';
import type { PatrolError } from '../src/errors.ts';
import type { ErrorLogEvent, Milliseconds } from '../src/types.ts';
import type { SinkResponse } from './http.ts';
import type { Sink } from './sink.ts';
import type { TriggerRecord } from './triggers/trigger-record.ts';

/** Takes records at once and works on them afterwards. */
export interface Intake {
  /** 202 with what was taken, 400 when nothing was valid, 429 when too much is waiting. */
  accept(records: readonly TriggerRecord[]): Promise<SinkResponse>;
  /** Works on events that were taken by a process before this one. */
  resume(events: readonly ErrorLogEvent[]): void;
  /** Records that are not done yet. */
  readonly waiting: number;
  /** Resolves when all is done, or the time is over; from now on everything is answered with 503. */
  close(timeoutMs: Milliseconds): Promise<boolean>;
}

/** Options of {@link createIntake}. */
export interface IntakeOptions {
  /** Most events that wait. @defaultValue 10 000 */
  readonly maxWaiting?: number;
  /** How often an event is tried that failed for the moment. @defaultValue 6 */
  readonly attempts?: number;
}

/** See {@link IntakeOptions}. */
export const DEFAULT_MAX_WAITING = 10_000;
/** Waits between attempts grow from the first to the second; a `Retry-After` of the model is waited for, within reason. */
const BACKOFF_MS: readonly [Milliseconds, Milliseconds] = [1000, 60_000];
const MAX_RETRY_AFTER_MS: Milliseconds = 900_000;

/**
 * See {@link Intake}. What it holds is in memory, and in the history where there is one: what a killed process leaves
 * there the next one resumes.
 */
export function createIntake(sink: Sink, options: IntakeOptions = {}): Intake {
  const { maxWaiting = DEFAULT_MAX_WAITING, attempts = 6 } = options;
  const running = new Set<Promise<void>>();
  const stopped = new AbortController();
  let closing = false;
  /** Records that are being written down. */
  let taking = 0;

  const work = async (record: TriggerRecord): Promise<void> => {
    const [minTimeout, maxTimeout] = BACKOFF_MS;
    let counted = false;
    await pRetry(
      async () => {
        const { problems } = await sink.handle({ ...record, counted });
        counted = true;
        const problem = problems.find(({ retryable }) => retryable);
        if (problem) throw problem;
      },
      {
        retries: attempts - 1,
        minTimeout,
        maxTimeout,
        randomize: true,
        signal: stopped.signal,
        // Who says how long to wait is not counted against: a budget opens again, if only tomorrow.
        shouldConsumeRetry: ({ error }) => !((error as PatrolError).retryAfterMs ?? 0),
        onFailedAttempt: ({ error }) => waitAsAsked(error as PatrolError, stopped.signal),
      },
    ).catch(() => {
      // Each attempt was reported by the sink.
    });
  };

  const begin = (records: readonly TriggerRecord[]): void => {
    for (const record of records) {
      const done = work(record).finally(() => running.delete(done));
      running.add(done);
    }
  };

  return {
    resume(events) {
      begin(events.map((event) => ({ id: event.eventId, events: [event], problems: [] })));
    },
    get waiting() {
      return running.size;
    },
    async accept(records) {
      if (closing) return refused(503, 'STOPPING', 'The sink is stopping.');
      if (running.size + taking + records.length > maxWaiting) {
        return refused(429, 'BUSY', `Too much is waiting: at most ${maxWaiting} events.`);
      }
      const valid = records.filter(({ events }) => events.length > 0);
      const invalid = records.filter(({ events }) => events.length === 0);
      for (const record of invalid) await sink.handle(record);
      taking += valid.length;
      try {
        await sink.take(valid.flatMap(({ events }) => events));
      } catch (error) {
        sink.log.error('Events not taken', error);
        return refused(503, 'HISTORY_UNAVAILABLE', 'What came could not be kept: try again later.');
      } finally {
        taking -= valid.length;
      }
      begin(valid);
      const rejected = records.flatMap(({ id, problems }) =>
        problems.map(({ code, message }) => ({ id, error: { code, message } })),
      );
      const [first] = rejected;
      if (valid.length === 0 && first) return { status: 400, body: { error: first.error, rejected } };
      return { status: 202, body: { accepted: valid.length, rejected } };
    },
    async close(timeoutMs) {
      closing = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      const done = await Promise.race([Promise.all(running).then(() => true), late]);
      clearTimeout(timer);
      stopped.abort();
      return done;
    },
  };
}

function refused(status: number, code: string, message: string): SinkResponse {
  return { status, headers: { 'retry-after': '2' }, body: { error: { code, message } } };
}

function waitAsAsked({ retryAfterMs = 0 }: PatrolError, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
