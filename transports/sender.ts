import { randomUUID } from 'node:crypto';
import { messageOf } from '../src/errors.ts';
import type { DropReason, ErrorLogEvent, Milliseconds } from '../src/types.ts';
import type { Delivery, DeliveryOutcome, DropCounts, EventBatch } from './delivery/delivery.ts';
import { withSamples } from './samples.ts';
import type { PendingEvent } from './windows.ts';

/** Waits grow from the first to the second; short enough that a sink that is back is noticed within 5 s. */
const BACKOFF_MS: readonly [Milliseconds, Milliseconds] = [200, 3000];
/** Nobody is believed who asks to wait longer. */
const MAX_RETRY_AFTER_MS: Milliseconds = 300_000;
/** An event is given up after so many tries, if meanwhile so many other batches arrived: it is poison. */
const POISON = { attempts: 12, otherSuccesses: 3 } as const;
/** Failures in a row after which an operator is told, once. */
const TELL_AFTER_FAILURES = 3;

/** A batch on its way; its events and its id stay the same however often it is sent. */
interface Outgoing {
  readonly batch: EventBatch;
  readonly pending: readonly PendingEvent[];
  attempts: number;
  /** How many batches had arrived when this one first failed. */
  successesBefore: number;
}

/** Options of {@link createSender}. */
export interface SenderOptions {
  readonly delivery: () => Promise<Delivery>;
  readonly timeoutMs: Milliseconds;
  /** The next events to be sent, at most one batch of them. */
  readonly take: () => readonly PendingEvent[];
  readonly takeDrops: () => DropCounts | undefined;
  /** An event has arrived, or is lost for the given reason. */
  readonly onSettled: (pending: PendingEvent, lost?: DropReason) => void;
  /** Drop counts that no receiver took. */
  readonly onDropsRefused: (dropped: DropCounts) => void;
  /** Told once: deliveries keep failing. */
  readonly onTrouble: (problem: string) => void;
}

/** Sends what is taken, again and again if need be. */
export interface Sender {
  /** Sends what there is to send, unless a wait is on. */
  pump(): void;
  /** Ends a wait, except one that the other side asked for. */
  hurry(): void;
  /** Adds events whose ids and counts are already fixed, such as those of an earlier process. */
  resend(pending: readonly PendingEvent[]): void;
  readonly sealed: Iterable<PendingEvent>;
  readonly sealedBytes: number;
  readonly sealedCount: number;
  close(): void;
}

