import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnalysisRecord, DropRecord } from '../../src/analysis-record.ts';
import type { ErrorLog } from '../../src/types.ts';
import type { Delivery, EventBatch } from '../../transports/delivery/delivery.ts';
import { createHttpDelivery } from '../../transports/delivery/http.ts';
import { createForwarder } from '../../transports/forwarder.ts';
import type { Forwarder } from '../../transports/forwarder-port.ts';
import { type RepeatKey, repeatKey } from '../../transports/repeat-key.ts';
import { createSpool } from '../../transports/spool.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';

const config = {
  batchSize: 10,
  batchInterval: 50,
  flushTimeout: 5000,
  modelTimeout: 1000,
  service: 'shop',
  environment: undefined,
  commit: undefined,
  repositoryUrl: undefined,
};
const WORDS = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot', 'golf', 'hotel', 'india', 'juliet'];
const errorLog = (index: number): ErrorLog => {
  const word = [...String(index)].map((digit) => WORDS[Number(digit)]).join(' ');
  return { name: 'PaymentError', message: `${word} failed` };
};

const keyOf = (index: number): RepeatKey => {
  const { message } = errorLog(index);
  const key = repeatKey({ message, stack: `PaymentError: ${message}\n    at charge (/app/pay.js:1:1)` });
  if (key === undefined) throw new Error('no key');
  return key;
};

let directory: string;
let sink: SinkServer;
let written: (AnalysisRecord | DropRecord)[];
const started: Forwarder[] = [];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'patrol-forwarder-'));
  sink = await startSink();
  written = [];
});
afterEach(async () => {
  for (const forwarder of started.splice(0)) await forwarder.close(0);
  await sink.stop();
  rmSync(directory, { recursive: true, force: true });
});

const start = (delivery: () => Promise<Delivery> = async () => createHttpDelivery({ sinkUrl: sink.url })) => {
  const forwarder = createForwarder({
    config,
    delivery,
    write: (record) => written.push(record),
    spool: createSpool({
      directory,
      destination: '0123456789abcdef',
      onTrouble: (problem) => expect.fail(problem),
    }),
  });
  started.push(forwarder);
  return forwarder;
};
const balance = (forwarder: Forwarder) => {
  const { recorded, recovered, delivered, pending, spooled, dropped } = forwarder.stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  return { in: recorded + recovered, out: delivered + pending + spooled + lost };
};

