import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnalysisRecord, DropRecord } from '../../src/analysis-record.ts';
import type { ErrorLog } from '../../src/types.ts';
import { createHttpDelivery } from '../../transports/delivery/http.ts';
import { createForwarder, type ForwarderOptions } from '../../transports/forwarder.ts';
import type { Forwarder } from '../../transports/forwarder-port.ts';
import { repeatKey } from '../../transports/repeat-key.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';

const config = {
  batchSize: 10,
  batchInterval: 100,
  flushTimeout: 2000,
  modelTimeout: 1000,
  service: 'shop',
  environment: 'test',
  commit: 'abc1234',
  repositoryUrl: undefined,
};

let sink: SinkServer;
let forwarder: Forwarder | undefined;
let written: (AnalysisRecord | DropRecord)[] = [];

const start = (options: Partial<ForwarderOptions> = {}): Forwarder => {
  const log = written;
  forwarder = createForwarder({
    config,
    write: (record) => log.push(record),
    delivery: async () => createHttpDelivery({ sinkUrl: sink.url }),
    ...options,
  });
  return forwarder;
};

/** An error of its own kind: nothing in common with the others but the class. */
const WORDS = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot', 'golf', 'hotel', 'india', 'juliet'];
const errorLog = (index: number, context?: Record<string, unknown>): ErrorLog => {
  const word = [...String(index)].map((digit) => WORDS[Number(digit)]).join(' ');
  return {
    name: 'PaymentError',
    message: `${word} failed`,
    stackTrace: `PaymentError: ${word} failed\n    at charge (/app/src/${word.replaceAll(' ', '-')}.js:10:5)`,
    ...(context && { context }),
  };
};

beforeEach(async () => {
  written = [];
  sink = await startSink();
});
afterEach(async () => {
  sink.answer = 202;
  await forwarder?.close(100);
  await sink.stop();
});

describe('one event per distinct error and window', () => {
  it('counts repeats of an error instead of sending them', async () => {
    const { record, flush } = start();
    for (let count = 0; count < 500; count++) record(errorLog(1));
    expect(await flush()).toBe(true);

    expect(sink.events()).toHaveLength(1);
    expect(sink.events()[0]).toMatchObject({ occurrences: 500, errorLog: { message: 'bravo failed' } });
  });

  it('sends an error again in the next window, under an id of its own and with the new count only', async () => {
    const { record, flush } = start();
    record(errorLog(1));
    await sink.until(() => sink.accepted.length === 1);
    record(errorLog(1));
    record(errorLog(1));
    await flush();

    const [first, second] = sink.events();
    expect(first?.eventId).not.toBe(second?.eventId);
    expect([first?.occurrences, second?.occurrences]).toEqual([1, 2]);
  });

  it('says when an error was first and last seen within the event', async () => {
    const { record, flush } = start();
    record(errorLog(1), { timestamp: 1000 });
    record(errorLog(1), { timestamp: 3000 });
    record(errorLog(1), { timestamp: 2000 });
    await flush();

    expect(sink.events()[0]).toMatchObject({ timestamp: 1000, firstSeen: 1000, lastSeen: 3000 });
  });

  it('sends a full batch of new errors without waiting for the window to end', async () => {
    const { record } = start({ config: { ...config, batchInterval: 60_000 } });
    for (let index = 0; index < 10; index++) record(errorLog(index));
    await sink.until(() => sink.events().length === 10);
    expect(sink.accepted).toHaveLength(1);
  });

  it('does not send repeats early because the batch is full of them', async () => {
    const { record, flush } = start({ config: { ...config, batchInterval: 60_000 } });
    for (let round = 0; round < 100; round++) {
      for (let index = 0; index < 10; index++) record(errorLog(index));
      await new Promise(setImmediate);
    }
    await flush();
    expect(sink.occurrences()).toBe(1000);
    expect(sink.requests.length).toBeLessThanOrEqual(3);
  });

  it('attaches the application to each event', async () => {
    const { record, flush } = start();
    record(errorLog(1));
    await flush();
    expect(sink.events()[0]).toMatchObject({ service: 'shop', environment: 'test', commit: 'abc1234' });
  });

  it('keeps secrets in the process', async () => {
    const { record, flush } = start();
    const secret = `sk-${'a1B2'.repeat(8)}`;
    record({ message: `no access`, context: { authorization: `Bearer ${secret}` } });
    await flush();
    expect(JSON.stringify(sink.requests)).not.toContain(secret);
  });

  it('takes a fingerprint of the application and passes it on', async () => {
    const { record, flush } = start();
    record(errorLog(1), { fingerprint: ['checkout'] });
    record(errorLog(2), { fingerprint: ['checkout'] });
    await flush();
    expect(sink.events()).toMatchObject([{ occurrences: 2, fingerprint: ['checkout'] }]);
  });

  it('counts repeats by their key, without looking at more than a few of the records', async () => {
    const { record, repeat, flush } = start();
    const key = repeatKey({ message: 'declined', stack: 'Error: declined\n    at charge (/app/pay.js:1:1)' });
    if (key === undefined) throw new Error('no key');
    let looks = 0;
    for (let at = 1000; at <= 1500; at++) {
      if (repeat(key, at)) continue;
      looks += 1;
      record(errorLog(1), { key, timestamp: at });
    }
    expect(looks).toBe(4);
    await flush();
    expect(sink.events()).toMatchObject([{ occurrences: 501, lastSeen: 1500 }]);
    expect(repeat(key, 2000)).toBe(false);
  });

  it('shows the contexts of a few repeats, without their secrets', async () => {
    const { record, flush } = start();
    for (let user = 1; user <= 10; user++) {
      record({ ...errorLog(1), context: { user, mail: 'jane.doe@example.com' } });
    }
    await flush();
    const [event] = sink.events();
    expect(event?.occurrences).toBe(10);
    expect(event?.errorLog.context).toMatchObject({
      user: 1,
      samples: [{ user: 2 }, { user: 3 }, { user: 4 }],
    });
    expect(JSON.stringify(event)).not.toContain('jane.doe');
  });

  it('shows no context twice', async () => {
    const { record, flush } = start();
    for (let index = 0; index < 5; index++) record({ ...errorLog(1), context: { tenant: 'red' } });
    await flush();
    expect(sink.events()[0]?.errorLog.context).toEqual({ tenant: 'red' });
  });
});

