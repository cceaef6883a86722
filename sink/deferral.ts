import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ErrorLogEvent, Milliseconds, Seconds } from '../src/types.ts';
import { toJsonLine } from './json-line.ts';
import type { FailedEvent } from './record-outcome.ts';
import type { SinkLog } from './sink-log.ts';
import { createSqsClient } from './sqs-client.ts';
import { DEFERRED_ATTRIBUTE } from './triggers/sqs.ts';

/** Puts events off that cannot be analysed for a while. */
export interface Deferral {
  /**
   * Sends the events to a queue, named by its ARN or URL, with the same ids and a delay, so that no receive is used up
   * by waiting. False when they have to be delivered again in the ordinary way.
   */
  defer(queue: string | undefined, failed: readonly FailedEvent[]): Promise<boolean>;
}

/** Below this the queue's own redelivery is soon enough; not for a budget, which uses up no receive however often it is met. */
const LEAST_WAIT_MS: Milliseconds = 60_000;
/** SQS delays a message by no more than this; a longer wait takes several. */
const MOST_DELAY_S: Seconds = 900;
/** An event that is older is not put off any more: it fails, and ends among the dead letters. */
const MOST_AGE_MS: Milliseconds = 3 * 86_400_000;
const SEND_TIMEOUT_MS: Milliseconds = 5000;

/** See {@link Deferral}. */
export function createDeferral(log: SinkLog): Deferral {
  const queues = new Map<string, Promise<string>>();
  let connection: Promise<SQSClient> | undefined;

  const urlOf = (client: SQSClient, queue: string): Promise<string> => {
    if (!queue.startsWith('arn:')) return Promise.resolve(queue);
    const url = queues.get(queue) ?? findUrl(client, queue);
    queues.set(queue, url);
    return url;
  };

  const send = async (queue: string, event: ErrorLogEvent, wait: Milliseconds): Promise<void> => {
    connection ??= createSqsClient(SEND_TIMEOUT_MS);
    const [client, { SendMessageCommand }] = await Promise.all([connection, import('@aws-sdk/client-sqs')]);
    await client.send(
      new SendMessageCommand({
        QueueUrl: await urlOf(client, queue),
        MessageBody: toJsonLine(event),
        DelaySeconds: Math.min(MOST_DELAY_S, Math.ceil(wait / 1000)),
        MessageAttributes: { [DEFERRED_ATTRIBUTE]: { DataType: 'String', StringValue: 'true' } },
      }),
    );
  };

  return {
    async defer(queue, failed) {
      // A FIFO queue takes no delay of a single message.
      if (failed.length === 0 || queue === undefined || queue.endsWith('.fifo')) return false;
      const now = Date.now();
      const canWait = failed.every(
        ({ event, problem }) =>
          ((problem.retryAfterMs ?? 0) >= LEAST_WAIT_MS || problem.code === 'BUDGET_EXCEEDED') &&
          now - event.timestamp < MOST_AGE_MS,
      );
      if (!canWait) return false;
      try {
        for (const { event, problem } of failed) {
          await send(queue, event, problem.retryAfterMs ?? 0);
          log.info('Deferred', {
            eventId: event.eventId,
            code: problem.code,
            retryAfterMs: problem.retryAfterMs,
          });
        }
        return true;
      } catch (error) {
        queues.delete(queue);
        log.error('Not deferred', error);
        return false;
      }
    },
  };
}

/** `arn:aws:sqs:<region>:<account>:<name>` */
async function findUrl(client: SQSClient, queueArn: string): Promise<string> {
  const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
  const [, , , , account, name] = queueArn.split(':');
  const { QueueUrl } = await client.send(
    new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account }),
  );
  if (QueueUrl === undefined) throw new Error('SQS does not know the queue.');
  return QueueUrl;
}
