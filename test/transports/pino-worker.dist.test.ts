import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { analysisRecord } from '../support/events.ts';
import { runApp } from '../support/run-app.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';
import { startSqs, type TestSqs } from '../support/sqs.ts';

const app = new URL('./fixtures/app.mjs', import.meta.url);

let sink: SinkServer;
beforeEach(async () => {
  sink = await startSink();
});
afterEach(() => sink.stop());

const run = (logger: string, ending = 'natural', env: Record<string, string> = {}, count = 2) =>
  runApp(app, {
    args: [logger, ending, String(count)],
    env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: 'off', ...env },
  });

describe('the worker form delivers errors and leaves the lines alone', () => {
  it('as the only target: it writes the lines of the application itself', async () => {
    const { records, code, stderr } = await run('pino worker');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(records).toMatchObject([
      { level: 30, msg: 'started' },
      { level: 50, msg: 'order failed', err: { type: 'TypeError' } },
      { level: 50, msg: 'order failed' },
    ]);
    expect(sink.occurrences()).toBe(2);
    expect(sink.events()[0]?.errorLog).toMatchObject({
      name: 'TypeError',
      stackTrace: expect.stringContaining('app.mjs'),
    });
  });

  it('among targets: the others write the lines', async () => {
    const { records, code, stderr } = await run('pino targets');
    expect([stderr, code]).toEqual(['', 0]);
    expect(records.map((record) => record.msg)).toEqual(['started', 'order failed', 'order failed']);
    expect(sink.occurrences()).toBe(2);
  });

  it('beside pino-pretty', async () => {
    const { stdout, code, stderr } = await run('pino targets with pino-pretty');
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(/INFO .*: started/);
    expect(stdout).toMatch(/ERROR .*: order failed/);
    expect(sink.occurrences()).toBe(2);
  });

  it('in a pipeline: lines go on to pino-pretty', async () => {
    const { stdout, code, stderr } = await run('pino pipeline');
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(/INFO .*: started/);
    expect(stdout).toMatch(/ERROR .*: order failed[\s\S]*ERROR .*: order failed/);
    expect(sink.occurrences()).toBe(2);
  });

  it('in a pipeline: lines go on to a file in order', async () => {
    const { records, code, stderr } = await run('pino pipeline into a file');
    expect([stderr, code]).toEqual(['', 0]);
    expect(records.map((record) => record.msg)).toEqual(['started', 'order failed', 'order failed']);
    expect(sink.occurrences()).toBe(2);
  });

  it('at the end of a pipeline: it writes the lines itself', async () => {
    const { records, code, stderr } = await run('pino pipeline ending in patrol');
    expect([stderr, code]).toEqual(['', 0]);
    expect(records.map((record) => record.msg)).toEqual(['started', 'order failed', 'order failed']);
    expect(sink.occurrences()).toBe(2);
  });

  it.each([
    ['messageKey', { messageKey: 'text' }],
    ['errorKey', { errorKey: 'failure' }],
    ['a base of its own', { base: { app: 'shop' } }],
    ['custom levels', { customLevels: { note: 35 } }],
    ['lines of debug', { level: 'debug' }],
  ])('understands %s', async (_name, options) => {
    const { code, stderr } = await run('pino worker', 'natural', { PINO_OPTIONS: JSON.stringify(options) });
    expect([stderr, code]).toEqual(['', 0]);
    expect(sink.events()).toHaveLength(2);
    expect(sink.events()[0]?.errorLog).toMatchObject({
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'zero')",
      stackTrace: expect.stringContaining('app.mjs'),
      context: { logMessage: 'order failed' },
    });
  });

  it('passes thousands of lines through unchanged and in order', async () => {
    const { records, code } = await run('pino worker', 'natural', {}, 5000);
    expect(code).toBe(0);
    expect(records).toHaveLength(5001);
    expect(sink.occurrences()).toBe(5000);
  });

  it('has delivered everything when flush calls back', async () => {
    const { code } = await run('pino worker', 'flush');
    expect(code).toBe(0);
    expect(sink.occurrences()).toBe(2);
  });

  it.each(['exit1', 'uncaught', 'rejection', 'sigterm handled'])(
    'delivers on the way out: %s',
    async (ending) => {
      const { code } = await run('pino worker', ending);
      expect(code).toBe(ending === 'sigterm handled' ? 0 : 1);
      expect(sink.occurrences()).toBe(2);
    },
  );

  it('does not hold the exit when the sink hangs', async () => {
    sink.answer = 'hang';
    const { code, records } = await run('pino worker', 'exit1', { PATROL_FLUSH_TIMEOUT: '200' });
    expect(code).toBe(1);
    expect(records.at(-1)).toMatchObject({ level: 40, patrol: { event: 'dropped', dropped: { closed: 2 } } });
  });

  it('warns once about wrong settings and lets the application run', async () => {
    const { code, records, stderr } = await run('pino worker', 'natural', { PATROL_SINK_URL: 'nowhere' });
    expect(code).toBe(0);
    expect(records).toHaveLength(4);
    expect(records.at(-1)).toMatchObject({ patrol: { dropped: { invalid_configuration: 2 } } });
    expect(stderr.match(/PATROL_SINK_URL/g)).toHaveLength(1);
  });
});

describe('analyses that come back over the reply queue', () => {
  let sqs: TestSqs;
  beforeEach(async () => {
    sqs = await startSqs();
  });
  afterEach(() => sqs.stop());

  const reply = {
    msg: 'Patrol (90 %): the order is empty. Fix: check it.',
    correlation: { reqId: 'r1' },
    patrol: analysisRecord({ service: 'shop', rootCause: 'the order is empty' }).patrol,
  };
  const runAnswered = async (logger: string) => {
    const replyQueueUrl = await sqs.createQueue();
    await sqs.send(replyQueueUrl, reply);
    return run(logger, 'stay', { ...sqs.env, PATROL_REPLY_QUEUE_URL: replyQueueUrl, PATROL_SERVICE: 'shop' });
  };

  it.each([
    'pino worker',
    'pino pipeline into a file',
    'pino targets',
    'pino stream',
    'pino multistream',
    'winston',
  ])('stand in the log of %s as lines of its own format', async (logger) => {
    const { records, code } = await runAnswered(logger);
    const analysis = records.find((record) => record.patrol);
    const winston = logger === 'winston';
    expect(analysis).toMatchObject({
      level: winston ? 'info' : 30,
      [winston ? 'message' : 'msg']: reply.msg,
      reqId: 'r1',
      patrol: { rootCause: 'the order is empty' },
    });
    if (!winston)
      expect(Object.keys(analysis ?? {})).toEqual(expect.arrayContaining(['time', 'pid', 'hostname']));
    expect(code).toBe(0);
  });

  it('are prettified at the end of a pipeline', async () => {
    const { stdout } = await runAnswered('pino pipeline');
    expect(stdout).toMatch(/INFO .*: Patrol \(90 %\): the order is empty\. Fix: check it\./);
  });
});
