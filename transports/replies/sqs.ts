import { type AnalysisRecord, parseAnalysisRecord } from '../../src/analysis-record.ts';
import type { Milliseconds } from '../../src/types.ts';
import { connectSqs, type SqsConnection } from '../sqs-client.ts';
import type { OnAnalysis, Replies } from './replies.ts';

/** Options of {@link createQueueReplies}. */
export interface QueueRepliesOptions {
  readonly queueUrl: string;
  readonly service: string | undefined;
  readonly onAnalysis: OnAnalysis;
}

/** SQS's longest poll. */
const LONG_POLL_S = 20;
/** How long after the last error its answer is waited for without a break; models, retries and queues take minutes. */
const EAGER_MS: Milliseconds = 10 * 60_000;
/** Pause between two polls afterwards, for stragglers: a poll a minute costs less than a cent a month. */
const IDLE_PAUSE_MS: Milliseconds = 60_000;
/** Pauses after a failure, or when all that came was for others and would come again at once. */
const PAUSES_MS = [500, 1000, 2000, 5000, 10_000, 30_000] as const;
/** Analyses that are remembered so that a redelivery is not printed twice. */
const MAX_SEEN = 1000;

/**
 * Long-polls the reply queue from the first error on and never before: a process without errors costs nothing.
 * Holds no process alive. A foreign service's reply is released for its owner and never printed; what is no
 * analysis at all is left to the queue's own redrive policy.
 */
export function createQueueReplies({ queueUrl, service: own, onAnalysis }: QueueRepliesOptions): Replies {
  let stopped = false;
  const seen = new Set<string>();
  let eagerUntil = 0;
  let running = false;
  let wake: (() => void) | undefined;

  const pause = (ms: Milliseconds) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    let connection: SqsConnection | undefined;
    let fruitless = 0;
    while (!stopped) {
      try {
        connection ??= await connectSqs(queueUrl, (LONG_POLL_S + 10) * 1000);
        const { own, foreign } = await poll(connection);
        fruitless = foreign > 0 && own === 0 ? fruitless + 1 : 0;
      } catch {
        fruitless += 1;
      }
      if (stopped) break;
      if (fruitless > 0) await pause(PAUSES_MS[Math.min(fruitless, PAUSES_MS.length) - 1] ?? IDLE_PAUSE_MS);
      else if (Date.now() > eagerUntil) await pause(IDLE_PAUSE_MS);
    }
    connection?.close();
  };

  const poll = async ({ sdk, client }: SqsConnection) => {
    const { Messages: messages = [] } = await client.send(
      new sdk.ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: LONG_POLL_S,
      }),
    );
    // A poll is never aborted: the queue would keep what it gave to nobody until its visibility timeout is over.
    const handled: string[] = [];
    const foreign: string[] = [];
    for (const { Body, ReceiptHandle } of messages) {
      const record = parseBody(Body);
      if (!record || ReceiptHandle === undefined) continue;
      // After the end there is no log to write to, but another instance may have one.
      if (stopped || isForeign(record)) foreign.push(ReceiptHandle);
      else {
        handled.push(ReceiptHandle);
        deliver(record);
      }
    }
    const entries = (handles: string[]) =>
      handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    if (foreign.length > 0) {
      const Entries = entries(foreign).map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
      await client.send(new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
    if (handled.length > 0) {
      await client.send(new sdk.DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries(handled) }));
    }
    return { own: handled.length, foreign: foreign.length };
  };

  const isForeign = ({ patrol: { service } }: AnalysisRecord) =>
    service !== undefined && own !== undefined && service !== own;

  const deliver = (record: AnalysisRecord) => {
    const { eventId } = record.patrol;
    if (seen.has(eventId)) return;
    if (seen.size >= MAX_SEEN) seen.clear();
    seen.add(eventId);
    onAnalysis(record);
  };

  return {
    expect() {
      if (stopped) return;
      eagerUntil = Date.now() + EAGER_MS;
      if (running) return wake?.();
      running = true;
      void run().catch(() => {});
    },
    close() {
      stopped = true;
      wake?.();
    },
  };
}

function parseBody(body: string | undefined): AnalysisRecord | undefined {
  try {
    return parseAnalysisRecord(JSON.parse(body ?? ''));
  } catch {
    return undefined;
  }
}
