import { subscribe } from 'node:diagnostics_channel';
import { isRecord } from '../../src/bounds.ts';
import type { PinoRecord } from '../pino/capture.ts';
import { type PinoLogger, rootOf, streamOf } from '../pino/logger.ts';
import { PATROL_STREAM } from '../pino/stream.ts';
import { announceToWorkers } from './seen.ts';

/** Published by every copy of pino that has the channel when a record has become a line; see pino's docs/diagnostics.md. */
const CHANNEL = 'tracing:pino_asJson:end';

/**
 * Watches every pino logger of the process. A logger that already writes to a Patrol stream is left to it.
 *
 * @param onRecord - Called for each line; has to look at the level first.
 */
export function watchPino(onRecord: (record: PinoRecord) => void): void {
  const workers = announceToWorkers();
  subscribe(CHANNEL, (message) => {
    // Before the line reaches a worker. Older copies of pino have no channel, and their lines are left to a worker.
    workers.seen();
    try {
      if (!isRecord(message) || typeof message.result !== 'string') return;
      const [logged, , level] = message.arguments as ArrayLike<unknown> & Iterable<unknown>;
      const logger = message.instance as PinoLogger;
      if (typeof level === 'number') onRecord({ line: message.result, level, logged, logger });
    } catch {
      // Whatever was logged is logged as if nobody watched.
    }
  });
}

/** Whether a logger writes to Patrol's main-thread stream already, alone or among others. */
export function hasPatrolStream(logger: PinoLogger): boolean {
  const stream = streamOf(rootOf(logger));
  if (!isRecord(stream)) return false;
  if (PATROL_STREAM in stream) return true;
  return (
    Array.isArray(stream.streams) &&
    stream.streams.some((entry) => isRecord(entry) && isRecord(entry.stream) && PATROL_STREAM in entry.stream)
  );
}
