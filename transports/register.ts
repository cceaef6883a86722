import { isMainThread } from 'node:worker_threads';
import type { AnalysisRecord, DropRecord } from '../src/analysis-record.ts';
import { isRecord } from '../src/bounds.ts';
import { captureErrorLog } from '../src/capture.ts';
import { createClient, type PatrolClient } from './client.ts';
import { createPinoCapture, rehearseLine } from './pino/capture.ts';
import { hasPatrolStream, watchPino } from './register/pino.ts';
import { captureUnlessOwn, watchWinston } from './register/winston.ts';
import { rehearseInfo } from './winston/capture.ts';
import { type WinstonLogger, writeRecord } from './winston/log-writer.ts';

/**
 * `node --import patrol/register app.js`: captures the errors of all winston and pino loggers of the process,
 * uncaught exceptions and unhandled rejections, with no change to the application, configured by the environment
 * alone. Analyses are written through the logger that wrote an error last. Loggers that have Patrol's winston
 * transport or pino stream are left to it; of a worker with the target `patrol/pino` this takes the place, unless its
 * options name a sink of its own.
 */
function register(): void {
  let writer: { readonly logger: WinstonLogger; readonly level: string } | 'pino' | undefined;
  /** Errors that ended the process: a handler that logs them, too, logs nothing new. */
  const uncaught = new WeakSet<object>();
  const isKnown = (error: unknown) => typeof error === 'object' && error !== null && uncaught.has(error);

  const client: PatrolClient = createClient({
    options: {},
    rehearse(taker, error, apart) {
      rehearseInfo(taker, error, apart);
      rehearseLine(taker, error, apart);
    },
    write(record: AnalysisRecord | DropRecord) {
      if (writer === 'pino' && pino.write(record)) return;
      const { analysisLevel } = client.config;
      const target = typeof writer === 'object' ? writer : undefined;
      writeRecord(record, {
        logger: target?.logger,
        analysisLevel,
        capturedLevel: target?.level ?? analysisLevel,
      });
    },
  });
  const pino = createPinoCapture(() => client);

  watchWinston(client.config.level, (logger, level, info) => {
    if (isRecord(info) && isKnown(info.error)) return;
    writer = { logger, level };
    captureUnlessOwn(client, logger, info);
  });
  watchPino((record) => {
    const { logged, logger, level } = record;
    if (!pino.reaches(logger, level) || hasPatrolStream(logger)) return;
    if (isRecord(logged) && Object.values(logged).some(isKnown)) return;
    writer = 'pino';
    pino.take(record);
  });
  // Only watches: neither the exit code nor what Node prints changes. Rejections that nobody handles come by here, too.
  process.on('uncaughtExceptionMonitor', (error) => {
    if (typeof error === 'object' && error !== null) uncaught.add(error);
    client.record(captureErrorLog(error));
  });
}

// Worker threads inherit `--import`; pino's are among them, and what they write has been seen already.
if (isMainThread) register();
