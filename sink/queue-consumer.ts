import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import type { Milliseconds, Seconds } from '../src/types.ts';
import { awsTroubleOf } from './aws-trouble.ts';
import { createDeferral } from './deferral.ts';
import type { Sink } from './sink.ts';
import { createSqsClient } from './sqs-client.ts';
import { DEFERRED_ATTRIBUTE, DROPPED_ATTRIBUTE, readMessage } from './triggers/sqs.ts';

/** Takes events from a queue, without Lambda. */
export interface QueueConsumer {
  /** Takes nothing more, and finishes what it has within the time; the rest comes again to somebody else. */
  close(timeoutMs: Milliseconds): Promise<void>;
}

/** Options of {@link consumeQueue}. */
export interface QueueConsumerOptions {
  readonly queueUrl: string;
  /** How long a message is ours: longer than one analysis may take. */
  readonly visibilityTimeout: Seconds;
}

const BATCH = 10;
/** SQS's longest poll. */
const WAIT_S: Seconds = 20;
const PAUSE_AFTER_FAILURE_MS: Milliseconds = 5000;
/** SQS hides a message for no longer than twelve hours. */
const MAX_DEFER_S: Seconds = 43_200;

/** Polls, handles, and deletes what succeeded; what failed comes again, a malformed message ends among the dead letters. */
export function consumeQueue(
  sink: Sink,
  { queueUrl, visibilityTimeout }: QueueConsumerOptions,
): QueueConsumer {
  const stopped = new AbortController();
  const client = createSqsClient((WAIT_S + 10) * 1000);
  const deferral = createDeferral(sink.log);

  const handle = async (sqs: SQSClient, message: Message): Promise<void> => {
    const { DeleteMessageCommand, ChangeMessageVisibilityCommand } = await import('@aws-sdk/client-sqs');
    const { MessageId, Body, Attributes, MessageAttributes, ReceiptHandle } = message;
    const record = readMessage(
      { messageId: MessageId, body: Body, attributes: Attributes, messageAttributes: MessageAttributes },
      0,
    );
    const { problems, failed } = await sink.handle(record, Date.now() + (visibilityTimeout - 5) * 1000);
    const handleOf = { QueueUrl: queueUrl, ReceiptHandle };
    const isPutOff = problems.length === failed.length && (await deferral.defer(queueUrl, failed));
    const wait = Math.max(...problems.map(({ retryAfterMs }) => retryAfterMs ?? 0));
    if (problems.length === 0 || isPutOff) await sqs.send(new DeleteMessageCommand(handleOf));
    else if (wait > 0) {
      const VisibilityTimeout = Math.min(MAX_DEFER_S, Math.ceil(wait / 1000));
      await sqs.send(new ChangeMessageVisibilityCommand({ ...handleOf, VisibilityTimeout }));
    }
  };

  const poll = async (sqs: SQSClient): Promise<void> => {
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: BATCH,
        WaitTimeSeconds: WAIT_S,
        VisibilityTimeout: visibilityTimeout,
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
        MessageAttributeNames: [DEFERRED_ATTRIBUTE, DROPPED_ATTRIBUTE],
      }),
      { abortSignal: stopped.signal },
    );
    const settled = await Promise.allSettled(messages.map((message) => handle(sqs, message)));
    for (const one of settled)
      if (one.status === 'rejected') sink.log.error('Message not settled', one.reason);
  };

  const loop = (async () => {
    while (!stopped.signal.aborted) {
      try {
        await poll(await client);
      } catch (error) {
        if (stopped.signal.aborted) break;
        const trouble = awsTroubleOf(error);
        sink.log.error('Queue not read', trouble ? `${trouble.problem} ${trouble.remedy}` : error);
        await pause(PAUSE_AFTER_FAILURE_MS, stopped.signal);
      }
    }
  })();

  return {
    async close(timeoutMs) {
      stopped.abort();
      await Promise.race([loop, pause(timeoutMs)]);
      (await client).destroy();
    },
  };
}

function pause(ms: Milliseconds, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
