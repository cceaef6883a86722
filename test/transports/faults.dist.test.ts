import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorLogEvent } from '../../src/types.ts';
import { runApp } from '../support/run-app.ts';
import { type SinkAnswer, type SinkServer, startSink } from '../support/sink-server.ts';
import { startSqs, type TestSqs } from '../support/sqs.ts';

/**
 * Ten errors are logged, then the process ends. What counts is what has arrived when the next process of the same
 * application has run, in distinct event ids, as a receiver counts.
 */
const app = new URL('./fixtures/app.mjs', import.meta.url);
const ERRORS = 10;

let spool: string;
let sink: SinkServer;
beforeEach(async () => {
  spool = mkdtempSync(join(tmpdir(), 'patrol-faults-'));
  sink = await startSink();
});
afterEach(async () => {
  await sink.stop();
  rmSync(spool, { recursive: true, force: true });
});

const run = (logger: string, ending: string, count: number, env: Record<string, string | undefined> = {}) =>
  runApp(app, {
    args: [logger, ending, String(count)],
    env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: spool, ...env },
  });

const EXITS = {
  natural: 0,
  exit1: 1,
  uncaught: 1,
  rejection: 1,
  sigterm: 'SIGTERM',
  'sigterm handled': 0,
  sigkill: 'SIGKILL',
  abort: 'SIGABRT',
  flush: 0,
  end: 0,
} as const;
const MAIN_THREAD = ['winston', 'pino stream', 'pino multistream'];
/** A worker can only promise what has reached its thread when the process is torn away under it. */
const TORN_AWAY = ['sigterm', 'sigkill', 'abort'];

describe.each(MAIN_THREAD)('%s: ten of ten errors, the next start counted', (logger) => {
  it.each(Object.entries(EXITS))('%s', async (ending, exit) => {
    const { code, signal } = await run(logger, ending, ERRORS);
    expect(code ?? signal).toBe(exit);
    await run(logger, 'natural', 0);
    expect(sink.occurrences()).toBe(ERRORS);
    expect(sink.events()).toHaveLength(ERRORS);
    expect(readdirSync(spool)).toEqual([]);
  });
});

describe('pino worker: ten of ten errors', () => {
  it.each(Object.entries(EXITS).filter(([ending]) => !TORN_AWAY.includes(ending)))(
    '%s',
    async (ending, exit) => {
      const { code, signal } = await run('pino worker', ending, ERRORS);
      expect(code ?? signal).toBe(exit);
      expect(sink.occurrences()).toBe(ERRORS);
    },
  );

  it('sends what reached its thread when the process is killed later', async () => {
    sink.answer = 'hang';
    await runApp(app, {
      args: ['pino worker', 'stay', String(ERRORS)],
      env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: spool, STAY_MS: '10000' },
      onOutput: (_text, kill) => setTimeout(() => kill('SIGKILL'), 800),
    });
    sink.answer = 202;
    await run('pino worker', 'natural', 0);
    expect(sink.occurrences()).toBe(ERRORS);
  });
});

describe.each(MAIN_THREAD)('%s: a storm of 20,000 errors of ten kinds', (logger) => {
  it.each(['exit1', 'sigkill'])('%s: the counts add up, in a few requests', async (ending) => {
    await run(logger, ending, 20_000);
    await run(logger, 'natural', 0);
    expect(sink.occurrences()).toBe(20_000);
    expect(sink.requests.length).toBeLessThanOrEqual(20);
  });
});

describe.each([...MAIN_THREAD, 'pino worker'])('%s: 500 different errors at once', (logger) => {
  it.each(['natural', 'exit1', 'uncaught', 'end'])(
    '%s: every one arrives, with its count',
    async (ending) => {
      await run(logger, ending, 1000, { KINDS: '500' });
      await run(logger, 'natural', 0);
      expect(sink.occurrences()).toBe(1000);
      expect(sink.events()).toHaveLength(500);
    },
  );
});

describe.each(MAIN_THREAD)('%s: 64 different errors at once', (logger) => {
  it('each is on disk before its log call returns: SIGKILL at once loses none', async () => {
    await run(logger, 'sigkill', 64, { KINDS: '64' });
    await run(logger, 'natural', 0);
    expect(sink.occurrences()).toBe(64);
    expect(sink.events()).toHaveLength(64);
  });
});

describe.each(MAIN_THREAD)('%s in a worker thread of the application', (logger) => {
  it('loses nothing when the thread is terminated', async () => {
    const threads = new URL('./fixtures/terminate.mjs', import.meta.url);
    const env = { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: spool };
    const { code } = await runApp(threads, { args: [logger, String(ERRORS)], env });
    expect(code).toBe(0);
    await run(logger, 'natural', 0);
    expect(sink.occurrences()).toBe(ERRORS);
  });
});

/** `PATROL_SCALE=full npm run test:faults` waits the whole minute; the longest wait between two tries is 3 s. */
const OUTAGE_MS = process.env.PATROL_SCALE === 'full' ? 60_000 : 5000;

