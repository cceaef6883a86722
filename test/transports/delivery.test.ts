import { randomUUID } from 'node:crypto';
import { interceptLocalhostDns } from 'fauxqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorLogEvent } from '../../src/types.ts';
import type { Delivery } from '../../transports/delivery/delivery.ts';
import { createHttpDelivery } from '../../transports/delivery/http.ts';
import { createSqsDelivery } from '../../transports/delivery/sqs.ts';
import { regionOf } from '../../transports/sqs-client.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';
import { startSqs, type TestSqs, useAwsEnvironment } from '../support/sqs.ts';

const event = (message = 'boom', context?: Record<string, unknown>): ErrorLogEvent => ({
  eventId: randomUUID(),
  timestamp: 1_700_000_000_000,
  errorLog: { message, ...(context && { context }) },
  occurrences: 1,
});
const options = () => ({ timeoutMs: 5000, signal: new AbortController().signal });

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

let sink: SinkServer;
let delivery: Delivery | undefined;
beforeEach(async () => {
  sink = await startSink();
});
afterEach(async () => {
  delivery?.close();
  await sink.stop();
});

interface Kit {
  /** A delivery and a way to read what arrived. */
  start(): Promise<{ delivery: Delivery; arrived: (count: number) => Promise<ErrorLogEvent[]> }>;
  /** A delivery to where nobody listens. */
  startNowhere(): Delivery;
}

const kits: Record<string, Kit> = {
  http: {
    async start() {
      return {
        delivery: createHttpDelivery({ sinkUrl: sink.url }),
        arrived: async () => sink.events(),
      };
    },
    startNowhere: () => createHttpDelivery({ sinkUrl: 'http://127.0.0.1:9' }),
  },
  sqs: {
    async start() {
      const queueUrl = await sqs.createQueue();
      return {
        delivery: createSqsDelivery({ queueUrl }),
        arrived: (count) => sqs.receiveJson<ErrorLogEvent>(queueUrl, count),
      };
    },
    startNowhere: () => createSqsDelivery({ queueUrl: `${sqs.endpoint}/000000000000/no-such-queue` }),
  },
};

describe.each(Object.entries(kits))('every delivery: %s', (name, kit) => {
  it('brings the events of a batch to the other side', async () => {
    const started = await kit.start();
    delivery = started.delivery;
    const events = Array.from({ length: 25 }, (_, index) => event(`boom ${index}`));
    const outcome = await delivery.send({ batchId: 'b1', events }, options());
    expect(outcome).toEqual({ retry: [], rejected: [] });
    const arrived = await started.arrived(25);
    expect(arrived.map((one) => one.eventId).sort()).toEqual(events.map((one) => one.eventId).sort());
    expect(arrived.find((one) => one.eventId === events[3]?.eventId)).toEqual(events[3]);
  });

  it('says which events to send again when nobody answers, and never rejects', async () => {
    delivery = kit.startNowhere();
    const events = [event(), event()];
    const outcome = await delivery.send({ batchId: 'b1', events }, options());
    expect(outcome.retry).toEqual(events.map((one) => one.eventId));
    expect(outcome.rejected).toEqual([]);
    expect(outcome.problem).toMatch(/./);
  });

  it('gives up at once when told to', async () => {
    const started = await kit.start();
    delivery = started.delivery;
    const outcome = await delivery.send(
      { batchId: 'b1', events: [event()] },
      { timeoutMs: 5000, signal: AbortSignal.abort() },
    );
    expect(outcome.retry).toHaveLength(1);
  });

  it('is called by its name', async () => {
    const started = await kit.start();
    delivery = started.delivery;
    expect(delivery.name).toBe(name);
  });
});

