import { LRUCache } from 'lru-cache';
import { createMemoryStore } from '../../src/stores/memory.ts';
import type { Store } from '../../src/stores/store.ts';
import type { ErrorHash, ErrorLogEvent, Milliseconds, Timestamp } from '../../src/types.ts';
import type { Arrival } from '../history/history.ts';
import type { SinkMetrics } from '../metrics.ts';
import type { SinkLog } from '../sink-log.ts';
import { type AlertDecision, createAnnouncer, type Seen } from './announcer.ts';
import { canUpdate } from './connect.ts';
import { type Outcome, PATIENCE, type Patience } from './courier.ts';
import { dueOf } from './due.ts';
import { createLane, type Delivery } from './lane.ts';
import { createLedger } from './ledger.ts';
import type { Platform } from './platforms/platform.ts';
import { createSteadyStore } from './steady-store.ts';
import { createTallies } from './tallies.ts';
import { testNotice } from './test-notice.ts';
import { createUpdates, type StandingOf } from './updates.ts';
import type { Webhook } from './webhook.ts';
import { createWindows } from './windows.ts';

/** Tells people of errors that are new, came back (also from being ignored until something), or come more often than usual. Nothing here throws or rejects. */
export interface Alerts {
  readonly webhooks: readonly Webhook[];
  /** The latest deliveries, newest last; bounded. */
  readonly recent: readonly Delivery[];
  /** To be awaited before an event is analysed: where another process analyses it, that one tells of it. */
  expect(event: ErrorLogEvent, arrival: Arrival | undefined): Promise<void>;
  /** Tells of an analysed event, where that is called for, in the background. */
  see(seen: Seen, deadline?: Timestamp): void;
  /** Waits for what is under way, and does what is due: for functions, which stop between invocations. */
  settle(deadline: Timestamp): Promise<void>;
  /** Sends a test, once, whatever the routes and limits say; undefined for an id that is not configured. */
  test(id: string): Promise<Outcome | undefined>;
  /** Finishes what is under way within the time, and sends the digests that are not waiting for quiet hours to end. */
  close(timeoutMs: Milliseconds): Promise<void>;
}

