import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PatrolPinoOptions, PatrolStream } from '../../transports/pino.ts';
import { createPatrolStream, patrolLogMethod } from '../../transports/pino.ts';
import { analysisRecord } from '../support/events.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';
import { startSqs, useAwsEnvironment } from '../support/sqs.ts';

let sink: SinkServer;
let stream: PatrolStream;
let lines: Record<string, unknown>[];
let directory: string;

beforeEach(async () => {
  sink = await startSink();
  lines = [];
  directory = await mkdtemp(join(tmpdir(), 'patrol-pino-'));
});
afterEach(async () => {
  await stream.close(100);
  await sink.stop();
  await rm(directory, { recursive: true });
});

const output = { write: (line: string) => void lines.push(JSON.parse(line)) };

/** A logger with an ordinary destination and Patrol beside it. */
const createLogger = (
  options: pino.LoggerOptions = {},
  patrol: PatrolPinoOptions = {},
  level: pino.Level = 'info',
): LooseLogger => {
  stream = createPatrolStream({
    sinkUrl: sink.url,
    service: 'shop',
    batchInterval: 50,
    spoolDirectory: false,
    ...patrol,
  });
  const logger: unknown = pino(options, pino.multistream([{ stream: output, level }, { stream }]));
  return logger as LooseLogger;
};

const arrived = async () => {
  expect(await stream.flush()).toBe(true);
  return sink.events().map((event) => event.errorLog);
};

class CardError extends Error {
  override name = 'CardError';
  readonly code = 'E_CARD';
}
const boom = () => new CardError('declined', { cause: new TypeError('root of it') });

/** As JavaScript sees it: people log what the types forbid, too. */
type LooseLogger = Record<'info' | 'warn' | 'error', (...values: unknown[]) => void> & {
  child(bindings: object): LooseLogger;
};

const forms: Record<string, (logger: LooseLogger) => unknown> = {
  'error(err)': (logger) => logger.error(boom()),
  "error(err, 'msg')": (logger) => logger.error(boom(), 'payment failed'),
  "error({err}, 'msg')": (logger) => logger.error({ err: boom() }, 'payment failed'),
  "error({error: err}, 'msg')": (logger) => logger.error({ error: boom() }, 'payment failed'),
  "error('msg', err)": (logger) => logger.error('payment failed', boom()),
  "error('msg %s', text, err)": (logger) => logger.error('payment %s failed', 'p1', boom()),
  "error({userId}, 'msg', err)": (logger) => logger.error({ userId: 7 }, 'payment failed', boom()),
  'child.error(err)': (logger) => logger.child({ reqId: 'r1' }).error(boom()),
};

it.each(['code', 'cause', 'constructor'])(
  'captures an error whose %s throws when it is read',
  async (field) => {
    const logger = createLogger({ serializers: { err: () => ({ type: 'CardError', message: 'declined' }) } });
    const error = new CardError('declined');
    Object.defineProperty(error, field, {
      get() {
        throw new Error('not to be read');
      },
    });
    logger.error(error);
    expect(await arrived()).toHaveLength(1);
  },
);

describe('an Error wherever it stands', () => {
  // pino formats the arguments behind a text away before any destination sees them.
  const lost = ["error('msg', err)", "error('msg %s', text, err)", "error({userId}, 'msg', err)"];

  it.each(Object.entries(forms))('keeps message, class and stack of %s', async (form, log) => {
    log(createLogger());
    const [errorLog] = await arrived();
    if (lost.includes(form)) {
      expect(errorLog?.stackTrace).toBeUndefined();
      expect(errorLog?.message).toContain('payment');
      return;
    }
    expect(errorLog).toMatchObject({ message: 'declined', name: 'CardError', code: 'E_CARD' });
    expect(errorLog?.stackTrace).toMatch(/pino-stream\.test\.ts/);
    expect(errorLog?.stackTrace).toContain('root of it');
  });

  it.each(Object.entries(forms))('keeps all of %s with patrolLogMethod', async (_form, log) => {
    log(createLogger({ hooks: { logMethod: patrolLogMethod } }));
    const [errorLog] = await arrived();
    expect(errorLog).toMatchObject({ message: 'declined', name: 'CardError', code: 'E_CARD' });
    expect(errorLog?.stackTrace).toMatch(/pino-stream\.test\.ts/);
    expect(lines[0]).toMatchObject({ err: { type: 'CardError' } });
  });

  it('leaves calls without an Error as they are with patrolLogMethod', () => {
    const logger = createLogger({ hooks: { logMethod: patrolLogMethod } });
    logger.info('fine %d', 7);
    logger.error({ a: 1 }, 'no error');
    logger.error(undefined);
    expect(lines).toMatchObject([{ msg: 'fine 7' }, { a: 1, msg: 'no error' }, {}]);
  });

  it.each<[string, pino.LoggerOptions]>([
    ['messageKey', { messageKey: 'text' }],
    ['errorKey', { errorKey: 'failure' }],
    ['custom levels', { customLevels: { note: 35 } }],
    ['level names', { formatters: { level: (label) => ({ level: label }) } }],
    ['its own serializer', { serializers: { err: pino.stdSerializers.errWithCause } }],
    ['ISO times', { timestamp: pino.stdTimeFunctions.isoTime }],
    ['no base', { base: null }],
  ])('keeps an Error under %s', async (_name, options) => {
    createLogger(options).error(boom(), 'payment failed');
    const [errorLog] = await arrived();
    expect(errorLog).toMatchObject({ message: 'declined', name: 'CardError' });
    expect(errorLog?.stackTrace).toMatch(/pino-stream\.test\.ts/);
  });

  it('keeps an Error below a nestedKey that it is told', async () => {
    createLogger({ nestedKey: 'payload' }, { nestedKey: 'payload' }).error(boom(), 'payment failed');
    expect(await arrived()).toMatchObject([{ message: 'declined' }]);
  });

  it('shows no more than the application lets be seen of it', async () => {
    const secret = Object.assign(boom(), { customer: 'Jane Roe' });
    createLogger({ redact: ['err.customer'] }).error(secret);
    await arrived();
    expect(JSON.stringify(sink.requests)).not.toContain('Jane Roe');
  });
});

