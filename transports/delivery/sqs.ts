import { messageOf } from '../../src/errors.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import { connectSqs, type SqsConnection } from '../sqs-client.ts';
import { type Delivery, type DeliveryOutcome, type EventBatch, retryAll } from './delivery.ts';

/** Options of {@link createSqsDelivery}. */
export interface SqsDeliveryOptions {
  readonly queueUrl: string;
}

/** SQS's own limits for one SendMessageBatch call; the attribute's few bytes and a reserve are taken off the 1 MiB. */
const MAX_ENTRIES = 10;
const MAX_CALL_BYTES = 1_048_576 - 16_384;
const TIMEOUT_MS = 10_000;

/** Delivers events to a queue, one event a message. What the queue did not take is left for the next try. */
export function createSqsDelivery({ queueUrl }: SqsDeliveryOptions): Delivery {
  let connection: Promise<SqsConnection> | undefined;
  let closed = false;

  const sendSome = async (batch: EventBatch, signal: AbortSignal): Promise<DeliveryOutcome> => {
    try {
      connection ??= connectSqs(queueUrl, TIMEOUT_MS);
      const { sdk, client, close } = await connection;
      if (closed) {
        close();
        return retryAll(batch, 'the delivery was closed');
      }
      const { Failed: failed = [] } = await client.send(
        new sdk.SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: toEntries(queueUrl, batch) }),
        { abortSignal: signal },
      );
      const idOf = (id: string | undefined) => batch.events[Number(id)]?.eventId ?? '';
      const final = failed.filter((entry) => entry.SenderFault === true && !/thrott/i.test(entry.Code ?? ''));
      const later = failed.filter((entry) => !final.includes(entry));
      const [first] = failed;
      return {
        retry: later.map((entry) => idOf(entry.Id)),
        rejected: final.map((entry) => idOf(entry.Id)),
        ...(first && { problem: `the queue refused a message: ${first.Code}` }),
      };
    } catch (error) {
      return retryAll(batch, `SendMessageBatch failed: ${describe(error)}`);
    }
  };

  return {
    name: 'sqs',
    async send(batch, { signal }) {
      const outcomes = await Promise.all(split(batch).map((part) => sendSome(part, signal)));
      const problem = outcomes.find((outcome) => outcome.problem)?.problem;
      return {
        retry: outcomes.flatMap((outcome) => outcome.retry),
        rejected: outcomes.flatMap((outcome) => outcome.rejected),
        ...(problem !== undefined && { problem }),
      };
    },
    close() {
      closed = true;
      connection?.then(
        ({ close }) => close(),
        () => {},
      );
    },
  };
}

/** Cuts a batch to calls within SQS's limits; the first call carries what was dropped. */
function split(batch: EventBatch): EventBatch[] {
  const parts: EventBatch[] = [];
  let events: ErrorLogEvent[] = [];
  let bytes = 0;
  const finish = () => {
    const dropped = parts.length === 0 ? batch.dropped : undefined;
    parts.push({ batchId: batch.batchId, events, ...(dropped && { dropped }) });
    events = [];
    bytes = 0;
  };
  for (const event of batch.events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    if (events.length === MAX_ENTRIES || (events.length > 0 && bytes + size > MAX_CALL_BYTES)) finish();
    events.push(event);
    bytes += size;
  }
  if (events.length > 0) finish();
  return parts;
}

/**
 * A message body is one event and nothing else, so the drop counts ride beside the first one as the message
 * attribute `patrol.dropped`: `{batchId, dropped}`.
 */
function toEntries(queueUrl: string, batch: EventBatch) {
  const fifo = queueUrl.endsWith('.fifo');
  return batch.events.map((event, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify(event),
    ...(fifo && { MessageGroupId: event.service ?? 'patrol', MessageDeduplicationId: event.eventId }),
    ...(index === 0 &&
      batch.dropped && {
        MessageAttributes: {
          'patrol.dropped': {
            DataType: 'String',
            StringValue: JSON.stringify({ batchId: batch.batchId, dropped: batch.dropped }),
          },
        },
      }),
  }));
}

/** AWS errors name themselves; their messages may hold account ids and are left out. */
function describe(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  return name === '' || name === 'Error' ? messageOf(error) : name;
}