/** At most `concurrency` batches at a time; after a failure one, as a probe, until it arrives. */
export function createSender(options: SenderOptions & { readonly concurrency: number }): Sender {
  const { take, takeDrops, onSettled, onDropsRefused, onTrouble } = options;
  const queue: Outgoing[] = [];
  const inFlight = new Set<Outgoing>();
  const stopped = new AbortController();
  let bytes = 0;
  let count = 0;
  let failures = 0;
  let successes = 0;
  let told = false;
  let waiting = false;
  let askedToWait = false;
  let timer: NodeJS.Timeout | undefined;

  const add = (
    pending: readonly PendingEvent[],
    dropped: DropCounts | undefined,
    batchId: string = randomUUID(),
  ) => {
    queue.push({ batch: toBatch(pending, dropped, batchId), pending, attempts: 0, successesBefore: 0 });
  };

  const settle = (pending: PendingEvent, lost?: DropReason) => {
    bytes -= pending.bytes;
    count -= 1;
    onSettled(pending, lost);
  };

  const pump = () => {
    if (stopped.signal.aborted) return;
    if (waiting) return;
    const limit = failures > 0 ? 1 : options.concurrency;
    while (inFlight.size < limit) {
      if (queue.length === 0) {
        const pending = take();
        if (pending.length === 0) return;
        for (const one of pending) bytes += one.bytes;
        count += pending.length;
        add(pending, takeDrops());
      }
      const outgoing = queue.shift();
      if (outgoing) void send(outgoing);
    }
  };

  const send = async (outgoing: Outgoing): Promise<void> => {
    inFlight.add(outgoing);
    outgoing.attempts += 1;
    if (outgoing.attempts === 1) outgoing.successesBefore = successes;
    let outcome: DeliveryOutcome;
    try {
      const delivery = await options.delivery();
      outcome = await delivery.send(outgoing.batch, { timeoutMs: options.timeoutMs, signal: stopped.signal });
    } catch (error) {
      outcome = {
        retry: outgoing.pending.map((one) => one.event.eventId),
        rejected: [],
        problem: messageOf(error),
      };
    }
    inFlight.delete(outgoing);
    if (stopped.signal.aborted) {
      // What is not known to have arrived stays where it is: in the spool, or counted as lost by the forwarder.
      queue.push(outgoing);
      return;
    }
    judge(outgoing, outcome);
    pump();
  };

  const judge = (outgoing: Outgoing, outcome: DeliveryOutcome) => {
    const again = new Set(outcome.retry);
    const refused = new Set(outcome.rejected);
    for (const one of outgoing.pending) {
      if (refused.has(one.event.eventId)) settle(one, 'delivery_rejected');
      else if (!again.has(one.event.eventId)) settle(one);
    }
    const left = outgoing.pending.filter((one) => again.has(one.event.eventId));
    const arrived = refused.size < outgoing.pending.length && left.length < outgoing.pending.length;
    if (left.length === 0) {
      if (arrived) successes += 1;
      else if (outgoing.batch.dropped) onDropsRefused(outgoing.batch.dropped);
      // A refusal, too, proves that the other side is there.
      failures = 0;
      return;
    }
    if (outcome.split && left.length > 1) {
      const middle = Math.ceil(left.length / 2);
      add(left.slice(0, middle), outgoing.batch.dropped);
      add(left.slice(middle), undefined);
      return;
    }
    requeue(outgoing, left, arrived);
    if (!outcome.split) wait(outcome);
  };

  const requeue = (outgoing: Outgoing, left: readonly PendingEvent[], partly: boolean) => {
    const poison =
      outgoing.attempts >= POISON.attempts && successes - outgoing.successesBefore >= POISON.otherSuccesses;
    if (poison) {
      if (outgoing.batch.dropped) onDropsRefused(outgoing.batch.dropped);
      // One of them is the poison; alone, each shows which.
      for (const one of left) {
        if (left.length === 1) settle(one, 'delivery_failed');
        else add([one], undefined);
      }
    } else if (partly) {
      // A part arrived and with it the drop counts; the rest is another batch.
      add(left, undefined);
      const rest = queue.at(-1);
      if (rest)
        Object.assign(rest, { attempts: outgoing.attempts, successesBefore: outgoing.successesBefore });
    } else {
      queue.push(outgoing);
    }
  };

  const goOn = () => {
    clearTimeout(timer);
    waiting = false;
    askedToWait = false;
    pump();
  };

  const wait = (outcome: DeliveryOutcome) => {
    failures += 1;
    if (failures === TELL_AFTER_FAILURES && !told) {
      told = true;
      onTrouble(outcome.problem ?? 'the sink does not take events');
    }
    const [first, most] = BACKOFF_MS;
    const longest = Math.min(most, first * 2 ** (failures - 1));
    // "Equal jitter": between half and all of it, so that a fleet does not come back at once.
    const ownWait = longest / 2 + (Math.random() * longest) / 2;
    const delay = Math.max(ownWait, Math.min(outcome.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
    waiting = true;
    askedToWait = outcome.retryAfterMs !== undefined;
    clearTimeout(timer);
    timer = setTimeout(goOn, delay).unref();
  };

  return {
    pump,
    hurry() {
      if (!askedToWait) goOn();
    },
    resend(pending) {
      for (const one of pending) bytes += one.bytes;
      count += pending.length;
      if (pending.length > 0) add(pending, undefined);
    },
    get sealed() {
      return [...queue, ...inFlight].flatMap((outgoing) => outgoing.pending);
    },
    get sealedBytes() {
      return bytes;
    },
    get sealedCount() {
      return count;
    },
    close() {
      clearTimeout(timer);
      stopped.abort();
    },
  };
}

/** From here on the counts are fixed: a redelivery repeats them. */
function toBatch(
  pending: readonly PendingEvent[],
  dropped: DropCounts | undefined,
  batchId: string,
): EventBatch {
  const events: ErrorLogEvent[] = pending.map(({ event, occurrences, lastSeen, samples }) => ({
    ...(samples ? withSamples(event, samples) : event),
    occurrences,
    lastSeen,
  }));
  return { batchId, events, ...(dropped && { dropped }) };
}