describe('http', () => {
  it('posts to v1/events below the given base, with the bearer token', async () => {
    delivery = createHttpDelivery({ sinkUrl: `${sink.url}/patrol`, token: 'opensesame' });
    await delivery.send({ batchId: 'b1', events: [event()], dropped: { buffer_full: 3 } }, options());
    const [request] = sink.requests;
    expect(request?.url).toBe('POST /patrol/v1/events');
    expect(request?.headers.authorization).toBe('Bearer opensesame');
    expect(request).toMatchObject({ batchId: 'b1', dropped: { buffer_full: 3 } });
  });

  it('compresses what is worth it and leaves small batches alone', async () => {
    delivery = createHttpDelivery({ sinkUrl: sink.url });
    await delivery.send({ batchId: 'b1', events: [event()] }, options());
    await delivery.send({ batchId: 'b2', events: [event('boom '.repeat(1000))] }, options());
    expect(sink.requests.map((request) => request.headers['content-encoding'])).toEqual([undefined, 'gzip']);
  });

  it('uses one connection for many batches', async () => {
    delivery = createHttpDelivery({ sinkUrl: sink.url });
    for (let count = 0; count < 5; count++)
      await delivery.send({ batchId: `b${count}`, events: [event()] }, options());
    expect(new Set(sink.requests.map((request) => request.connection)).size).toBe(1);
  });

  it('gives up when the answer takes too long', async () => {
    sink.answer = 'hang';
    delivery = createHttpDelivery({ sinkUrl: sink.url });
    const outcome = await delivery.send(
      { batchId: 'b1', events: [event()] },
      { ...options(), timeoutMs: 100 },
    );
    expect(outcome.retry).toHaveLength(1);
    expect(outcome.problem).toContain('no answer within 100 ms');
  });

  it.each([401, 403, 404, 408, 429, 500, 503])('keeps the events on %i: it may be mended', async (status) => {
    sink.answer = status;
    delivery = createHttpDelivery({ sinkUrl: sink.url });
    const outcome = await delivery.send({ batchId: 'b1', events: [event()] }, options());
    expect(outcome).toMatchObject({ rejected: [], problem: `the sink answered ${status}` });
    expect(outcome.retry).toHaveLength(1);
  });

  it.each([400, 413, 422])(
    'gives a single event up on %i, and asks for halves of a batch',
    async (status) => {
      sink.answer = status;
      delivery = createHttpDelivery({ sinkUrl: sink.url });
      const single = await delivery.send({ batchId: 'b1', events: [event()] }, options());
      expect(single.rejected).toHaveLength(1);
      const several = await delivery.send({ batchId: 'b2', events: [event(), event()] }, options());
      expect(several).toMatchObject({ split: true, rejected: [] });
    },
  );

  it.each([
    ['7', 7000],
    [new Date(Date.now() + 60_000).toUTCString(), 59_000],
  ])('understands Retry-After: %s', async (value, least) => {
    sink.answer = { status: 503, headers: { 'retry-after': value } };
    delivery = createHttpDelivery({ sinkUrl: sink.url });
    const { retryAfterMs = 0 } = await delivery.send({ batchId: 'b1', events: [event()] }, options());
    expect(retryAfterMs).toBeGreaterThan(least - 1500);
    expect(retryAfterMs).toBeLessThanOrEqual(least + 1000);
  });
});

describe('sqs', () => {
  it('keeps each call within what SQS takes', async () => {
    const queueUrl = await sqs.createQueue();
    delivery = createSqsDelivery({ queueUrl });
    const events = Array.from({ length: 8 }, () => event('x'.repeat(200_000)));
    expect(await delivery.send({ batchId: 'b1', events }, options())).toEqual({ retry: [], rejected: [] });
    expect(await sqs.receiveJson(queueUrl, 8)).toHaveLength(8);
  });

  it('gives up the one message that the queue refuses and delivers the others', async () => {
    const queueUrl = await sqs.createQueue({ MaximumMessageSize: '1024' });
    delivery = createSqsDelivery({ queueUrl });
    const events = [event('fits'), event('x'.repeat(2000)), event('fits, too')];
    const outcome = await delivery.send({ batchId: 'b1', events }, options());
    const settled = [...outcome.retry, ...outcome.rejected];
    expect(settled.length === 1 ? settled[0] : events[1]?.eventId).toBe(events[1]?.eventId);
  });

  it('tells what was dropped beside the first message', async () => {
    const queueUrl = await sqs.createQueue();
    delivery = createSqsDelivery({ queueUrl });
    await delivery.send({ batchId: 'b1', events: [event()], dropped: { buffer_full: 2 } }, options());
    const [message] = await sqs.receive(queueUrl);
    expect(message?.MessageAttributes?.['patrol.dropped']?.StringValue).toBe(
      '{"batchId":"b1","dropped":{"buffer_full":2}}',
    );
  });

  it('finds the queue by its URL alone where no AWS_ENDPOINT_URL is set', async () => {
    const queueUrl = await sqs.createQueue();
    const { AWS_ENDPOINT_URL } = process.env;
    delete process.env.AWS_ENDPOINT_URL;
    // The emulator's queue URLs are below `localhost`, which not every system resolves.
    const restoreDns = interceptLocalhostDns();
    try {
      delivery = createSqsDelivery({ queueUrl });
      expect(await delivery.send({ batchId: 'b1', events: [event()] }, options())).toEqual({
        retry: [],
        rejected: [],
      });
      expect(await sqs.receiveJson(queueUrl, 1)).toHaveLength(1);
    } finally {
      restoreDns();
      Object.assign(process.env, { AWS_ENDPOINT_URL });
    }
  });

  it.each([
    ['https://sqs.eu-central-1.amazonaws.com/123456789012/errors', 'eu-central-1'],
    ['https://us-west-2.queue.amazonaws.com/123456789012/errors', 'us-west-2'],
    ['https://vpce-0a1-b2.sqs.ap-southeast-2.vpce.amazonaws.com/123456789012/errors', 'ap-southeast-2'],
    ['https://sqs.us-gov-west-1.amazonaws.com/123456789012/errors', 'us-gov-west-1'],
    ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/errors', 'cn-north-1'],
    ['http://localhost:4566/000000000000/errors', undefined],
  ])('reads the region of %s', (queueUrl, region) => {
    expect(regionOf(queueUrl)).toBe(region);
  });
});
