import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pLimit, { type LimitFunction } from 'p-limit';
import type { AnalysisRecord } from '../../src/analysis-record.ts';
import { messageOf } from '../../src/errors.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import type { Store } from '../../src/stores/store.ts';
import type { ErrorHash, ErrorLogEvent, Milliseconds, Timestamp } from '../../src/types.ts';
import type { Occasion } from '../analysis-view.ts';
import type { Arrival, Severity } from '../history/history.ts';
import type { SinkMetrics } from '../metrics.ts';
import { toRecord } from '../publish.ts';
import type { SinkLog } from '../sink-log.ts';
import { canUpdate, createConnection } from './connect.ts';
import { deliver, type Outcome, PATIENCE, type Patience } from './courier.ts';
import { createLedger, type Due, type SentMessage } from './ledger.ts';
import { type Notice, toDigestEntry } from './notice.ts';
import type { Platform, PlatformRequest } from './platforms/platform.ts';
import { webhooksFor } from './routing.ts';
import { createSteadyStore } from './steady-store.ts';
import { createTallies, type Sighting, type Tally } from './tallies.ts';
import { testNotice } from './test-notice.ts';
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

/** One delivery, as the log and the API tell of it. */
export interface Delivery extends Outcome {
  readonly at: Timestamp;
  readonly webhook: string;
  readonly what: Occasion | 'update' | 'digest';
  readonly errorHash?: ErrorHash;
}

/** Tells people of errors that are new, came back, or come more often than usual. Nothing here throws or rejects. */
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
  readonly standingOf?: (
    errorHash: ErrorHash,
  ) => Promise<{ readonly occurrences: number; readonly severity: Severity } | undefined>;
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
/** How long a webhook that cannot be reached is left alone; what it would be told goes into a digest. */
const DOWN_MS: Milliseconds = 60_000;
/** Deliveries that may wait for one webhook. */
const MAX_WAITING = 20;
/** How often the store is asked whether another process has left a digest. */
const POLL_MS: Milliseconds = 30_000;
const MAX_RECENT = 200;
/** What is remembered without a shared store: some six entries for an error and webhook. */
export const MAX_REMEMBERED = 50_000;

