import type { DropReason, ErrorLogEvent, Milliseconds } from '../../src/types.ts';

/** Counts of records that were lost, by reason. */
export type DropCounts = Partial<Record<DropReason, number>>;

/** What one delivery carries. A redelivery repeats `batchId` and every `eventId`. */
export interface EventBatch {
  readonly batchId: string;
  readonly events: readonly ErrorLogEvent[];
  /** Records lost since the last batch; a receiver counts them once per `batchId`. */
  readonly dropped?: Readonly<DropCounts>;
}

/** How one delivery went. Events that are in neither list have arrived. */
export interface DeliveryOutcome {
  /** Ids of the events to be sent again later. */
  readonly retry: readonly string[];
  /** Ids of the events that the other side will never take. */
  readonly rejected: readonly string[];
  /** True when the other side refused the batch as a whole, perhaps for one event's sake: halves may pass. */
  readonly split?: boolean;
  /** How long the other side asked to wait. */
  readonly retryAfterMs?: Milliseconds;
  /** Why, in words that hold no secret; for the one warning that an operator sees. */
  readonly problem?: string;
}

/** How long a delivery may take. */
export interface SendOptions {
  readonly timeoutMs: Milliseconds;
  readonly signal: AbortSignal;
}

/** The port to the sink. `send` never rejects and holds no process alive. */
export interface Delivery {
  readonly name: 'local' | 'http' | 'sqs';
  send(batch: EventBatch, options: SendOptions): Promise<DeliveryOutcome>;
  /** Gives up what is in flight and lets go of sockets. */
  close(): void;
}

/** The outcome of a batch of which nothing arrived and all may arrive later. */
export function retryAll(batch: EventBatch, problem: string, retryAfterMs?: Milliseconds): DeliveryOutcome {
  return {
    retry: batch.events.map((event) => event.eventId),
    rejected: [],
    problem,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
