import { isRecord } from '../src/bounds.ts';

/** The fields of what this process wrote. Loggers and their formats copy a record, and hand its fields on. */
const written = new WeakSet<object>();

/** Remembers a record of Patrol's that is about to be logged, by its fields under `patrol`. */
export function markOwn(patrol: object): void {
  written.add(patrol);
}

/** True for a record of Patrol's that comes back through a logger, whatever a format did to its message. */
export function isOwn(logged: unknown): boolean {
  return isRecord(logged) && isRecord(logged.patrol) && written.has(logged.patrol);
}
