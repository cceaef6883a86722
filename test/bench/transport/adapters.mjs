// name → ({ port, spool }) => { logger, isPino }. All loggers write their lines nowhere, so that what differs is Patrol.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import winston from 'winston';
import TransportStream from 'winston-transport';

const require = createRequire(join(process.env.BENCH_PEERS ?? import.meta.dirname, 'index.js'));
const handle = process.env.BENCH_HANDLE === '1' ? { handleExceptions: true, handleRejections: true } : {};

/** Lines that have reached the application's own destination, or how to wait for them where a worker writes them. */
export const arrived = { lines: 0, all: undefined };

const winstonWith = (...transports) => {
  const stream = new Writable({
    write(_chunk, _encoding, callback) {
      arrived.lines += 1;
      callback();
    },
  });
  const { format } = winston;
  return winston.createLogger({
    format: format.combine(format.errors({ stack: true }), format.timestamp(), format.json()),
    transports: [new winston.transports.Stream({ stream }), ...transports],
  });
};
const pinoWith = (stream) => {
  const own = { write: () => void arrived.lines++ };
  return pino(
    {},
    pino.multistream([{ level: 'info', stream: own }, ...(stream ? [{ level: 'error', stream }] : [])]),
  );
};
/** Every line goes to the worker, which writes them and hands errors on. */
const pinoToTargets = (target) => {
  const file = { target: 'pino/file', level: 'info', options: { destination: '/dev/null' } };
  const logger = pino(pino.transport({ targets: [file, { ...target, level: 'error' }] }));
  arrived.all = () => new Promise((resolve) => logger.flush(resolve));
  return logger;
};
class Noop extends TransportStream {
  log(_info, callback) {
    callback();
  }
}

export const adapters = {
  winston: () => winstonWith(),
  'winston + no-op': () => winstonWith(new Noop({ level: 'error', ...handle })),
  async 'winston + patrol'({ port, spool }) {
    const { PatrolTransport } = await import('patrol/winston');
    return winstonWith(
      new PatrolTransport({ sinkUrl: `http://127.0.0.1:${port}`, spoolDirectory: spool, ...handle }),
    );
  },
  'winston + http (built in)': ({ port }) =>
    winstonWith(
      new winston.transports.Http({
        level: 'error',
        host: '127.0.0.1',
        port,
        batch: true,
        batchCount: 100,
        batchInterval: 1000,
        ...handle,
      }),
    ),
  'winston + loki': ({ port }) => {
    const Loki = require('winston-loki');
    const options = {
      host: `http://127.0.0.1:${port}`,
      json: true,
      labels: { app: 'b' },
      interval: 1,
      onConnectionError() {},
    };
    return winstonWith(new Loki({ level: 'error', ...options, ...handle }));
  },
  'winston + logtail': ({ port }) => {
    const { Logtail } = require('@logtail/node');
    const { LogtailTransport } = require('@logtail/winston');
    const logtail = new Logtail('token', { endpoint: `http://127.0.0.1:${port}`, ignoreExceptions: true });
    return winstonWith(new LogtailTransport(logtail, { level: 'error', ...handle }));
  },
  pino: () => pinoWith(),
  'pino + no-op': () => pinoWith({ write() {} }),
  async 'pino + patrol'({ port, spool }) {
    const { createPatrolStream } = await import('patrol/pino');
    return pinoWith(createPatrolStream({ sinkUrl: `http://127.0.0.1:${port}`, spoolDirectory: spool }));
  },
  'pino + no-op worker': () =>
    pinoWith(pino.transport({ target: new URL('noop-target.mjs', import.meta.url).pathname })),
  'pino + patrol worker': ({ port, spool }) =>
    pinoWith(
      pino.transport({
        target: 'patrol/pino',
        options: { sinkUrl: `http://127.0.0.1:${port}`, spoolDirectory: spool, destination: '/dev/null' },
      }),
    ),
  'pino + no-op targets': () =>
    pinoToTargets({ target: new URL('noop-target.mjs', import.meta.url).pathname, options: {} }),
  'pino + patrol targets': ({ port, spool }) =>
    pinoToTargets({
      target: 'patrol/pino',
      options: { sinkUrl: `http://127.0.0.1:${port}`, spoolDirectory: spool, destination: '/dev/null' },
    }),
  'pino + loki worker': ({ port }) =>
    pinoWith(
      pino.transport({
        target: require.resolve('pino-loki'),
        options: { host: `http://127.0.0.1:${port}`, batching: { interval: 1 }, silenceErrors: true },
      }),
    ),
  'pino + logtail worker': ({ port }) =>
    pinoWith(
      pino.transport({
        target: require.resolve('@logtail/pino'),
        options: {
          sourceToken: 'token',
          options: { endpoint: `http://127.0.0.1:${port}`, ignoreExceptions: true },
        },
      }),
    ),
};
