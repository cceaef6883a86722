import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import winston from 'winston';
import type { AnalysisRecord } from '../../src/analysis-record.ts';
import { writeRecord } from '../../transports/winston/log-writer.ts';
import { PatrolTransport, type PatrolTransportOptions } from '../../transports/winston.ts';
import { analysisRecord } from '../support/events.ts';
import { type SinkServer, startSink } from '../support/sink-server.ts';
import { startSqs, type TestSqs, useAwsEnvironment } from '../support/sqs.ts';

const { format } = winston;

let sink: SinkServer;
let transport: PatrolTransport;
let lines: Record<string, unknown>[];
const created: winston.Logger[] = [];

beforeEach(async () => {
  sink = await startSink();
  lines = [];
});
afterEach(async () => {
  for (const logger of created.splice(0)) logger.close();
  await sink.stop();
});

/** A logger as applications have it: one ordinary transport, and Patrol added. */
const createLogger = (options: winston.LoggerOptions = {}, patrol: PatrolTransportOptions = {}) => {
  const output = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      lines.push(JSON.parse(chunk.toString()));
      callback();
    },
  });
  const logger = winston.createLogger({
    format: format.combine(format.errors({ stack: true }), format.json()),
    transports: [new winston.transports.Stream({ stream: output })],
    ...options,
  });
  transport = new PatrolTransport({
    sinkUrl: sink.url,
    service: 'shop',
    batchInterval: 50,
    spoolDirectory: false,
    ...patrol,
  });
  logger.add(transport);
  created.push(logger);
  return logger;
};

const arrived = async () => {
  expect(await transport.flush()).toBe(true);
  return sink.events().map((event) => event.errorLog);
};

class CardError extends Error {
  override name = 'CardError';
  readonly code = 'E_CARD';
}
const boom = () => new CardError('declined', { cause: new TypeError('root of it') });
const here = /winston\.test\.ts/;

describe('an Error wherever it stands', () => {
  const forms: Record<string, (logger: winston.Logger) => unknown> = {
    'error(err)': (logger) => logger.error(boom()),
    "error('msg', err)": (logger) => logger.error('payment failed', boom()),
    "error('msg', {error: err})": (logger) => logger.error('payment failed', { error: boom() }),
    "error('msg', {err})": (logger) => logger.error('payment failed', { err: boom() }),
    "error({err}, 'msg')": (logger) => logger.log('error', { err: boom() } as never, 'payment failed'),
    'log({level, message: err})': (logger) => logger.log({ level: 'error', message: boom() as never }),
    "log('error', 'msg', err)": (logger) => logger.log('error', 'payment failed', boom()),
    "error('msg %s', text, err)": (logger) => logger.error('payment %s failed', 'p1', boom()),
    'child.error(err)': (logger) => logger.child({ reqId: 'r1' }).error(boom()),
    "child.error('msg', err)": (logger) => logger.child({ reqId: 'r1' }).error('payment failed', boom()),
  };
  const formats: Record<string, winston.Logform.Format> = {
    'errors({stack})+json': format.combine(format.errors({ stack: true }), format.json()),
    json: format.json(),
    'errors({stack,cause})+json': format.combine(format.errors({ stack: true, cause: true }), format.json()),
    'errors({stack})+splat+json': format.combine(
      format.errors({ stack: true }),
      format.splat(),
      format.json(),
    ),
    'errors+colorize+simple': format.combine(
      format.errors({ stack: true }),
      format.colorize(),
      format.simple(),
    ),
  };
  // What winston takes away before any transport sees it; nothing in a transport can bring it back.
  // splat() merges the fields of an Error that stands behind the placeholders, but neither message nor stack.
  const lostError = (formatName: string, form: string) =>
    formatName.includes('splat') && form === "error('msg %s', text, err)";
  // errors() copies the cause only with `{cause: true}`.
  const lostCause = (formatName: string, form: string) =>
    formatName.startsWith('errors') &&
    !formatName.includes('cause') &&
    ['error(err)', 'log({level, message: err})'].includes(form);

  for (const [formatName, chosen] of Object.entries(formats)) {
    it.each(Object.entries(forms))(
      `keeps message, class and stack of %s with ${formatName}`,
      async (form, log) => {
        const logger = createLogger({
          format: chosen,
          transports: [new winston.transports.Stream({ stream: new PassThrough().resume() })],
        });
        log(logger);
        const [errorLog] = await arrived();
        if (lostError(formatName, form)) {
          expect(errorLog?.stackTrace).toBeUndefined();
          return;
        }
        expect(errorLog).toMatchObject({ message: 'declined', name: 'CardError', code: 'E_CARD' });
        expect(errorLog?.stackTrace).toMatch(here);
        expect(errorLog?.stackTrace?.includes('root of it')).toBe(!lostCause(formatName, form));
      },
    );
  }

  it('keeps a thrown non-error as its text', async () => {
    createLogger().error('just a text', { userId: 7 });
    expect(await arrived()).toMatchObject([{ message: 'just a text', context: { userId: 7 } }]);
  });
});