describe('with a spool', () => {
  it('leaves to the next what could not be delivered, under the same ids', async () => {
    sink.answer = 500;
    const first = start();
    for (let index = 0; index < 30; index++) first.record(errorLog(index % 15));
    expect(await first.close(100)).toBe(false);
    expect(first.stats()).toMatchObject({ spooled: 30, dropped: {} });
    const attempted = new Set(sink.requests.flatMap(({ events }) => events.map(({ eventId }) => eventId)));

    sink.answer = 202;
    const second = start();
    expect(await second.flush()).toBe(true);
    expect(sink.occurrences()).toBe(30);
    expect(second.stats()).toMatchObject({ recorded: 0, recovered: 30, delivered: 30 });
    const ids = sink.events().map(({ eventId }) => eventId);
    for (const id of attempted) expect(ids).toContain(id);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('loses nothing for want of memory: thousands of different errors wait on the disk', async () => {
    sink.answer = 500;
    const forwarder = start();
    for (let index = 0; index < 3000; index++) {
      forwarder.record(errorLog(index));
      if (index % 1000 === 999) expect(forwarder.isSafe()).toBe(true);
    }
    for (let index = 2000; index < 3000; index++) forwarder.record(errorLog(index));
    const { pending, spooled, dropped } = forwarder.stats();
    expect(dropped).toEqual({});
    expect(pending).toBeLessThanOrEqual(2000);
    expect(pending + spooled).toBe(4000);

    sink.answer = 202;
    expect(await forwarder.flush(20_000)).toBe(true);
    expect(sink.occurrences()).toBe(4000);
    expect(balance(forwarder).in).toBe(balance(forwarder).out);
  });

  it('takes part of a flood of different errors, counts the rest, and loses none of either', async () => {
    const forwarder = start();
    for (let index = 0; index < 20_000; index++) forwarder.record(errorLog(index));
    for (let index = 0; index < 1000; index++) forwarder.record(errorLog(index));
    expect(await forwarder.flush(20_000)).toBe(true);
    const { recorded, delivered, dropped } = forwarder.stats();
    expect(recorded).toBe(21_000);
    expect(delivered + (dropped.flood ?? 0)).toBe(21_000);
    expect(delivered).toBeGreaterThanOrEqual(2000);
    expect(sink.occurrences()).toBe(delivered);
  });

  it('sends what others left while it goes on with its own', async () => {
    sink.answer = 500;
    const first = start();
    for (let index = 0; index < 1200; index++) first.record(errorLog(index));
    await first.close(0);
    sink.answer = 202;
    const second = start();
    second.record(errorLog(3));
    await sink.until(() => sink.occurrences() === 1201);
    expect(balance(second)).toEqual({ in: 1201, out: 1201 });
  });

  it('says what it could not read', async () => {
    const first = start(async () => createHttpDelivery({ sinkUrl: 'http://127.0.0.1:1' }));
    first.record(errorLog(1));
    first.record(errorLog(2));
    await first.close(0);
    const { truncateSync, statSync } = await import('node:fs');
    const [file = ''] = readdirSync(directory);
    truncateSync(join(directory, file), statSync(join(directory, file)).size - 3);
    const second = start();
    await second.flush();
    await second.close();
    expect(sink.occurrences()).toBe(1);
    expect(written).toContainEqual(
      expect.objectContaining({ patrol: { event: 'dropped', dropped: { spool_corrupt: 1 } } }),
    );
  });

  it('captures few of many new kinds within one turn of the event loop, and loses none of the others', async () => {
    const forwarder = start();
    let captures = 0;
    const logAll = () => {
      for (let index = 0; index < 1500; index++) {
        const key = keyOf(index);
        if (forwarder.repeat(key, Date.now())) continue;
        forwarder.record(
          () => {
            captures += 1;
            return errorLog(index);
          },
          { key },
        );
      }
    };
    logAll();
    expect(captures).toBeGreaterThanOrEqual(10);
    expect(captures).toBeLessThan(1000);
    // Those that wait are counted like the others.
    logAll();
    logAll();
    expect(forwarder.stats()).toMatchObject({ recorded: 4500, pending: 4500, dropped: {} });
    expect(await forwarder.flush(20_000)).toBe(true);
    expect(sink.events()).toHaveLength(1500);
    expect(sink.events().every(({ occurrences }) => occurrences === 3)).toBe(true);
  });

  it('knows the next process of what waited, too, when this one is safe', async () => {
    sink.answer = 500;
    const first = start();
    for (let round = 0; round < 2; round++)
      for (let index = 0; index < 200; index++) first.record(errorLog(index));
    expect(first.isSafe()).toBe(true);
    await first.close(0);
    sink.answer = 202;
    expect(await start().flush()).toBe(true);
    expect(sink.occurrences()).toBe(400);
  });

  it('counts a record that cannot be captured after all, whenever that is', async () => {
    const forwarder = start();
    for (let index = 0; index < 300; index++)
      forwarder.record(
        () => {
          if (index % 3 === 0) throw new Error('hostile');
          return index % 3 === 1 ? undefined : errorLog(index);
        },
        { key: keyOf(index) },
      );
    expect(await forwarder.flush()).toBe(true);
    expect(forwarder.stats()).toMatchObject({
      recorded: 200,
      delivered: 100,
      dropped: { invalid_record: 100 },
    });
  });

  it('is safe in a crash when all that is pending is on disk', () => {
    const forwarder = start();
    forwarder.record(errorLog(1));
    expect(forwarder.isSafe()).toBe(true);
  });
});

it('delivers each logged record exactly once, whatever the sink does and whenever the process restarts', async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('log' as const),
        which: fc.nat(6),
        kinds: fc.constantFrom(1, 1, 2, 40),
        times: fc.integer({ min: 1, max: 30 }),
        keyed: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('sink' as const),
        mood: fc.constantFrom('takes', 'fails', 'takes half', 'forgets to answer'),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      rmSync(directory, { recursive: true, force: true });
      const received = new Map<string, number>();
      let mood = 'takes';
      const take = (batch: EventBatch, share: number) =>
        batch.events.slice(0, Math.ceil(batch.events.length * share)).map(({ eventId, occurrences }) => {
          const before = received.get(eventId);
          // A redelivery repeats the id and says the same.
          expect(before ?? occurrences).toBe(occurrences);
          received.set(eventId, occurrences);
          return eventId;
        });
      const delivery: Delivery = {
        name: 'http',
        close() {},
        async send(batch) {
          const ids = batch.events.map(({ eventId }) => eventId);
          if (mood === 'fails') return { retry: ids, rejected: [] };
          const arrived = take(batch, mood === 'takes half' ? 0.5 : 1);
          if (mood === 'forgets to answer') return { retry: ids, rejected: [] };
          return { retry: ids.filter((id) => !arrived.includes(id)), rejected: [] };
        },
      };
      let forwarder = start(async () => delivery);
      let logged = 0;
      for (const one of steps) {
        if (one.do === 'log') {
          for (let time = 0; time < one.times * one.kinds; time++) {
            const index = one.which + (time % one.kinds);
            const key = one.keyed ? keyOf(index) : undefined;
            if (key && forwarder.repeat(key, Date.now())) continue;
            forwarder.record(key ? () => errorLog(index) : errorLog(index), { key });
          }
          logged += one.times * one.kinds;
        } else if (one.do === 'flush') await forwarder.flush(5);
        else if (one.do === 'sink') mood = one.mood;
        else {
          await forwarder.close(5);
          forwarder = start(async () => delivery);
        }
      }
      mood = 'takes';
      expect(await forwarder.flush(10_000)).toBe(true);
      await forwarder.close(0);
      expect([...received.values()].reduce((sum, count) => sum + count, 0)).toBe(logged);
      expect(balance(forwarder).in).toBe(balance(forwarder).out);
    }),
    { numRuns: 40 },
  );
}, 60_000);