describe('a sink in trouble', () => {
  it('sends the same events with the same ids and batch id until they arrive', async () => {
    let refusals = 2;
    sink.answer = () => (refusals-- > 0 ? 503 : 202);
    const { record, stats } = start();
    record(errorLog(1));
    await sink.until(() => sink.accepted.length === 1);

    expect(new Set(sink.requests.map((batch) => batch.batchId)).size).toBe(1);
    expect(new Set(sink.requests.map((batch) => batch.events[0]?.eventId)).size).toBe(1);
    await vi.waitFor(
      () => expect(stats()).toMatchObject({ recorded: 1, delivered: 1, pending: 0, dropped: {} }),
      { timeout: 10_000 },
    );
  });

  it('goes on counting repeats while it waits', async () => {
    sink.answer = 500;
    const { record, flush } = start();
    record(errorLog(1));
    await sink.until(() => sink.requests.length >= 2);
    for (let count = 0; count < 1000; count++) record(errorLog(1));
    sink.answer = 202;
    expect(await flush(5000)).toBe(true);
    expect(sink.events().map((event) => event.occurrences)).toEqual([1, 1000]);
  });

  it('delivers to a sink that came back what was logged while nobody listened', async () => {
    const { port } = sink;
    await sink.stop();
    const { record, stats } = start();
    for (let index = 0; index < 50; index++) record(errorLog(index));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stats()).toMatchObject({ pending: 50, delivered: 0 });
    sink = await startSink(port);
    await sink.until(() => sink.occurrences() === 50);
  });

  it('survives an answer that is cut off', async () => {
    let cuts = 1;
    sink.answer = () => (cuts-- > 0 ? 'cut' : 202);
    const { record } = start();
    record(errorLog(1));
    await sink.until(() => sink.occurrences() === 1);
  });

  it('waits as long as Retry-After asks', async () => {
    let refusals = 1;
    sink.answer = () => (refusals-- > 0 ? { status: 429, headers: { 'retry-after': '1' } } : 202);
    const { record, flush } = start();
    record(errorLog(1));
    await sink.until(() => sink.requests.length === 1);
    expect(await flush(300)).toBe(false);
    expect(sink.requests).toHaveLength(1);
    await sink.until(() => sink.accepted.length === 1);
  });

  it('gives up waiting for a sink that never answers when the time of the flush is over', async () => {
    sink.answer = 'hang';
    const { record, flush } = start();
    record(errorLog(1));
    expect(await flush(150)).toBe(false);
  });

  it('tells the operator once, not for every failure', async () => {
    sink.answer = 500;
    const told: string[] = [];
    const { record } = start({ onTrouble: (problem) => told.push(problem) });
    record(errorLog(1));
    await sink.until(() => sink.requests.length >= 5);
    expect(told).toEqual(['the sink answered 500']);
  });

  it('finds the one event that the sink refuses and delivers its neighbours', async () => {
    sink.answer = (batch) => (JSON.stringify(batch.events).includes('delta failed') ? 400 : 202);
    const { record, flush, stats } = start();
    for (let index = 0; index < 8; index++) record(errorLog(index));
    expect(await flush()).toBe(true);
    expect(sink.events()).toHaveLength(7);
    expect(stats()).toMatchObject({ delivered: 7, dropped: { delivery_rejected: 1 } });
  });
});