describe('the fingerprint of the application', () => {
  const tenants = ['red', 'blue', 'red'];

  it('tells errors apart that look alike, and makes one of others', async () => {
    const logger = createLogger(
      {},
      {
        fingerprint: ({ message, context }) =>
          message === 'quota' ? ['quota', String(context?.tenant)] : undefined,
      },
    );
    for (const tenant of tenants) logger.error('quota', { tenant });
    logger.error('something else');
    await arrived();
    expect(sink.events().map(({ fingerprint, occurrences }) => ({ fingerprint, occurrences }))).toEqual([
      { fingerprint: ['quota', 'red'], occurrences: 2 },
      { fingerprint: ['quota', 'blue'], occurrences: 1 },
      { fingerprint: undefined, occurrences: 1 },
    ]);
  });

  it('may be one for all', async () => {
    const logger = createLogger({}, { fingerprint: ['billing'] });
    logger.error('one thing');
    logger.error('another thing');
    await arrived();
    expect(sink.events()).toMatchObject([{ fingerprint: ['billing'], occurrences: 2 }]);
  });

  it('leaves the process without its secrets', async () => {
    createLogger({}, { fingerprint: () => ['mail', 'jane.doe@example.com'] }).error('boom');
    await arrived();
    expect(JSON.stringify(sink.events())).not.toContain('jane.doe');
  });

  it('does no harm when it fails', async () => {
    const fingerprint = () => {
      throw new Error('in the application');
    };
    createLogger({}, { fingerprint }).error('boom');
    expect(await arrived()).toMatchObject([{ message: 'boom' }]);
  });
});