/** What is remembered of a webhook in this process. */
interface Lane {
  readonly webhook: Webhook;
  readonly connect: () => Promise<Platform>;
  /** One at a time: that is what the platforms' rate limits are made for. */
  readonly limit: LimitFunction;
  downUntil: Timestamp;
}

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
  const lanes = webhooks.map(
    (webhook): Lane => ({ webhook, connect: createConnection(webhook, now), limit: pLimit(1), downUntil: 0 }),
  );
  const anyUpdates = webhooks.some(canUpdate);
  /** Errors of which this process has nothing more to tell. */
  const settled = new LRUCache<ErrorHash, true>({ max: 10_000 });
  /** Errors of which somebody is being told at the moment. */
  const telling = new Set<ErrorHash>();
  const running = new Set<Promise<void>>();
  const recent: Delivery[] = [];
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
  const standingOf: NonNullable<AlertsOptions['standingOf']> = async (errorHash) => {
    try {
      return await options.standingOf?.(errorHash);
    } catch {
      // The history reports its own troubles.
      return undefined;
    }
  };

  const send = async (
    lane: Lane,
    what: Delivery['what'],
    write: (platform: Platform) => PlatformRequest,
    deadline: Timestamp,
    errorHash?: ErrorHash,
    once = false,
  ): Promise<Outcome> => {
    const outcome = await lane.limit(() =>
      deliver(lane.connect, write, deadline, once ? { ...patience, retries: 0 } : patience),
    );
    if (outcome.delivered) lane.downUntil = 0;
    else if (outcome.retryable && !once) lane.downUntil = now() + DOWN_MS;
    const delivery = {
      at: now(),
      webhook: lane.webhook.id,
      what,
      ...(errorHash !== undefined && { errorHash }),
      ...outcome,
    };
    recent.push(delivery);
    if (recent.length > MAX_RECENT) recent.shift();
    metrics.count(outcome.delivered ? 'AlertsDelivered' : 'AlertsFailed');
    const { reference: _, delivered: __, problem, at: ___, ...fields } = delivery;
    if (outcome.delivered) log.info('Alert delivered', fields);
    else log.error('Alert not delivered', problem, fields);
    return outcome;
  };

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
    if (window || lane.downUntil > now() || lane.limit.pendingCount >= MAX_WAITING) {
      await hold(lane, notice);
    } else {
      const previous = await ledger.message(webhook.id, errorHash);
      const outcome = await send(
        lane,
        notice.occasion,
        (platform) => platform.alert(notice, previous?.reference),
        deadline,
        errorHash,
      );
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
    const isThread = previous !== undefined && webhook.kind === 'slack';
    if (isThread) return;
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
        telling.add(errorHash);
        await Promise.all(
          lanes
            .filter(({ webhook }) => told.includes(webhook))
            .map((lane) => tell(lane, notice, found, deadline)),
        ).finally(() => telling.delete(errorHash));
      }
    }
    settled.set(errorHash, true);
  };

  const update = async (errorHash: ErrorHash, tally: Tally, deadline: Timestamp): Promise<void> => {
    const found = await Promise.all(
      lanes
        .filter(({ webhook }) => canUpdate(webhook))
        .map(async (lane) => ({ lane, message: await ledger.message(lane.webhook.id, errorHash) })),
    );
    const messages = found.flatMap(({ lane, message }) => (message ? [{ lane, message }] : []));
    if (messages.length === 0) {
      if (!telling.has(errorHash)) tallies.drop(errorHash);
      return;
    }
    const { pending, latest } = tally;
    tally.pending = 0;
    const counted = await ledger.count(errorHash, pending);
    const total = (await standingOf(errorHash))?.occurrences ?? counted;
    const record = withCount(latest, total);
    for (const { lane, message } of messages) {
      const { webhook } = lane;
      const isExplained = latest.result.source !== 'none';
      const isStale = total > message.shown || (isExplained && !message.explained);
      if (!isStale || lane.downUntil > now()) continue;
      if (!(await ledger.mayUpdate(webhook.id, errorHash, updateInterval))) continue;
      const { reference, occasion, severity } = message;
      const notice: Notice = { id: reference, occasion, severity, record };
      const outcome = await send(
        lane,
        'update',
        (platform) => platform.update?.(notice, reference) ?? platform.alert(notice, reference),
        deadline,
        errorHash,
      );
      if (outcome.delivered)
        await ledger.keepMessage(webhook.id, errorHash, { ...message, shown: total, explained: isExplained });
    }
  };

  const sendDigests = async (deadline: Timestamp, early = false): Promise<void> => {
    await Promise.all(
      lanes.map(async (lane) => {
        for (const { digest, done, again } of await windows.takeEnded(lane.webhook, early)) {
          const outcome = await send(lane, 'digest', (platform) => platform.digest(digest), deadline);
          await (outcome.delivered || !outcome.retryable ? done() : again());
        }
      }),
    );
  };

  const sendUpdates = async (deadline: Timestamp): Promise<void> => {
    for (const [errorHash, tally] of tallies.busiest()) await update(errorHash, tally, deadline);
  };

  const tick = (deadline: Timestamp): Promise<void> => {
    ticking ??= (async () => {
      const at = now();
      if (anyUpdates && at >= nextUpdate) {
        nextUpdate = at + updateInterval;
        await sendUpdates(deadline);
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
      const isDone = arrival ? result.cached || !store.isShared : settled.has(result.errorHash);
      if (!due && isDone) return;
      run(() => consider(seen, due, Math.min(deadline, Date.now() + DELIVERY_MS)));
    },
    async settle(deadline) {
      await Promise.all(running);
      await tick(deadline);
    },
    async test(id) {
      const lane = lanes.find(({ webhook }) => webhook.id === id);
      if (!lane) return undefined;
      const notice = testNotice(now());
      return send(lane, 'test', (platform) => platform.alert(notice), Date.now() + TEST_MS, undefined, true);
    },
    async close(timeoutMs) {
      clearInterval(timer);
      const deadline = Date.now() + timeoutMs;
      const all = (async () => {
        await Promise.all(running);
        await ticking;
        await sendUpdates(deadline);
        // What is kept can be sent by the next process.
        await sendDigests(deadline, !store.isShared && !options.own);
      })().catch((error: unknown) => log.error(`Alerts failed: ${messageOf(error)}`, error));
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, timeoutMs).unref())]);
      own.close();
    },
  };
}

/** The record of an analysed event, with all that were counted of its error. */
function withCount({ event, result }: Sighting, occurrences: number): AnalysisRecord {
  return toRecord({ ...event, occurrences }, { ...result, occurrences });
}

/** What the history says is an occasion; undefined for an error that is known, and where there is no history. */
function dueOf({ eventId }: ErrorLogEvent, arrival: Arrival | undefined): Due | undefined {
  if (!arrival) return undefined;
  if (arrival.change === 'regressed') return { occasion: 'regressed', eventId };
  // An event that comes again may be one of which a process that was killed had not told yet.
  if (arrival.change === 'new' || (!arrival.counted && arrival.status === 'new'))
    return { occasion: 'new', eventId };
  return arrival.spiking ? { occasion: 'spike', eventId } : undefined;
}
