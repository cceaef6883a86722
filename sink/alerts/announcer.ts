import { randomUUID } from 'node:crypto';
import type { ErrorHash, ErrorLogEvent, Timestamp } from '../../src/types.ts';
import type { Arrival, Severity } from '../history/history.ts';
import type { SinkMetrics } from '../metrics.ts';
import { canUpdate } from './connect.ts';
import type { Outcome } from './courier.ts';
import type { Due } from './due.ts';
import type { Lane } from './lane.ts';
import type { Ledger, SentMessage } from './ledger.ts';
import { type Notice, toDigestEntry } from './notice.ts';
import { webhooksFor } from './routing.ts';
import type { Sighting, Tallies } from './tallies.ts';
import { type StandingOf, withCount } from './updates.ts';
import type { Webhook } from './webhook.ts';
import type { Windows } from './windows.ts';

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

/** Parts of {@link createAnnouncer}. */
export interface AnnouncerParts {
  readonly lanes: readonly Lane[];
  readonly ledger: Ledger;
  readonly windows: Windows;
  /** Told of the errors whose messages are to be kept up to date. */
  readonly tallies: Tallies;
  readonly standingOf: StandingOf;
  readonly decide: ((event: ErrorLogEvent) => AlertDecision | undefined) | undefined;
  readonly metrics: SinkMetrics;
}

/** Tells of one error: whom, by a message of its own or in a digest, and once. */
export interface Announcer {
  /** What is `due` without a history is found out here. */
  announce(seen: Seen, due: Due | undefined, deadline: Timestamp): Promise<void>;
}

/** See {@link Announcer}. */
export function createAnnouncer(parts: AnnouncerParts): Announcer {
  const { lanes, ledger, windows, tallies, metrics } = parts;
  const webhooks = lanes.map(({ webhook }) => webhook);

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

  const announce = async (seen: Seen, due: Due | undefined, deadline: Timestamp): Promise<void> => {
    const { event, result, arrival } = seen;
    const { errorHash } = result;
    const found =
      due ?? (arrival ? await ledger.left(errorHash) : ({ occasion: 'new', eventId: '' } as const));
    if (found) {
      const { occasion } = found;
      const { service, environment, webhookConfigId } = event;
      const standing = await parts.standingOf(errorHash);
      const ruled = parts.decide?.(event);
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
  };

  return { announce };
}

/** Whether later messages about an error are answers to its first one. */
function hasThreads({ kind }: Webhook): boolean {
  return kind === 'slack';
}
