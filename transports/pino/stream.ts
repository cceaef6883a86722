import { isPatrolRecord } from '../../src/analysis-record.ts';
import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import type { Milliseconds } from '../../src/types.ts';
import { createClient, type PatrolClient } from '../client.ts';
import type { FingerprintOption } from '../fingerprint-option.ts';
import type { ForwarderStats } from '../forwarder-port.ts';
import { createPinoCapture, rehearseLine } from './capture.ts';
import { createDestination } from './destination.ts';
import {
  captureKeys,
  DEFAULT_STYLE,
  formatLine,
  type LineStyle,
  leastLevel,
  levelOf,
  mayReach,
  type PinoConfig,
  styleOf,
} from './lines.ts';
import type { PinoLogger } from './logger.ts';
import type { PatrolPinoOptions } from './worker.ts';

/** Options of {@link createPatrolStream}. */
export interface PatrolStreamOptions extends Omit<PatrolPinoOptions, 'fingerprint'> {
  /** Which errors are one, where Patrol's own fingerprint does not see it as you do. */
  readonly fingerprint?: FingerprintOption;
}

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
}

/** What pino leaves at a stream before each write. */
interface Metadata {
  lastLevel?: number;
  lastObj?: unknown;
  lastLogger?: PinoLogger;
}

const METADATA = Symbol.for('pino.metadata');
/** By this Patrol knows its own, whichever copy of it made the stream. */
export const PATROL_STREAM: unique symbol = Symbol.for('patrol.stream');

/**
 * The main-thread form: an error is captured before `logger.error()` returns. Analyses go through the logger that
 * wrote the error. As the only stream of a logger it also writes the application's lines, to `destination`.
 *
 * @example
 * ```ts
 * pino({}, pino.multistream([{ stream: process.stdout }, { level: 'error', stream: createPatrolStream() }]));
 * ```
 */
export function createPatrolStream(options: PatrolStreamOptions = {}): PatrolStream {
  const { messageKey, errorKey, nestedKey } = options;
  const config: PinoConfig = { messageKey, errorKey, nestedKey };
  const destination = createDestination(options.destination);
  const capture = createPinoCapture(() => client);
  let style: LineStyle = DEFAULT_STYLE;

  const writeOut = (lines: string) => {
    try {
      destination.write(lines);
    } catch {
      // A destination that cannot be opened must not throw into a log call.
    }
  };

  const client: PatrolClient = createClient({
    options,
    fingerprint: options.fingerprint,
    rehearse: rehearseLine,
    write(record) {
      if (capture.write(record, stream)) return;
      const level = record.patrol.event === 'dropped' ? 'warn' : client.config.analysisLevel;
      writeOut(formatLine(record, level, config, style));
    },
  });
  const least = leastLevel(client.config.level, config);

  /** A line that comes from no logger in this thread, with nothing beside it. */
  const captureLine = (line: string) => {
    if (!mayReach(line, least, config)) return;
    const record: unknown = JSON.parse(line);
    if (!isRecord(record) || isPatrolRecord(record) || (levelOf(record, config) ?? 0) < least) return;
    style = styleOf(record);
    client.record(captureErrorLog(record, captureKeys(config)));
  };

  const stream: PatrolStream & Metadata & { readonly [METADATA]: true; readonly [PATROL_STREAM]: true } = {
    [METADATA]: true,
    [PATROL_STREAM]: true,
    writable: true,
    write(line) {
      try {
        const { lastLogger: logger, lastLevel: level, lastObj: logged } = stream;
        const known = logger !== undefined && level !== undefined;
        // Where nobody else writes the line, this does.
        if (!known || capture.isOnlyStream(logger, stream)) writeOut(line);
        if (known) capture.take({ line, level, logged, logger });
        else captureLine(line);
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
  };
  return stream;
}