/** Options of {@link createAlerts}. */
export interface AlertsOptions {
  readonly webhooks: readonly Webhook[];
  /** What processes share; without one, each tells for itself. */
  readonly store?: Store | undefined;
  /** What this process remembers in without one, or while it cannot be asked. @defaultValue its memory */
  readonly own?: Store | undefined;
  readonly log: SinkLog;
  readonly metrics: SinkMetrics;
  /** What the history knows of an error, counted and judged; asked only for what somebody is told of. */
  readonly standingOf?: StandingOf;
  /** Asked only for what somebody may be told of. */
  readonly decide?: (event: ErrorLogEvent) => AlertDecision | undefined;
  /** Look by themselves for what is due, every so often; 0 leaves it to {@link Alerts.settle}. @defaultValue 1000 */
  readonly tickInterval?: Milliseconds;
  /** How often the count of a message is brought up to date. @defaultValue 60 000 */
  readonly updateInterval?: Milliseconds;
  readonly patience?: Patience;
  /** @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** Longest that a delivery is tried; what is not delivered by then goes into a digest. */
const DELIVERY_MS: Milliseconds = 120_000;
const TEST_MS: Milliseconds = 10_000;
/** How often the store is asked whether another process has left a digest. */
const POLL_MS: Milliseconds = 30_000;
/** What is remembered without a shared store: some six entries for an error and webhook. */
export const MAX_REMEMBERED = 50_000;

/** See {@link Alerts}. */
export function createAlerts(options: AlertsOptions): Alerts {
  const { webhooks, log, metrics, patience = PATIENCE, now = Date.now } = options;
  const { tickInterval = 1000, updateInterval = 60_000 } = options;
  const own = options.own ?? createMemoryStore({ now, maxSize: MAX_REMEMBERED });
  const store = createSteadyStore(
    options.store,
    own,
    (problem) => log.error('Alerts are not shared at the moment', problem),
    now,
  );
  const ledger = createLedger(store);
  const windows = createWindows(store, now);
  const tallies = createTallies(now);
  const recent: Delivery[] = [];
  const lanes = webhooks.map((webhook) => createLane(webhook, { log, metrics, patience, recent, now }));
  const anyUpdates = webhooks.some(canUpdate);
  /** Errors of which this process has nothing more to tell. */
  const settled = new LRUCache<ErrorHash, true>({ max: 10_000 });
  /** Errors of which somebody is being told at the moment. */
  const telling = new Set<ErrorHash>();
  const running = new Set<Promise<unknown>>();
  let nextUpdate = now() + updateInterval;
  let nextPoll = now();
  let ticking: Promise<void> | undefined;

  const run = (work: () => Promise<unknown>): void => {
    const done: Promise<unknown> = work()
      .catch((error: unknown) => log.error('Alert failed', error))
      .finally(() => running.delete(done));
    running.add(done);
  };

  /** Undefined without a history, or where it cannot be asked. */
  const standingOf: StandingOf = async (errorHash) => {
    try {
      return await options.standingOf?.(errorHash);
    } catch {
      // The history reports its own troubles.
      return undefined;
    }
  };

  const updates = createUpdates({
    lanes,
    ledger,
    tallies,
    standingOf,
    isTold: (errorHash) => telling.has(errorHash),
    interval: updateInterval,
  });

  const announcer = createAnnouncer({
    lanes,
    ledger,
    windows,
    tallies,
    standingOf,
    decide: options.decide,
    metrics,
  });

  const sendDigests = async (deadline: Timestamp, early = false): Promise<void> => {
    await Promise.all(
      lanes.map(async (lane) => {
        for (const { digest, done, again } of await windows.takeEnded(lane.webhook, early)) {
          const write = (platform: Platform) => platform.digest(digest);
          const outcome = await lane.send({ what: 'digest', write, deadline });
          await (outcome.delivered || !outcome.retryable ? done() : again());
        }
      }),
    );
  };

  const tick = (deadline: Timestamp): Promise<void> => {
    ticking ??= (async () => {
      const at = now();
      if (anyUpdates && at >= nextUpdate) {
        nextUpdate = at + updateInterval;
        await updates.send(deadline);
      }
      if (at >= nextPoll || at >= (windows.nextEnd ?? Number.POSITIVE_INFINITY)) {
        nextPoll = at + POLL_MS;
        await sendDigests(deadline);
      }
    })()
      .catch((error: unknown) => log.error('Alerts failed', error))
      .finally(() => {
        ticking = undefined;
      });
    return ticking;
  };

  const timer =
    tickInterval > 0
      ? setInterval(() => void tick(Date.now() + DELIVERY_MS), tickInterval).unref()
      : undefined;

  return {
    webhooks,
    recent,
    async expect(event, arrival) {
      const due = dueOf(event, arrival);
      if (!due || !arrival || !store.isShared) return;
      await ledger.leave(arrival.errorHash, due).catch((error: unknown) => log.error('Alert failed', error));
    },
    see(seen, deadline = Number.POSITIVE_INFINITY) {
      const { event, result, arrival } = seen;
      if (anyUpdates && !seen.unanalysed) tallies.add(seen);
      if (arrival?.status === 'ignored') return;
      const due = dueOf(event, arrival);
      // Of a known error there is something to tell only where another process has left it to this one.
      const { errorHash } = result;
      const isDone = arrival
        ? result.cached || !store.isShared
        : settled.has(errorHash) || telling.has(errorHash);
      if (!due && isDone) return;
      telling.add(errorHash);
      run(() =>
        announcer
          .announce(seen, due, Math.min(deadline, Date.now() + DELIVERY_MS))
          .then(() => settled.set(errorHash, true))
          .finally(() => telling.delete(errorHash)),
      );
    },
    async settle(deadline) {
      await Promise.all(running);
      await tick(deadline);
    },
    async test(id) {
      const lane = lanes.find(({ webhook }) => webhook.id === id);
      if (!lane) return undefined;
      const notice = testNotice(now());
      const write = (platform: Platform) => platform.alert(notice);
      return lane.send({ what: 'test', write, deadline: Date.now() + TEST_MS, once: true });
    },
    async close(timeoutMs) {
      clearInterval(timer);
      const deadline = Date.now() + timeoutMs;
      const all = (async () => {
        await Promise.all(running);
        await ticking;
        await updates.send(deadline);
        // What is kept can be sent by the next process.
        await sendDigests(deadline, !store.isShared && !options.own);
      })().catch((error: unknown) => log.error('Alerts failed', error));
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, timeoutMs).unref())]);
      own.close();
    },
  };
}