describe('losses have names', () => {
  it('reports a refused event in the log and in the next batch', async () => {
    sink.answer = 400;
    const { record, flush } = start();
    record(errorLog(1));
    record(errorLog(1));
    await flush();
    await vi.waitFor(() => expect(written).toHaveLength(1), { timeout: 10_000 });
    expect(written[0]).toMatchObject({ patrol: { event: 'dropped', dropped: { delivery_rejected: 2 } } });

    sink.answer = 202;
    record(errorLog(2));
    await flush();
    expect(sink.accepted[0]?.dropped).toEqual({ delivery_rejected: 2 });
  });

  it('carries drop counts once: the batch after has none', async () => {
    sink.answer = 400;
    const { record, flush } = start();
    record(errorLog(1));
    await flush();
    sink.answer = 202;
    record(errorLog(2));
    await flush();
    record(errorLog(3));
    await flush();
    expect(sink.accepted.map((batch) => batch.dropped)).toEqual([{ delivery_rejected: 1 }, undefined]);
  });

  it('bounds what it holds while the sink is down, and counts the rest', async () => {
    sink.answer = 500;
    const { record, stats, isSafe } = start();
    for (let index = 0; index < 5000; index++) {
      record(errorLog(index));
      if (index % 1000 === 999) isSafe();
    }
    const { pending, dropped, recorded } = stats();
    expect(recorded).toBe(5000);
    expect(pending + (dropped.buffer_full ?? 0)).toBe(5000);
    expect(pending).toBeLessThanOrEqual(2000);
    expect(pending).toBeGreaterThanOrEqual(1000);
  });

  it('drops what is logged after the end as closed', async () => {
    const { record, close, stats } = start();
    await close();
    record(errorLog(1));
    expect(stats().dropped).toEqual({ closed: 1 });
  });

  it('counts what could not be delivered before the end', async () => {
    sink.answer = 500;
    const { record, close, stats } = start();
    record(errorLog(1));
    record(errorLog(1));
    expect(await close(100)).toBe(false);
    expect(stats()).toMatchObject({ recorded: 2, delivered: 0, dropped: { closed: 2 } });
    expect(written).toMatchObject([{ patrol: { dropped: { closed: 2 } } }]);
  });

  it('stays off with wrong settings and says how much that cost', async () => {
    const { record, stats } = start({ delivery: undefined });
    record(errorLog(1));
    expect(stats().dropped).toEqual({ invalid_configuration: 1 });
    await vi.waitFor(
      () => expect(written).toMatchObject([{ patrol: { dropped: { invalid_configuration: 1 } } }]),
      { timeout: 10_000 },
    );
  });

  it('sends an event that is too large without its context', async () => {
    const { record, flush } = start();
    const context = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`note${index}`, `word ${'lorem ipsum '.repeat(330)}`]),
    );
    record(errorLog(1, context));
    await flush();
    expect(sink.events()[0]?.errorLog.message).toBe('bravo failed');
    expect(sink.events()[0]?.errorLog.context).toBeUndefined();
  });
});