describe('what is captured', () => {
  it('is what is logged at error level, with the bindings of the child', async () => {
    const logger = createLogger().child({ reqId: 'r1' });
    logger.info('fine');
    logger.warn('hm');
    logger.error('boom');
    expect(await arrived()).toMatchObject([{ message: 'boom', context: { reqId: 'r1' } }]);
  });

  it('goes by the level that is asked for', async () => {
    createLogger({}, { level: 'warn' }).warn('hm');
    expect(await arrived()).toHaveLength(1);
  });

  it('is there before the call returns', () => {
    createLogger().error('boom');
    expect(stream.stats().recorded).toBe(1);
  });

  it('never throws into the application, whatever comes', () => {
    createLogger();
    for (const line of ['', 'no json', '{', 'null', '{"level":50', '{"level":"50"}', '[]']) {
      expect(() => stream.write(line)).not.toThrow();
    }
  });
});

describe('as the only stream of a logger', () => {
  it("writes the application's lines untouched to its destination", () => {
    const destination = join(directory, 'app.log');
    stream = createPatrolStream({ sinkUrl: sink.url, destination, spoolDirectory: false });
    const logger = pino({ base: null, timestamp: false }, stream);
    logger.info('first');
    logger.child({ a: 1 }).error('second');
    expect(readFileSync(destination, 'utf8')).toBe(
      '{"level":30,"msg":"first"}\n{"level":50,"a":1,"msg":"second"}\n',
    );
    expect(stream.stats().recorded).toBe(1);
  });

  it('writes none of them beside another stream', () => {
    const destination = join(directory, 'app.log');
    createLogger({}, { destination }).error('boom');
    expect(() => readFileSync(destination)).toThrow('ENOENT');
  });
});

describe('analyses', () => {
  const answered = async (logger: LooseLogger, replyQueueUrl: string, send: () => Promise<void>) => {
    logger.error('boom');
    await send();
    await vi.waitFor(() => expect(lines.some((line) => line.patrol)).toBe(true), { timeout: 10_000 });
    expect(replyQueueUrl).toBeTruthy();
    return lines.find((line) => line.patrol);
  };

  it.each<[string, pino.LoggerOptions, PatrolPinoOptions, pino.Level, Record<string, unknown>]>([
    ['at info', {}, {}, 'info', { level: 30 }],
    ['at the level that is asked for', {}, { analysisLevel: 'warn' }, 'info', { level: 40 }],
    ['at the level of the error where info is off', { level: 'error' }, {}, 'info', { level: 50 }],
    ['at the level of the error where no stream prints info', {}, {}, 'error', { level: 50 }],
    [
      'at the level of the error without an info level',
      { customLevels: { oops: 70 }, useOnlyCustomLevels: true, level: 'oops' },
      { level: 'oops' },
      'trace',
      { level: 70 },
    ],
    [
      "under the logger's messageKey",
      { messageKey: 'text' },
      {},
      'info',
      { text: expect.stringContaining('expired') },
    ],
  ])('are written through the logger %s', async (_name, options, patrol, level, expected) => {
    const sqs = await startSqs();
    const restore = useAwsEnvironment(sqs.env);
    try {
      const replyQueueUrl = await sqs.createQueue();
      const logger = createLogger(options, { ...patrol, replyQueueUrl }, level);
      if (options.useOnlyCustomLevels) Object.assign(logger, { error: Reflect.get(logger, 'oops') });
      const analysis = await answered(logger, replyQueueUrl, () =>
        sqs.send(replyQueueUrl, {
          msg: 'Patrol (90 %): the card is expired.',
          correlation: { reqId: 'r1' },
          patrol: analysisRecord({ service: 'shop', rootCause: 'expired' }).patrol,
        }),
      );
      expect(analysis).toMatchObject({ reqId: 'r1', patrol: { rootCause: 'expired' }, ...expected });
      expect(stream.stats().recorded).toBe(1);
    } finally {
      await stream.close(100);
      restore();
      await sqs.stop();
    }
  });
});
