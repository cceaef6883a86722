import type { Timestamp } from '../../src/types.ts';
import type { Alerts } from './alerts.ts';
import { canUpdate } from './connect.ts';
import type { Outcome } from './courier.ts';
import type { Delivery } from './lane.ts';
import type { Webhook } from './webhook.ts';

/** A webhook as people may see it: without address, token and secret. */
export interface WebhookDescription
  extends Pick<Webhook, 'id' | 'kind' | 'routes' | 'quietHours' | 'rateLimit'> {
  /** Whether messages are written over with later counts. */
  readonly updates: boolean;
  /** What became of the latest delivery of this process; absent before the first. */
  readonly last?: Pick<Delivery, 'what' | 'delivered' | 'status' | 'problem'> & { readonly at: Timestamp };
}

/** What became of a test. */
export interface TestAnswer {
  readonly delivered: boolean;
  /** Of HTTP; absent when nothing answered. */
  readonly status?: number;
  /** A sentence for people. */
  readonly message: string;
}

/** Describes the webhooks of a sink. */
export function describeWebhooks({
  webhooks,
  recent,
}: Pick<Alerts, 'webhooks' | 'recent'>): readonly WebhookDescription[] {
  return webhooks.map((webhook) => {
    const { id, kind, routes, quietHours, rateLimit } = webhook;
    const last = recent.findLast((delivery) => delivery.webhook === id);
    return {
      id,
      kind,
      updates: canUpdate(webhook),
      ...(routes && { routes }),
      ...(quietHours && { quietHours }),
      rateLimit,
      ...(last && { last: describeDelivery(last) }),
    };
  });
}

function describeDelivery({
  at,
  what,
  delivered,
  status,
  problem,
}: Delivery): NonNullable<WebhookDescription['last']> {
  return {
    at,
    what,
    delivered,
    ...(status !== undefined && { status }),
    ...(problem !== undefined && { problem }),
  };
}

/** What people are told of a test. */
export function toTestAnswer({ delivered, status, problem }: Outcome): TestAnswer {
  return {
    delivered,
    ...(status !== undefined && { status }),
    message: delivered ? 'The test was delivered.' : `The test was not delivered: ${problem}.`,
  };
}
