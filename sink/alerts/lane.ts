import pLimit from 'p-limit';
import type { ErrorHash, Milliseconds, Timestamp } from '../../src/types.ts';
import type { Occasion } from '../analysis-view.ts';
import type { SinkMetrics } from '../metrics.ts';
import type { SinkLog } from '../sink-log.ts';
import { createConnection } from './connect.ts';
import { deliver, type Outcome, type Patience } from './courier.ts';
import type { Platform, PlatformRequest } from './platforms/platform.ts';
import type { Webhook } from './webhook.ts';

/** What is sent. */
export interface Shipment {
  readonly what: Occasion | 'update' | 'digest';
  readonly errorHash?: ErrorHash;
  readonly write: (platform: Platform) => PlatformRequest;
  readonly deadline: Timestamp;
  /** Not tried again. @defaultValue false */
  readonly once?: boolean;
}

/** One delivery, as the log and the API tell of it. */
export interface Delivery extends Outcome {
  readonly at: Timestamp;
  readonly webhook: string;
  readonly what: Shipment['what'];
  readonly errorHash?: ErrorHash;
}

/** The way to one webhook. */
export interface Lane {
  readonly webhook: Webhook;
  /** False while it cannot be reached, or too much waits for it. */
  readonly isOpen: boolean;
  /** Sends, one at a time: that is what the platforms' rate limits are made for. Never rejects. */
  send(shipment: Shipment): Promise<Outcome>;
}

/** Parts of {@link createLane}. */
export interface LaneParts {
  readonly log: SinkLog;
  readonly metrics: SinkMetrics;
  readonly patience: Patience;
  /** The latest deliveries, to be added to. */
  readonly recent: Delivery[];
  readonly now: () => number;
}

/** How long a webhook that cannot be reached is left alone. */
const DOWN_MS: Milliseconds = 60_000;
/** Deliveries that may wait for one webhook. */
const MAX_WAITING = 20;
const MAX_RECENT = 200;

/** See {@link Lane}. */
export function createLane(webhook: Webhook, { log, metrics, patience, recent, now }: LaneParts): Lane {
  const connect = createConnection(webhook, now);
  const limit = pLimit(1);
  let downUntil = 0;

  const record = (shipment: Shipment, outcome: Outcome): void => {
    const { what, errorHash } = shipment;
    const { reference: _, delivered, problem, ...figures } = outcome;
    const fields = { webhook: webhook.id, what, ...(errorHash !== undefined && { errorHash }), ...figures };
    recent.push({ ...fields, at: now(), delivered, ...(problem !== undefined && { problem }) });
    if (recent.length > MAX_RECENT) recent.shift();
    metrics.count(delivered ? 'AlertsDelivered' : 'AlertsFailed');
    if (delivered) log.info('Alert delivered', fields);
    else log.error('Alert not delivered', problem, fields);
  };

  return {
    webhook,
    get isOpen() {
      return downUntil <= now() && limit.pendingCount < MAX_WAITING;
    },
    async send(shipment) {
      const { write, deadline, once = false } = shipment;
      const outcome = await limit(() =>
        deliver(connect, write, deadline, once ? { ...patience, retries: 0 } : patience),
      );
      if (outcome.delivered) downUntil = 0;
      else if (outcome.retryable && !once) downUntil = now() + DOWN_MS;
      record(shipment, outcome);
      return outcome;
    },
  };
}
