import { type AnalysisRecord, type DropRecord, isPatrolRecord } from '../../src/analysis-record.ts';
import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import type { Milliseconds } from '../../src/types.ts';
import { createClient } from '../client.ts';
import type { ForwarderStats } from '../forwarder.ts';
import { createDestination } from './destination.ts';
import {
  DEFAULT_STYLE,
  formatLine,
  type LineStyle,
  leastLevel,
  levelOf,
  mayReach,
  type PinoConfig,
  readPinoConfig,
  styleOf,
} from './lines.ts';
import { isPrinted, liveErrorIn, type PinoLogger, rootOf, streamOf } from './logger.ts';
import { recordKey } from './record-key.ts';
import type { PatrolPinoOptions } from './worker.ts';

/** A destination for `pino.multistream`, or for `pino` itself. */
export interface PatrolStream {
  /** By this `pino(stream)` tells a destination from options. */
  readonly writable: true;
  /** Synchronous; never throws. */
  write(line: string): void;
  /** Delivers what was logged so far. True when all of it arrived within the time, by default `flushTimeout`. */
  flush(timeoutMs?: Milliseconds | ((error?: Error) => void)): Promise<boolean>;
  /** Delivers in the background and stops. */
  end(): void;
  /** Delivers, and stops for good. */
  close(timeoutMs?: Milliseconds): Promise<boolean>;
  /** In records: `recorded = delivered + pending + the sum of dropped`. */
  stats(): ForwarderStats;
  /** pino tells its levels and keys by this. */
  emit(event: string, ...values: unknown[]): boolean;
}

/** What pino leaves at a stream before each write. */
interface Metadata {
  lastLevel?: number;
  lastObj?: unknown;
  lastLogger?: PinoLogger;
}

const METADATA = Symbol.for('pino.metadata');

/**
 * The main-thread form: an error is captured before `logger.error()` returns. Analyses go through the logger that
 * wrote the error. As the only stream of a logger it also writes the application's lines, to `destination`.
 *
 * @example
 * ```ts
 * pino({}, pino.multistream([{ stream: process.stdout }, { level: 'error', stream: createPatrolStream() }]));
 * ```
 */
export function createPatrolStream(options: PatrolPinoOptions = {}): PatrolStream {
  const { messageKey, errorKey, nestedKey } = options;
  const client = createClient({ options, write: (record) => writeRecord(record) });
  const destination = createDestination(options.destination);
  let config: PinoConfig = { messageKey, errorKey, nestedKey };
  let least = leastLevel(client.config.level, config);
  /** Finding the root of a child costs more than all else that a repeat does. */
  const roots = new WeakMap<PinoLogger, PinoLogger>();
  let followed: PinoLogger | undefined;
  let root: PinoLogger | undefined;
  let style: LineStyle = DEFAULT_STYLE;
  let capturedLevel = client.config.level;
  /** Whether nobody else writes the lines of the logger; that of a writer that is no logger, too. */
  let alone = true;

  const writeOut = (lines: string) => {
    try {
      destination.write(lines);
    } catch {
      // A destination that cannot be opened must not throw into a log call.
    }
  };

  const follow = (logger: PinoLogger | undefined) => {
    if (logger === followed) return;
    followed = logger;
    let found = logger && roots.get(logger);
    if (logger && found === undefined) {
      found = rootOf(logger);
      roots.set(logger, found);
    }
    root = found;
    alone = found === undefined || streamOf(found) === stream;
  };

  const capture = (line: string) => {
    const { lastLevel, lastObj } = stream;
    if (lastLevel === undefined ? !mayReach(line, least, config) : lastLevel < least) return;
    if (isPatrolRecord(lastObj)) return;
    const timestamp = Date.now();
    const key = lastLevel === undefined ? undefined : recordKey(lastObj, config.errorKey ?? 'err');
    if (key !== undefined && client.repeat(key, timestamp)) return;
    const record: unknown = JSON.parse(line);
    if (!isRecord(record) || isPatrolRecord(record)) return;
    const level = lastLevel ?? levelOf(record, config);
    if (level === undefined || level < least) return;
    style = styleOf(record);
    capturedLevel = nameOf(level) ?? capturedLevel;
    const keys = {
      ...(config.messageKey !== undefined && { messageKey: config.messageKey }),
      ...(config.errorKey !== undefined && { errorKey: config.errorKey }),
      ...(nestedKey !== undefined && { nestedKey }),
    };
    let errorLog = captureErrorLog(record, keys);
    if (errorLog.stackTrace === undefined) {
      // The line is what the application wants to be seen of it, so the live Error only fills in what pino lost.
      const error = liveErrorIn(lastObj);
      if (error !== undefined) errorLog = captureErrorLog(record, { ...keys, error });
    }
    client.record(errorLog, { key, timestamp });
  };

  const nameOf = (level: number) =>
    root && Object.entries(root.levels.values).find(([, value]) => value === level)?.[0];

  const writeRecord = (record: AnalysisRecord | DropRecord) => {
    const wanted = record.patrol.event === 'dropped' ? 'warn' : client.config.analysisLevel;
    if (root === undefined) return writeOut(formatLine(record, wanted, config, style));
    const level = isPrinted(root, wanted, alone ? undefined : stream) ? wanted : capturedLevel;
    const log = root[level];
    if (typeof log !== 'function') return writeOut(formatLine(record, wanted, config, style));
    const correlation = 'correlation' in record ? record.correlation : undefined;
    Reflect.apply(log, root, [{ ...correlation, patrol: record.patrol }, record.msg]);
  };

  const stream: PatrolStream & Metadata & { readonly [METADATA]: true } = {
    [METADATA]: true,
    writable: true,
    write(line) {
      try {
        follow(stream.lastLogger);
        if (alone) writeOut(line);
        capture(line);
      } catch {
        // A record that cannot be read is no reason to harm the application.
      }
    },
    async flush(argument) {
      const done = await client.flush(typeof argument === 'number' ? argument : undefined);
      if (typeof argument === 'function') argument();
      return done;
    },
    end() {
      void stream.close();
    },
    async close(timeoutMs) {
      const done = await client.close(timeoutMs);
      destination.close();
      return done;
    },
    stats: () => client.stats(),
    emit(event, message) {
      const told = event === 'message' ? readPinoConfig(message) : undefined;
      if (told === undefined) return false;
      config = {
        levels: told.levels,
        messageKey: messageKey ?? told.messageKey,
        errorKey: errorKey ?? told.errorKey,
        nestedKey,
      };
      least = leastLevel(client.config.level, config);
      return true;
    },
  };
  return stream;
}