describe('what is captured', () => {
  it('is what is logged at error level, nothing below', async () => {
    const logger = createLogger({ level: 'debug' });
    logger.info('fine');
    logger.warn('hm');
    logger.error('boom');
    expect(await arrived()).toMatchObject([{ message: 'boom' }]);
    expect(transport.stats().recorded).toBe(1);
  });

  it('goes by the level that is asked for', async () => {
    const logger = createLogger({}, { level: 'warn' });
    logger.warn('hm');
    expect(await arrived()).toMatchObject([{ message: 'hm' }]);
  });

  it('is not fooled by a colorized level', async () => {
    const logger = createLogger({
      format: format.combine(format.colorize(), format.json()),
    });
    logger.info('fine');
    logger.error('boom');
    expect(await arrived()).toHaveLength(1);
  });

  it('includes crit and emerg of syslog levels', async () => {
    const logger = createLogger({ levels: winston.config.syslog.levels });
    logger.log('emerg', 'on fire');
    logger.log('crit', 'smoke');
    expect(await arrived()).toHaveLength(2);
  });

  it('is nothing while silent', async () => {
    createLogger({}, { silent: true }).error('boom');
    expect(transport.stats().recorded).toBe(0);
  });

  it('takes what the format of the transport makes of a record', async () => {
    const tagged = format((info) => ({ ...info, tag: 'checkout' }))();
    createLogger({}, { format: tagged }).error('boom');
    expect(await arrived()).toMatchObject([{ message: 'boom', context: { tag: 'checkout' } }]);
  });

  it('never contains what Patrol itself wrote', async () => {
    const logger = createLogger();
    const { msg, patrol } = analysisRecord();
    logger.error(msg, { patrol });
    logger.error('Patrol dropped 3', { patrol: { event: 'dropped', dropped: { buffer_full: 3 } } });
    expect(transport.stats().recorded).toBe(0);
  });

  it('never contains an analysis, whatever a format makes of its message', async () => {
    const logger = createLogger({
      level: 'error',
      format: format.combine(
        format((info) => Object.assign(info, { message: `the shop says: ${String(info.message)}` }))(),
        format.json(),
      ),
    });
    writeRecord(analysisRecord(), {
      logger: logger as never,
      analysisLevel: 'error',
      capturedLevel: 'error',
    });
    await vi.waitFor(() => expect(lines).toHaveLength(1));
    expect(String(lines[0]?.message)).toMatch(/^the shop says: Patrol/);
    expect(transport.stats().recorded).toBe(0);
  });

  it('contains an error that a logged object would pass off as ours', async () => {
    const { msg, patrol } = analysisRecord();
    createLogger().error('payment failed', { message: msg, patrol });
    expect((await arrived()).map(({ message }) => message)).toEqual([`payment failed ${msg}`]);
  });

  it('contains an error that somebody logged with a mark of ours', async () => {
    const logger = createLogger();
    const { patrol } = analysisRecord();
    logger.error('boom', { patrol: { event: 'analysis' } });
    logger.error('bang', { patrol });
    expect((await arrived()).map(({ message }) => message)).toEqual(['boom', 'bang']);
  });

  it.each<[string, () => unknown]>([
    [
      'a circular object',
      () =>
        Object.assign({ a: 1 } as Record<string, unknown>, {
          get self() {
            return this;
          },
        }),
    ],
    ['a BigInt', () => ({ amount: 10n ** 30n })],
    [
      'a throwing getter',
      () =>
        Object.defineProperty({}, 'x', {
          enumerable: true,
          get() {
            throw new Error('no');
          },
        }),
    ],
    [
      'a revoked proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return { proxy };
      },
    ],
    ['a very long text', () => ({ text: 'x'.repeat(1_000_000) })],
    ['a lone surrogate', () => ({ text: '\ud800' })],
    ['a symbol', () => ({ symbol: Symbol('s') })],
  ])('survives %s', async (_name, make) => {
    const quiet = format((info) => info)();
    const logger = createLogger({
      format: quiet,
      transports: [new winston.transports.Stream({ stream: new PassThrough({ objectMode: true }).resume() })],
    });
    expect(() =>
      transport.log({ level: 'error', message: 'boom', value: make() } as never, () => {}),
    ).not.toThrow();
    logger.error('still working');
    const events = await arrived();
    expect(events.map((errorLog) => errorLog.message)).toContain('still working');
  });
});

