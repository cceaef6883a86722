import type { Transform } from 'node:stream';
import { createWorkerStream, type PatrolPinoOptions } from './pino/worker.ts';

export { patrolLogMethod } from './pino/log-method.ts';
export { createPatrolStream, type PatrolStream, type PatrolStreamOptions } from './pino/stream.ts';
export type { PatrolPinoOptions };

/**
 * pino's worker form: `pino({ transport: { target: 'patrol/pino', options } })`.
 *
 * As the only target it also writes the application's lines to `destination`; among `targets` it writes analyses
 * there and nothing else; in a `pipeline` both go on to the next target.
 */
export default function patrolPino(options?: PatrolPinoOptions): Promise<Transform> {
  return createWorkerStream(options);
}
