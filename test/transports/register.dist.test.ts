import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { analysesIn, type RunAppOptions, runApp } from '../support/run-app.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';

const app = new URL('./fixtures/plain-app.mjs', import.meta.url);
const register = new URL('../../dist/transports/bundle/register.js', import.meta.url).href;

let spool: string;
let sink: SinkServer;
beforeEach(async () => {
  spool = mkdtempSync(join(tmpdir(), 'patrol-register-'));
  sink = await startSink();
});
afterEach(async () => {
  await sink.stop();
  rmSync(spool, { recursive: true, force: true });
});

const run = (logger: string, ending: string, options: RunAppOptions = {}, script = app) =>
  runApp(script, {
    args: [logger, ending],
    nodeArgs: ['--import', register],
    ...options,
    env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: spool, ...options.env },
  });
const messages = () => sink.events().map(({ errorLog }) => errorLog.message);
const TOTAL = "Cannot read properties of undefined (reading 'total')";

describe('an application that knows nothing of Patrol', () => {
  it.each(['winston', 'winston default', 'pino', 'pino child', 'pino worker', 'pino to a file descriptor'])(
    'has its errors captured: %s',
    async (logger) => {
      const { code, stderr, records } = await run(logger, 'natural');
      expect([stderr, code]).toEqual(['', 0]);
      expect(records).toHaveLength(2);
      expect(sink.occurrences()).toBe(1);
      expect(sink.events()[0]?.errorLog).toMatchObject({
        name: 'TypeError',
        message: TOTAL,
        stackTrace: expect.stringContaining('plain-app.mjs'),
        context: { logMessage: 'order failed', ...(logger === 'pino child' && { reqId: 'r1' }) },
      });
    },
  );

  it('may be CommonJS', async () => {
    const { code, stderr } = await run('', '', {}, new URL('./fixtures/plain-app.cjs', import.meta.url));
    expect([stderr, code]).toEqual(['', 0]);
    expect(messages().sort()).toEqual([TOTAL, 'Invalid array length']);
  });

  it.each(['winston', 'pino'])('may have made its %s logger before', async (logger) => {
    const { code } = await run(logger, 'natural', { nodeArgs: [], env: { REGISTER_LATE: register } });
    expect(code).toBe(0);
    expect(messages()).toEqual([TOTAL]);
  });

  it.each(['uncaught', 'rejection'])('has its %s captured without a change of its exit', async (ending) => {
    const plain = await run('winston', ending, { nodeArgs: [] });
    const watched = await run('winston', ending);
    expect([watched.code, watched.signal]).toEqual([plain.code, plain.signal]);
    expect(watched.stderr.replace(/\d+/g, '')).toBe(plain.stderr.replace(/\d+/g, ''));
    await run('winston', 'natural');
    expect(messages()).toContain('nobody caught this');
  });

  it.each(['uncaught', 'rejection'])(
    'has its %s counted once although winston logs it, too',
    async (ending) => {
      await run('winston with its own handling', ending);
      await run('winston', 'natural');
      const events = sink.events().filter(({ errorLog }) => errorLog.message === 'nobody caught this');
      expect(events.map(({ occurrences }) => occurrences)).toEqual([1]);
    },
  );

  it('has an exception counted once although its own handler logs it', async () => {
    const { code } = await run('pino', 'logged uncaught');
    expect(code).toBe(3);
    expect(messages().filter((message) => message === 'nobody caught this')).toHaveLength(1);
  });

  it('loses nothing when it exits at once', async () => {
    expect((await run('winston', 'exit1')).code).toBe(1);
    expect((await run('pino', 'exit1')).code).toBe(1);
    await run('winston', 'natural');
    expect(sink.occurrences()).toBe(3);
  });

  it.each(['winston', 'pino'])('reads the analyses in the log of %s', async (logger) => {
    const { records, stderr } = await run(logger, 'natural', { env: { PATROL_SINK_URL: undefined } });
    expect(stderr).toBe('');
    expect(analysesIn(records)).toMatchObject([
      { level: logger === 'pino' ? 30 : 'info', patrol: { message: TOTAL, occurrences: 1 } },
    ]);
  });
});

it.each(['pino worker', 'pino targets'])('takes the place of a %s of Patrol', async (logger) => {
  const { records } = await run(
    logger,
    'natural',
    { args: [logger, 'natural', '3'] },
    new URL('./fixtures/app.mjs', import.meta.url),
  );
  expect(sink.occurrences()).toBe(3);
  expect(records.filter(({ msg }) => msg === 'order failed')).toHaveLength(3);
});

it('leaves a logger with a Patrol of its own to that', async () => {
  for (const logger of ['winston', 'pino multistream', 'pino stream']) {
    await run(
      logger,
      'natural',
      { args: [logger, 'natural', '1'] },
      new URL('./fixtures/app.mjs', import.meta.url),
    );
  }
  expect(sink.occurrences()).toBe(3);
});
