import { runInNewContext } from 'node:vm';
import pino, { type LoggerOptions, type Logger as PinoLogger } from 'pino';
import { describe, expect, it } from 'vitest';
import { createLogger, format, type Logform, type Logger, type transport } from 'winston';
import Transport from 'winston-transport';
import { type CaptureOptions, captureErrorLog } from '../../src/capture.ts';
import { hashErrorLog } from '../../src/hashing.ts';
import type { ErrorLog } from '../../src/types.ts';

/** What a winston transport is handed. */
class Collector extends Transport {
  readonly infos: unknown[] = [];
  override log(info: unknown, callback: () => void): void {
    this.infos.push(info);
    callback();
  }
}

function throughWinston(log: (logger: Logger) => void, logFormat?: Logform.Format): unknown {
  const collector = new Collector();
  const logger = createLogger({
    transports: [collector as transport],
    defaultMeta: { service: 'shop' },
    ...(logFormat && { format: logFormat }),
  });
  log(logger);
  return collector.infos[0];
}

function throughPino(log: (logger: PinoLogger) => void, options: LoggerOptions = {}): string {
  const lines: string[] = [];
  const base = { pid: 1, hostname: 'h', service: 'shop' };
  log(pino({ base, ...options }, { write: (line: string) => lines.push(line) }));
  return lines[0] ?? '';
}