describe.each([...MAIN_THREAD, 'pino worker'])('%s: a sink that comes back', (logger) => {
  it(
    'gets what was logged meanwhile, within seconds and while the application runs',
    async () => {
      await sink.stop();
      const { port } = sink;
      let kill: (signal: NodeJS.Signals) => void = () => {};
      const ended = runApp(app, {
        args: [logger, 'stay', String(ERRORS)],
        env: {
          PATROL_SINK_URL: sink.url,
          PATROL_SPOOL_DIRECTORY: spool,
          STAY_MS: String(OUTAGE_MS + 20_000),
        },
        timeoutMs: OUTAGE_MS + 25_000,
        onOutput: (_text, killer) => {
          kill = killer;
        },
      });
      await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
      sink = await startSink(port);
      await sink.until(() => sink.occurrences() === ERRORS, 5000);
      kill('SIGKILL');
      const { stderr } = await ended;
      expect(stderr.split('\n').length).toBeLessThanOrEqual(3);
    },
    OUTAGE_MS + 30_000,
  );
});

describe.each(MAIN_THREAD)('%s: a process that is frozen, as a Lambda between two invocations', (logger) => {
  it('has delivered before, and delivers after, though its connections are gone', async () => {
    const before = sink;
    let thawed: Promise<void> = Promise.resolve();
    await runApp(app, {
      args: [logger, 'frozen', String(ERRORS)],
      env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: spool },
      onOutput(text, kill) {
        if (!text.includes('freeze me')) return;
        kill('SIGSTOP');
        thawed = (async () => {
          await before.stop();
          sink = await startSink(before.port);
          await new Promise((resolve) => setTimeout(resolve, 1000));
          kill('SIGCONT');
        })();
      },
    });
    await thawed;
    expect(before.occurrences()).toBe(ERRORS);
    expect(sink.events().map(({ errorLog }) => errorLog.message)).toEqual(['after the thaw']);
  });
});

describe('winston, when it handles the exception itself', () => {
  it.each(['uncaught', 'rejection'])('%s: the error that ends the process arrives, too', async (ending) => {
    const { code } = await run('winston', ending, ERRORS, { HANDLE_EXCEPTIONS: '1' });
    expect(code).toBe(1);
    await run('winston', 'natural', 0);
    expect(sink.occurrences()).toBe(ERRORS + 1);
  });
});

const STATES: Record<string, SinkAnswer | 'refused'> = {
  hanging: 'hang',
  'closing mid-body': 'cut',
  500: 500,
  503: 503,
  429: { status: 429, headers: { 'retry-after': '30' } },
  'without our token': 401,
  refused: 'refused',
  slow: { status: 202, delayMs: 1500 },
};

describe.each([...MAIN_THREAD, 'pino worker'])('%s: errors outlive a sink that is', (logger) => {
  it.each(Object.entries(STATES))('%s', async (_name, state) => {
    const { port } = sink;
    if (state === 'refused') await sink.stop();
    else sink.answer = state;
    const { code, stderr } = await run(logger, 'natural', ERRORS, { PATROL_FLUSH_TIMEOUT: '300' });
    expect(code).toBe(0);
    // A line for the operator, and Node's hint how to trace it, at most; never one per error.
    expect(stderr.split('\n').length).toBeLessThanOrEqual(3);
    if (state === 'refused') sink = await startSink(port);
    sink.answer = 202;
    await run(logger, 'natural', 0);
    expect(sink.occurrences()).toBe(ERRORS);
  });
});

describe('the queue as destination', () => {
  let sqs: TestSqs;
  beforeEach(async () => {
    sqs = await startSqs();
  });
  afterEach(() => sqs.stop());

  it.each(MAIN_THREAD)('%s: ten of ten after SIGKILL', async (logger) => {
    const queueUrl = await sqs.createQueue();
    const env = { ...sqs.env, PATROL_QUEUE_URL: queueUrl };
    expect((await run(logger, 'sigkill', ERRORS, env)).signal).toBe('SIGKILL');
    await run(logger, 'natural', 0, env);
    const events = await sqs.receiveJson<ErrorLogEvent>(queueUrl, ERRORS);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(ERRORS);
  });

  it.each([...MAIN_THREAD, 'pino worker'])('%s: ten of ten at the natural end', async (logger) => {
    const queueUrl = await sqs.createQueue();
    await run(logger, 'natural', ERRORS, { ...sqs.env, PATROL_QUEUE_URL: queueUrl });
    expect(await sqs.receiveJson(queueUrl, ERRORS)).toHaveLength(ERRORS);
  });
});

describe('the embedded engine as destination', () => {
  it('analyses after the next start what a killed process logged', async () => {
    const env = { PATROL_SINK_URL: undefined };
    await run('winston', 'sigkill', 2, env);
    const { records } = await run('winston', 'natural', 0, env);
    expect(records.filter((record) => record.patrol)).toHaveLength(2);
  });
});
