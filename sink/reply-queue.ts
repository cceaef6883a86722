import type { SQSClient } from '@aws-sdk/client-sqs';
import type { AnalysisRecord } from '../src/analysis-record.ts';
import { isRecord, toPlain, truncate } from '../src/bounds.ts';
import type { PatrolConfig } from '../src/config.ts';
import { messageOf, PatrolError } from '../src/errors.ts';
import type { Milliseconds } from '../src/types.ts';
import { toJsonLine } from './json-line.ts';
import type { ReplySender } from './publish.ts';
import { createSqsClient } from './sqs-client.ts';

/** Entries of one SendMessageBatch: SQS takes no more. */
const MAX_ENTRIES = 10;
/**
 * Bytes of one message, and of one batch. SQS takes 1 MiB of each since August 2025; queues that were made
 * before, or by a template that says so, still take 256 KiB.
 */
const MAX_BYTES = 262_144;
const SEND_TIMEOUT_MS: Milliseconds = 5000;

interface Pending {
  readonly body: string;
  readonly resolve: () => void;
  readonly reject: (error: PatrolError) => void;
}

/**
 * Sends replies to the queues that the sink's own configuration names: never to one that an event names.
 * Replies that are ready at the same moment share a batch.
 *
 * @returns undefined when no reply queue is configured.
 */
export function createReplyQueue(
  config: Pick<PatrolConfig, 'replyQueueUrl' | 'replyQueueUrlMap'>,
): ReplySender | undefined {
  const { replyQueueUrl, replyQueueUrlMap } = config;
  if (replyQueueUrl === undefined && Object.keys(replyQueueUrlMap).length === 0) return undefined;

  const waiting = new Map<string, Pending[]>();
  let client: Promise<SQSClient> | undefined;

  const flush = () => {
    for (const [queueUrl, pending] of waiting) {
      for (const batch of inBatches(pending)) {
        client ??= createSqsClient(SEND_TIMEOUT_MS);
        void sendBatch(client, queueUrl, batch);
      }
    }
    waiting.clear();
  };

  return {
    send(record) {
      const { service } = record.patrol;
      const queueUrl =
        service !== undefined && Object.hasOwn(replyQueueUrlMap, service)
          ? replyQueueUrlMap[service]
          : replyQueueUrl;
      if (queueUrl === undefined) return Promise.resolve();
      return new Promise((resolve, reject) => {
        if (waiting.size === 0) setImmediate(flush);
        const pending = waiting.get(queueUrl) ?? [];
        waiting.set(queueUrl, pending);
        pending.push({ body: toBody(record), resolve, reject });
      });
    },
  };
}

/**
 * Sends one batch and settles every entry; never rejects. The client repeats a request that failed as a whole;
 * a single refused entry is left to the caller, who may have a redelivery to lean on.
 */
async function sendBatch(
  client: Promise<SQSClient>,
  queueUrl: string,
  batch: readonly Pending[],
): Promise<void> {
  try {
    const [sqs, { SendMessageBatchCommand }] = await Promise.all([client, import('@aws-sdk/client-sqs')]);
    const { Failed: failed = [] } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: batch.map(({ body }, index) => ({ Id: String(index), MessageBody: body })),
      }),
    );
    const failures = new Map(failed.map((entry) => [entry.Id, entry]));
    for (const [index, { resolve, reject }] of batch.entries()) {
      const failure = failures.get(String(index));
      if (failure)
        reject(notSent(failure.Message ?? failure.Code ?? 'refused', failure.SenderFault !== true));
      else resolve();
    }
  } catch (error) {
    for (const { reject } of batch) reject(notSent(messageOf(error), !isRefusal(error), error));
  }
}

function notSent(reason: string, retryable: boolean, cause?: unknown): PatrolError {
  return new PatrolError('DELIVERY_FAILED', `The reply could not be sent: ${truncate(reason, 300)}`, {
    retryable,
    cause,
  });
}

/** True when SQS answered that it will not take this, however often it is asked: no such queue, no permission. */
function isRefusal(error: unknown): boolean {
  const metadata = isRecord(error) ? error.$metadata : undefined;
  const status = isRecord(metadata) ? Number(metadata.httpStatusCode) : Number.NaN;
  return status >= 400 && status < 500 && status !== 429;
}

function* inBatches(pending: readonly Pending[]): Generator<readonly Pending[]> {
  let batch: Pending[] = [];
  let bytes = 0;
  for (const entry of pending) {
    const size = Buffer.byteLength(entry.body);
    if (batch.length === MAX_ENTRIES || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** The record as a message body; one that is too long for SQS has its long texts cut, more and more, until it fits. */
function toBody(record: AnalysisRecord): string {
  let body = toJsonLine(record);
  for (let stringLength = 8192; Buffer.byteLength(body) > MAX_BYTES && stringLength > 16; stringLength /= 2) {
    body = toJsonLine(toPlain(record, { stringLength }));
  }
  return body;
}
