import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReplyQueue } from '../../sink/reply-queue.ts';
import type { AnalysisRecord } from '../../src/analysis-record.ts';
import { analysisRecord } from '../support/events.ts';
import { startSqs, type TestSqs, useAwsEnvironment } from '../support/sqs.ts';

let sqs: TestSqs;
let restore: () => void;

beforeAll(async () => {
  sqs = await startSqs();
  restore = useAwsEnvironment(sqs.env);
});
afterAll(async () => {
  restore();
  await sqs.stop();
});

describe('a reply', () => {
  it('goes to the queue of its service, else to the common one', async () => {
    const [common, orders] = [await sqs.createQueue(), await sqs.createQueue()];
    const replies = createReplyQueue({ replyQueueUrl: common, replyQueueUrlMap: { orders } });
    await Promise.all([
      replies?.send(analysisRecord({ eventId: 'a', service: 'orders' })),
      replies?.send(analysisRecord({ eventId: 'b', service: 'toString' })),
      replies?.send(analysisRecord({ eventId: 'c' })),
    ]);
    const ids = (records: AnalysisRecord[]) => records.map(({ patrol }) => patrol.eventId).sort();
    expect(ids(await sqs.receiveJson<AnalysisRecord>(orders, 1))).toEqual(['a']);
    expect(ids(await sqs.receiveJson<AnalysisRecord>(common, 2))).toEqual(['b', 'c']);
  });

  it('of a service without a queue is not sent', async () => {
    const orders = await sqs.createQueue();
    const replies = createReplyQueue({ replyQueueUrl: undefined, replyQueueUrlMap: { orders } });
    await replies?.send(analysisRecord({ service: 'payments' }));
    expect(await sqs.count(orders)).toMatchObject({ ready: 0 });
  });

  it('arrives among 25 others and with characters that SQS refuses', async () => {
    const queue = await sqs.createQueue();
    const replies = createReplyQueue({ replyQueueUrl: queue, replyQueueUrlMap: {} });
    const sent = Array.from({ length: 25 }, (_, index) =>
      analysisRecord({ eventId: String(index), rootCause: `\u0000\ud800\uffff\u001b[31m${index}` }),
    );
    await Promise.all(sent.map((record) => replies?.send(record)));
    const received = await sqs.receiveJson<AnalysisRecord>(queue, 25);
    expect(new Set(received.map(({ patrol }) => patrol.eventId)).size).toBe(25);
    expect(received[0]?.patrol.rootCause).toContain('\uffff\u001b[31m');
  });

  it('that is too long for SQS arrives shortened', async () => {
    const queue = await sqs.createQueue();
    const replies = createReplyQueue({ replyQueueUrl: queue, replyQueueUrlMap: {} });
    await replies?.send(analysisRecord({ eventId: 'long', analysis: 'ä\u0001'.repeat(400_000) }));
    const [received] = await sqs.receiveJson<AnalysisRecord>(queue, 1);
    expect(received?.patrol.eventId).toBe('long');
    expect(received?.patrol.analysis.length).toBeGreaterThan(100);
  });

  it('to a queue that is gone is refused for good, to one that cannot be reached for now', async () => {
    const gone = await sqs.createQueue();
    await sqs.client.send(new DeleteQueueCommand({ QueueUrl: gone }));
    const replies = createReplyQueue({ replyQueueUrl: gone, replyQueueUrlMap: {} });
    await expect(replies?.send(analysisRecord())).rejects.toMatchObject({
      code: 'DELIVERY_FAILED',
      retryable: false,
    });

    const restoreEndpoint = useAwsEnvironment({ ...sqs.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    const unreachable = createReplyQueue({ replyQueueUrl: gone, replyQueueUrlMap: {} });
    await expect(unreachable?.send(analysisRecord())).rejects.toMatchObject({
      code: 'DELIVERY_FAILED',
      retryable: true,
    });
    restoreEndpoint();
  });

  it('is nobody’s business where no queue is configured', () => {
    expect(createReplyQueue({ replyQueueUrl: undefined, replyQueueUrlMap: {} })).toBeUndefined();
  });
});
