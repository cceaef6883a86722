import { messageOf, PatrolError } from '../../src/errors.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import type { TriggerRecord } from './trigger.ts';

/** Makes a record of what `read` answers or throws: a problem never leaves the record that it is about. */
export function settle(
  id: string,
  read: () => readonly ErrorLogEvent[],
  receiveCount?: number,
): TriggerRecord {
  const count = receiveCount === undefined ? {} : { receiveCount };
  try {
    return { id, events: read(), problems: [], ...count };
  } catch (error) {
    return { id, events: [], problems: [asProblem(error)], ...count };
  }
}

/** What was thrown while a record was read, as the error that is reported. */
export function asProblem(error: unknown): PatrolError {
  return error instanceof PatrolError
    ? error
    : new PatrolError('EVENT_INVALID', `The record could not be read: ${messageOf(error)}`, { cause: error });
}
