import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { analysesIn, runApp } from '../support/run-app.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';

const app = new URL('./fixtures/app.mjs', import.meta.url);

let sink: SinkServer;
beforeEach(async () => {
  sink = await startSink();
});
afterEach(() => sink.stop());

const run = (ending: string, env: Record<string, string> = {}) =>
  runApp(app, {
    args: ['winston', ending, '2'],
    env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: 'off', ...env },
  });

describe('errors reach the sink', () => {
  it.each(['natural', 'end', 'flush'])('when the application ends by %s', async (ending) => {
    const { code, stderr } = await run(ending);
    expect([stderr, code]).toEqual(['', 0]);
    expect(sink.occurrences()).toBe(2);
  });

  it.each(['uncaught', 'rejection'])(
    "on an %s that winston handles, without winston's wait of 3 s",
    async (ending) => {
      const { code } = await run(ending, { HANDLE_EXCEPTIONS: '1' });
      expect(code).toBe(1);
      expect(sink.occurrences()).toBe(3);
      expect(sink.events().map((event) => event.errorLog.message)).toContain('nobody caught this');
    },
  );
});

describe('the process is never held', () => {
  it('longer than the flush may take, when the sink hangs', async () => {
    sink.answer = 'hang';
    const { code } = await run('natural', { PATROL_FLUSH_TIMEOUT: '200' });
    expect(code).toBe(0);
  });

  it('by a sink that refuses', async () => {
    const { code } = await run('natural', {
      PATROL_SINK_URL: 'http://127.0.0.1:9',
      PATROL_FLUSH_TIMEOUT: '200',
    });
    expect(code).toBe(0);
  });
});

describe('the embedded engine answers in the same log', () => {
  const embedded = { PATROL_SINK_URL: undefined, PATROL_SPOOL_DIRECTORY: 'off' };

  it('in an ES module, before the process ends by itself', async () => {
    const { records, code, stderr } = await runApp(app, { args: ['winston', 'natural', '1'], env: embedded });
    expect([stderr, code]).toEqual(['', 0]);
    expect(analysesIn(records)).toMatchObject([
      { level: 'info', message: expect.stringMatching(/^Patrol/), patrol: { occurrences: 1 } },
    ]);
  });

  it('in CommonJS, by require', async () => {
    const cjs = new URL('./fixtures/winston-app.cjs', import.meta.url);
    const { records, code, stderr } = await runApp(cjs, { env: embedded });
    expect([stderr, code]).toEqual(['', 0]);
    expect(analysesIn(records)).toHaveLength(1);
  });

  it('after logger.end(), through the transports that it ends', async () => {
    const { records, code } = await runApp(app, { args: ['winston', 'end', '2'], env: embedded });
    expect(code).toBe(0);
    expect(analysesIn(records)).toHaveLength(2);
  });

  it.each(['pino worker', 'pino targets', 'pino pipeline into a file', 'pino stream', 'pino multistream'])(
    'with %s',
    async (logger) => {
      const { records, code, stderr } = await runApp(app, { args: [logger, 'natural', '2'], env: embedded });
      expect([stderr, code]).toEqual(['', 0]);
      expect(analysesIn(records)).toHaveLength(2);
    },
  );
});