describe('the logger is never harmed', () => {
  it('calls back before log returns, so that winston queues nothing', () => {
    createLogger();
    let called = false;
    transport.log({ level: 'error' }, () => {
      called = true;
    });
    expect(called).toBe(true);
  });

  it('calls back whoever writes to the transport itself', async () => {
    createLogger();
    const info = { level: 'error', [Symbol.for('level')]: 'error', message: 'written past the logger' };
    await new Promise<void>((resolve) => transport.write(info, () => resolve()));
    expect(await arrived()).toHaveLength(1);
  });

  it.each([{}, { fingerprint: ['all of them'] }])(
    'counts a record that the format of the transport cannot take, and the logger goes on: %j',
    (patrol) => {
      const failing = format(() => {
        throw new Error('no such field');
      });
      const logger = createLogger({}, { format: failing(), ...patrol });
      expect(() => logger.error('boom')).not.toThrow();
      expect(lines).toHaveLength(1);
      expect(transport.stats()).toMatchObject({ recorded: 1, dropped: { invalid_record: 1 } });
    },
  );

  it.each(['code', 'cause', 'constructor'])(
    'captures an error whose %s throws when it is read',
    async (field) => {
      createLogger();
      const error = new CardError('declined');
      Object.defineProperty(error, field, {
        get() {
          throw new Error('not to be read');
        },
      });
      const level = { level: 'error', [Symbol.for('level')]: 'error' };
      transport.log({ ...level, message: 'declined', [Symbol.for('splat')]: [error] } as never, () => {});
      expect(await arrived()).toHaveLength(1);
    },
  );

  it('counts what is written to a transport that has ended, and raises no error', async () => {
    createLogger();
    const raised = vi.fn();
    transport.on('error', raised);
    await new Promise<void>((resolve) => transport.end(resolve));
    transport.write({ level: 'error', [Symbol.for('level')]: 'error', message: 'too late' });
    await new Promise(setImmediate);
    expect(raised).not.toHaveBeenCalled();
    expect(transport.stats().dropped.closed).toBe(1);
  });

  it('warns once about wrong settings, and takes the defaults', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    createLogger({}, { batchSize: -1, batchInterval: 'soon' as never }).error('boom');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain('option batchSize');
    expect(warn.mock.calls[0]?.[0]).toContain('option batchInterval');
    warn.mockRestore();
  });

  it('stays off, rather than elsewhere, with a wrong address of the sink', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const logger = createLogger({}, { sinkUrl: 'not a url' });
    logger.error('boom');
    expect(transport.stats()).toMatchObject({ recorded: 1, dropped: { invalid_configuration: 1 } });
    await vi.waitFor(
      () =>
        expect(lines).toContainEqual(
          expect.objectContaining({ patrol: { event: 'dropped', dropped: { invalid_configuration: 1 } } }),
        ),
      { timeout: 10_000 },
    );
    warn.mockRestore();
  });

  it('makes end() wait for the delivery', async () => {
    const logger = createLogger({}, { batchInterval: 60_000 });
    logger.error('boom');
    const finished = new Promise((resolve) => logger.once('finish', resolve));
    logger.end();
    await finished;
    expect(sink.occurrences()).toBe(1);
  });

  it('lets end() finish although the sink hangs', async () => {
    sink.answer = 'hang';
    const logger = createLogger({}, { flushTimeout: 100 });
    logger.error('boom');
    const finished = new Promise((resolve) => logger.once('finish', resolve));
    logger.end();
    await finished;
    expect(lines.at(-1)).toMatchObject({ patrol: { event: 'dropped', dropped: { closed: 1 } } });
  });
});