class PaymentError extends Error {
  readonly code: string;
  override readonly name = 'PaymentError';
  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const plain = (): Error => new TypeError("Cannot read properties of undefined (reading 'total')");
const coded = (): Error => new PaymentError('card declined', 'E_DECLINED');
const wrapped = (): Error =>
  new PaymentError('order failed', 'E_ORDER', {
    cause: new RangeError('total is negative', { cause: new Error('bad discount') }),
  });
const aggregate = (): Error =>
  new AggregateError(
    [new TypeError('first replica is gone'), new RangeError('second replica is behind')],
    'no replica',
  );
const foreign = (): Error => runInNewContext('new RangeError("made elsewhere")') as Error;

const withStack = format.combine(format.errors({ stack: true, cause: true }), format.json());
const withSplat = format.combine(format.errors({ stack: true, cause: true }), format.splat(), format.json());
const coloured = format.combine(format.errors({ stack: true, cause: true }), format.colorize({ all: true }));

const winstonForms: Record<string, (logger: Logger, error: Error) => void> = {
  'error(err)': (logger, error) => logger.error(error),
  "error('msg', err)": (logger, error) => logger.error('payment failed', error),
  "error('msg', {error: err})": (logger, error) => logger.error('payment failed', { error }),
  "error('msg', {err})": (logger, error) => logger.error('payment failed', { err: error }),
  'log({level, message: err})': (logger, error) => logger.log({ level: 'error', message: error as never }),
  "error({err}, 'msg')": (logger, error) => logger.error({ err: error } as never, 'payment failed'),
  'child.error(err)': (logger, error) => logger.child({ reqId: 'r1' }).error(error),
  "child.error('msg', err)": (logger, error) => logger.child({ reqId: 'r1' }).error('payment failed', error),
};

const pinoForms: Record<string, (logger: PinoLogger, error: Error) => void> = {
  'error(err)': (logger, error) => logger.error(error),
  "error({err}, 'msg')": (logger, error) => logger.error({ err: error }, 'payment failed'),
  "error(err, 'msg')": (logger, error) => logger.error(error, 'payment failed'),
  "child.error(err, 'msg')": (logger, error) => logger.child({ reqId: 'r1' }).error(error, 'payment failed'),
};

const pinoSettings: Record<string, { options: LoggerOptions; capture?: CaptureOptions }> = {
  default: { options: {} },
  'own keys': {
    options: { messageKey: 'text', errorKey: 'problem', serializers: { err: pino.stdSerializers.err } },
    capture: { messageKey: 'text', errorKey: 'problem' },
  },
  'nested under a key': { options: { nestedKey: 'payload' }, capture: { nestedKey: 'payload' } },
  'causes nested': { options: { serializers: { err: pino.stdSerializers.errWithCause } } },
  'levels as text': { options: { formatters: { level: (label) => ({ level: label }) } } },
};

/** Identity of an error without the lines at which this test made it. */
const identityOf = ({ message, name, code, stackTrace }: ErrorLog): unknown => ({
  message,
  name,
  code,
  headers: stackTrace?.split('\n').filter((line) => !/^\s*at /.test(line)),
});

const errors = { plain, coded, wrapped, aggregate };

describe('an error logged with winston', () => {
  for (const [made, make] of Object.entries(errors)) {
    for (const [form, log] of Object.entries(winstonForms)) {
      // A child logger copies stack and cause, not the children.
      const lost = made === 'aggregate' && form === 'child.error(err)';
      it.skipIf(lost)(`is the same as captured directly: ${made}, ${form}`, () => {
        const error = make();
        const direct = captureErrorLog(error);

        const captured = captureErrorLog(throughWinston((logger) => log(logger, error)));

        expect(identityOf(captured)).toEqual(identityOf(direct));
        expect(hashErrorLog(captured).errorHash).toBe(hashErrorLog(direct).errorHash);
      });
    }
  }

  for (const [label, logFormat] of Object.entries({ withStack, withSplat, coloured })) {
    for (const [form, log] of Object.entries(winstonForms)) {
      it(`survives its formats: ${label}, ${form}`, () => {
        const error = wrapped();
        const direct = captureErrorLog(error);

        const captured = captureErrorLog(throughWinston((logger) => log(logger, error), logFormat));

        expect(captured).toMatchObject({ message: direct.message, name: direct.name, code: direct.code });
        expect(hashErrorLog(captured).errorHash).toBe(hashErrorLog(direct).errorHash);
      });
    }
  }

  it('keeps the text that was logged beside it, and the fields of the record', () => {
    const info = throughWinston((logger) => logger.child({ reqId: 'r1' }).error('payment failed', coded()));
    expect(captureErrorLog(info).context).toEqual({
      logMessage: 'payment failed',
      reqId: 'r1',
      service: 'shop',
    });
  });

  it('is not told apart by what winston adds to it', () => {
    const error = coded();
    const before = captureErrorLog(error);
    const after = captureErrorLog(throughWinston((logger) => logger.error(error), format.timestamp()));
    expect(after).toEqual({ ...before, context: { service: 'shop' } });
  });

  it('is found among the arguments behind a pattern', () => {
    const info = throughWinston((logger) => logger.error('order %s failed', 'o-1', wrapped()));
    expect(captureErrorLog(info)).toMatchObject({ message: 'order failed', name: 'PaymentError' });
  });

  it('keeps only the code behind a pattern once format.splat() has consumed it', () => {
    const info = throughWinston((logger) => logger.error('order %s failed', 'o-1', coded()), withSplat);
    expect(captureErrorLog(info)).toEqual({
      message: 'order o-1 failed',
      code: 'E_DECLINED',
      context: { name: 'PaymentError', service: 'shop' },
    });
  });

  it('keeps message, stack and code, not the class, when format.errors() flattened one without a name of its own', () => {
    class Unnamed extends Error {}
    const info = throughWinston((logger) => logger.error(new Unnamed('flat')), withStack);
    expect(captureErrorLog(info)).toMatchObject({ message: 'flat', name: 'Error' });
  });

  it('is kept from another realm where it is an argument or a field', () => {
    const { message, name } = captureErrorLog(throughWinston((logger) => logger.error('late', foreign())));
    expect({ message, name }).toEqual({ message: 'made elsewhere', name: 'RangeError' });
  });

  it('is kept when it was never caught', () => {
    const error = wrapped();
    const info = {
      error,
      level: 'error',
      message: `uncaughtException: ${error.message}\n${error.stack}`,
      stack: error.stack,
      exception: true,
      date: 'today',
      process: { pid: 1 },
      os: {},
      trace: [],
    };
    const captured = captureErrorLog(info);
    expect(identityOf(captured)).toEqual(identityOf(captureErrorLog(error)));
    expect(captured.context).toEqual({ exception: true });
  });

  it('is kept when it was never caught and is no error', () => {
    const info = {
      error: null,
      message: 'uncaughtException: (no error message)\n  No stack trace',
      exception: true,
    };
    expect(captureErrorLog(info)).toMatchObject({ message: 'null' });
  });

  it('is read from the lines of its JSON format', () => {
    const error = wrapped();
    const info = throughWinston((logger) => logger.error('payment failed', error), withStack);
    const line = (info as Record<symbol, string>)[Symbol.for('message')];
    const captured = captureErrorLog(line);
    expect(captured).toMatchObject({ message: 'order failed', name: 'PaymentError', code: 'E_ORDER' });
    expect(captured.context).toMatchObject({ logMessage: 'payment failed', service: 'shop' });
  });
});

describe('an error logged with pino', () => {
  for (const [made, make] of Object.entries(errors)) {
    for (const [form, log] of Object.entries(pinoForms)) {
      it(`is the same as captured directly: ${made}, ${form}`, () => {
        const error = make();
        const direct = captureErrorLog(error);
        const line = throughPino((logger) => log(logger, error));
        for (const captured of [captureErrorLog(line), captureErrorLog(JSON.parse(line))]) {
          expect(identityOf(captured)).toEqual(identityOf(direct));
          expect(hashErrorLog(captured).errorHash).toBe(hashErrorLog(direct).errorHash);
        }
      });
    }
  }
  for (const [label, { options, capture }] of Object.entries(pinoSettings)) {
    for (const [form, log] of Object.entries(pinoForms)) {
      it(`survives its settings: ${label}, ${form}`, () => {
        const error = wrapped();
        const captured = captureErrorLog(
          throughPino((logger) => log(logger, error), options),
          capture,
        );
        expect(identityOf(captured)).toEqual(identityOf(captureErrorLog(error)));
      });
    }
  }

  it('keeps the text that was logged beside it, and the fields of the record', () => {
    const line = throughPino((logger) => logger.child({ reqId: 'r1' }).error(coded(), 'payment failed'));
    expect(captureErrorLog(line).context).toEqual({
      logMessage: 'payment failed',
      reqId: 'r1',
      service: 'shop',
    });
  });

  it('has lost everything but its fields as {error}, which is what is said', () => {
    const line = throughPino((logger) => logger.error({ error: coded() }, 'payment failed'));
    expect(captureErrorLog(line)).toEqual({
      message: 'payment failed',
      code: 'E_DECLINED',
      context: { error: { code: 'E_DECLINED', name: 'PaymentError' }, service: 'shop' },
    });
  });

  it('is named by its code as {error} without a text', () => {
    const line = throughPino((logger) => logger.error({ error: coded() }));
    expect(captureErrorLog(line)).toMatchObject({ message: 'E_DECLINED', code: 'E_DECLINED' });
  });

  it('is the one that was rescued from the arguments, when there is one', () => {
    const error = wrapped();
    const line = throughPino((logger) => logger.error('payment failed', error as never));
    const captured = captureErrorLog(line, { error });
    expect(identityOf(captured)).toEqual(identityOf(captureErrorLog(error)));
    expect(captured.context).toEqual({ logMessage: 'payment failed', service: 'shop' });
  });

  it('may be a text under the key of errors', () => {
    const line = throughPino((logger) => logger.error({ err: 'socket hang up' }, 'upstream failed'));
    expect(captureErrorLog(line)).toMatchObject({
      message: 'socket hang up',
      context: { logMessage: 'upstream failed' },
    });
  });

  it('has the class of its constructor where it has no name of its own', () => {
    class QuotaError extends Error {}
    const line = throughPino((logger) => logger.error(new QuotaError('quota used up')));
    expect(captureErrorLog(line).name).toBe('QuotaError');
    expect(captureErrorLog(new QuotaError('quota used up')).name).toBe('QuotaError');
  });
});
