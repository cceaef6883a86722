import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LambdaFunction } from './lambda-runtime.ts';

/** What a mapping has done so far. */
export interface MappingStats {
  readonly batches: number;
  /** Deliveries that were left in the queue, to come again after the visibility timeout. */
  readonly failedDeliveries: number;
  readonly functionErrors: number;
}

/** A running mapping. */
export interface EventSourceMapping {
  readonly stats: MappingStats;
  /** Waits for the batch in hand. */
  stop(): Promise<void>;
}

/** Options of {@link startEventSourceMapping}. */
export interface MappingOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly lambda: Pick<LambdaFunction, 'invoke'>;
  /** @defaultValue 10 */
  readonly batchSize?: number;
}

/**
 * Does what an SQS event source with `ReportBatchItemFailures` does: polls, invokes, deletes what succeeded.
 * A function error, and a failure that names no message of the batch, fail the whole batch, as in AWS:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function startEventSourceMapping(options: MappingOptions): EventSourceMapping {
  const { client, queueUrl, queueArn, lambda, batchSize = 10 } = options;
  const stats = { batches: 0, failedDeliveries: 0, functionErrors: 0 };
  let running = true;

  const poll = async () => {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: batchSize,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    if (messages.length === 0) return;
    stats.batches++;
    const { result, error } = await lambda.invoke({
      Records: messages.map((one) => toRecord(one, queueArn)),
    });
    if (error) stats.functionErrors++;
    const done = error ? [] : succeeded(messages, result);
    stats.failedDeliveries += messages.length - done.length;
    if (done.length === 0) return;
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  };

  const loop = (async () => {
    while (running) await poll();
  })();
  return {
    stats,
    stop() {
      running = false;
      return loop;
    },
  };
}

function succeeded(messages: readonly Message[], result: unknown): readonly Message[] {
  const { batchItemFailures = [] } = (result ?? {}) as {
    batchItemFailures?: readonly { itemIdentifier?: string }[];
  };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return messages.filter(({ MessageId }) => !failed.has(MessageId));
}

function toRecord(message: Message, queueArn: string): Record<string, unknown> {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(value)]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: 'us-east-1',
  };
}

function toAttribute(value: MessageAttributeValue): Record<string, unknown> {
  return {
    stringValue: value.StringValue,
    ...(value.BinaryValue && { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
    dataType: value.DataType,
    stringListValues: [],
    binaryListValues: [],
  };
}