describe('analyses in the log, by the reply queue', () => {
  let sqs: TestSqs;
  let restore: () => void;
  let replyQueueUrl: string;
  beforeEach(async () => {
    sqs = await startSqs();
    restore = useAwsEnvironment(sqs.env);
    replyQueueUrl = await sqs.createQueue();
  });
  afterEach(async () => {
    for (const logger of created.splice(0)) logger.close();
    restore();
    await sqs.stop();
  });

  const reply = (fields: Record<string, unknown> = {}): AnalysisRecord =>
    ({
      msg: 'Patrol (90 %): the card is expired. Fix: ask for another.',
      correlation: { reqId: 'r1' },
      patrol: { ...analysisRecord({ service: 'shop', rootCause: 'expired' }).patrol, ...fields },
    }) as AnalysisRecord;
  const analyses = () => lines.filter((line) => line.patrol !== undefined);

  it('writes each analysis through the same logger, at info', async () => {
    const logger = createLogger({ defaultMeta: { app: 'shop-api' } }, { replyQueueUrl });
    logger.error('boom');
    await sqs.send(replyQueueUrl, reply());
    await vi.waitFor(() => expect(analyses()).toHaveLength(1), { timeout: 10_000 });
    expect(analyses()[0]).toMatchObject({
      level: 'info',
      message: expect.stringContaining('the card is expired'),
      reqId: 'r1',
      patrol: { event: 'analysis', rootCause: 'expired' },
    });
    await vi.waitFor(
      async () => expect(await sqs.count(replyQueueUrl)).toEqual({ ready: 0, inFlight: 0, delayed: 0 }),
      { timeout: 10_000 },
    );
  });

  it('asks the queue nothing before the first error', async () => {
    const logger = createLogger({}, { replyQueueUrl });
    logger.info('fine');
    await sqs.send(replyQueueUrl, reply());
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(analyses()).toHaveLength(0);
    expect(await sqs.count(replyQueueUrl)).toMatchObject({ ready: 1 });
  });

  it.each([
    ['uses the level of the error where info is not printed', { level: 'error' }, {}, 'error'],
    ['uses the analysis level that is asked for', {}, { analysisLevel: 'warn' }, 'warn'],
    [
      'uses the level of the error where the logger knows no info',
      { levels: { error: 0, note: 1 }, level: 'note' },
      {},
      'error',
    ],
  ])('%s', async (_name, loggerOptions, patrolOptions, level) => {
    const logger = createLogger(loggerOptions, { replyQueueUrl, ...patrolOptions });
    logger.error('boom');
    await sqs.send(replyQueueUrl, reply());
    await vi.waitFor(() => expect(analyses()).toHaveLength(1), { timeout: 10_000 });
    expect(analyses()[0]).toMatchObject({ level });
    expect(transport.stats().recorded).toBe(1);
  });

  it("releases a foreign service's reply for its owner and never prints it", async () => {
    const logger = createLogger({}, { replyQueueUrl });
    logger.error('boom');
    await sqs.send(replyQueueUrl, reply({ service: 'billing', rootCause: 'not yours' }));
    await sqs.send(replyQueueUrl, reply());
    await vi.waitFor(() => expect(analyses()).toHaveLength(1), { timeout: 10_000 });
    expect(JSON.stringify(lines)).not.toContain('not yours');
    logger.close();
    await vi.waitFor(
      async () => expect(await sqs.count(replyQueueUrl)).toMatchObject({ ready: 1, inFlight: 0 }),
      { timeout: 10_000 },
    );
  });

  it('appears once in the log of a fleet, whichever of its instances the queue gives it to', async () => {
    const fleet = [1, 2, 3].map((instance) => createLogger({ defaultMeta: { instance } }, { replyQueueUrl }));
    for (const logger of fleet) logger.error('boom');
    const texts = Array.from({ length: 12 }, (_, index) => `cause ${index}`);
    for (const rootCause of texts) await sqs.send(replyQueueUrl, reply({ rootCause }));
    await vi.waitFor(() => expect(analyses()).toHaveLength(12), { timeout: 10_000 });
    const written = analyses().map((line) => (line.patrol as { rootCause: string }).rootCause);
    expect(written.sort()).toEqual(texts.sort());
    await vi.waitFor(
      async () => expect(await sqs.count(replyQueueUrl)).toEqual({ ready: 0, inFlight: 0, delayed: 0 }),
      { timeout: 10_000 },
    );
  });

  it('is left to the other instances when it comes while one closes', async () => {
    const closing = createLogger({}, { replyQueueUrl });
    closing.error('boom');
    await vi.waitFor(async () => expect(transport.stats().pending).toBe(0), { timeout: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    closing.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await sqs.send(replyQueueUrl, reply({ rootCause: 'late' }));

    const other = createLogger({}, { replyQueueUrl });
    other.error('boom');
    await vi.waitFor(() => expect(JSON.stringify(analyses())).toContain('late'), { timeout: 10_000 });
    expect(analyses()).toHaveLength(1);
  });

  it('prints an analysis once although it comes twice', async () => {
    const logger = createLogger({}, { replyQueueUrl });
    logger.error('boom');
    const record = reply();
    await sqs.send(replyQueueUrl, record);
    await sqs.send(replyQueueUrl, record);
    await sqs.send(replyQueueUrl, reply({ rootCause: 'last' }));
    await vi.waitFor(() => expect(JSON.stringify(analyses())).toContain('last'), { timeout: 10_000 });
    expect(analyses()).toHaveLength(2);
  });
});
