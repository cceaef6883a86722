import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { createMemoryStore } from '../../src/stores/memory.ts';
import type { Store } from '../../src/stores/store.ts';
import type { ErrorHash, ErrorLogEvent, Milliseconds, Timestamp } from '../../src/types.ts';
import type { Arrival, Severity } from '../history/history.ts';
import type { SinkMetrics } from '../metrics.ts';
import type { SinkLog } from '../sink-log.ts';
import { canUpdate } from './connect.ts';
import { type Outcome, PATIENCE, type Patience } from './courier.ts';
import { createLane, type Delivery, type Lane } from './lane.ts';
import { createLedger, type Due, type SentMessage } from './ledger.ts';
import { type Notice, toDigestEntry } from './notice.ts';
import type { Platform } from './platforms/platform.ts';
import { webhooksFor } from './routing.ts';
import { createSteadyStore } from './steady-store.ts';
import { createTallies, type Sighting } from './tallies.ts';
import { testNotice } from './test-notice.ts';
import { createUpdates, type StandingOf, withCount } from './updates.ts';
import type { Webhook } from './webhook.ts';
import { createWindows } from './windows.ts';

/** An analysed event, and what is known of its error. */
export interface Seen extends Sighting {
  /** What the history says; without one, an error is new that nobody was told of in 30 days. */
  readonly arrival?: Arrival | undefined;
  /** It is not analysed yet, and will come once more. */
  readonly unanalysed?: boolean;
}

/** What rules say of an alert. */
export interface AlertDecision {
  /** @defaultValue `error` */
  readonly severity?: Severity;
  /** Ids of webhooks, beside the event's own `webhookConfigId`. */
  readonly route?: readonly string[];
}

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
  const running = new Set<Promise<void>>();
  let nextUpdate = now() + updateInterval;
  let nextPoll = now();
  let ticking: Promise<void> | undefined;

  const run = (work: () => Promise<void>): void => {
    const done = work()
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

  const hold = async (lane: Lane, notice: Notice): Promise<void> => {
    metrics.count('AlertsHeld');
    const { webhook } = lane;
    await windows.hold(webhook, windows.current(webhook, notice.severity), toDigestEntry(notice));
  };

  const tell = async (lane: Lane, notice: Notice, due: Due, deadline: Timestamp): Promise<void> => {
    const { webhook } = lane;
    const { errorHash } = notice.record.patrol;
    if (!(await ledger.claim(webhook.id, errorHash, due))) return;
    const window = await windows.admit(webhook, notice.severity);
    if (window || !lane.isOpen) {
      await hold(lane, notice);
    } else {
      let previous = await ledger.message(webhook.id, errorHash);
      const send = (reference?: string): Promise<Outcome> =>
        lane.send({
          what: notice.occasion,
          errorHash,
          write: (platform) => platform.alert(notice, reference),
          deadline,
        });
      let outcome = await send(previous?.reference);
      if (previous && hasThreads(webhook) && !outcome.delivered && !outcome.retryable) {
        // Its thread may be gone, or closed: then it begins another.
        await ledger.forgetMessage(webhook.id, errorHash);
        previous = undefined;
        outcome = await send();
      }
      if (outcome.delivered) await keep(webhook, errorHash, notice, outcome, previous);
      else if (outcome.retryable) await hold(lane, notice);
    }
    await ledger.told(webhook.id, errorHash, due);
  };

  /** The first message of a thread stays the one that is kept up to date. */
  const keep = async (
    webhook: Webhook,
    errorHash: ErrorHash,
    { occasion, severity, record }: Notice,
    { reference }: Outcome,
    previous: SentMessage | undefined,
  ): Promise<void> => {
    if (!canUpdate(webhook) || reference === undefined) return;
    if (previous !== undefined && hasThreads(webhook)) return;
    tallies.heed(errorHash);
    await ledger.keepMessage(webhook.id, errorHash, {
      reference,
      occasion,
      severity,
      shown: record.patrol.occurrences,
      explained: record.patrol.source !== 'none',
    });
  };

  const consider = async (seen: Seen, due: Due | undefined, deadline: Timestamp): Promise<void> => {
    const { event, result, arrival } = seen;
    const { errorHash } = result;
    const found =
      due ?? (arrival ? await ledger.left(errorHash) : ({ occasion: 'new', eventId: '' } as const));
    if (found) {
      const { occasion } = found;
      const { service, environment, webhookConfigId } = event;
      const standing = await standingOf(errorHash);
      const ruled = options.decide?.(event);
      const severity = standing?.severity ?? ruled?.severity ?? 'error';
      const route = ruled?.route ?? [];
      const chosen = webhookConfigId === undefined ? route : [...route, webhookConfigId];
      const told = webhooksFor(webhooks, { occasion, severity, service, environment, chosen });
      if (told.length > 0) {
        const notice = {
          id: `msg_${randomUUID()}`,
          occasion,
          severity,
          environment,
          record: withCount({ event, result }, standing?.occurrences ?? event.occurrences),
        };
        await Promise.all(
          lanes
            .filter(({ webhook }) => told.includes(webhook))
            .map((lane) => tell(lane, notice, found, deadline)),
        );
      }
    }
    settled.set(errorHash, true);
  };

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
        consider(seen, due, Math.min(deadline, Date.now() + DELIVERY_MS)).finally(() =>
          telling.delete(errorHash),
        ),
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

/** Whether later messages about an error are answers to its first one. */
function hasThreads({ kind }: Webhook): boolean {
  return kind === 'slack';
}

/** What the history says is an occasion; undefined for an error that is known, and where there is no history. */
function dueOf({ eventId }: ErrorLogEvent, arrival: Arrival | undefined): Due | undefined {
  if (!arrival) return undefined;
  // Who ignores an error until something asks to hear of it then.
  if (arrival.change === 'regressed' || arrival.change === 'unignored')
    return { occasion: 'regressed', eventId };
  // An event that comes again may be one of which a process that was killed had not told yet.
  if (arrival.change === 'new' || (!arrival.counted && arrival.status === 'new'))
    return { occasion: 'new', eventId };
  return arrival.spiking ? { occasion: 'spike', eventId } : undefined;
}
