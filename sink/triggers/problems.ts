import { describeShape, messageOf, PatrolError } from '../../src/errors.ts';

/** What was thrown while something was read, as the error that is reported: a problem stays with its record. */
export function asProblem(error: unknown): PatrolError {
  return error instanceof PatrolError
    ? error
    : new PatrolError('EVENT_INVALID', `The record could not be read: ${messageOf(error)}`, { cause: error });
}

/**
 * Parses a field that holds JSON as text.
 *
 * @throws {PatrolError} `EVENT_INVALID`, naming the field and the shape of what came.
 */
export function parseJson(text: unknown, field: string): unknown {
  if (typeof text !== 'string') {
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected ${field} to be a string of JSON, got ${describeShape(text)}.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected ${field} to be JSON, got ${describeShape(text)} that is none.`,
    );
  }
}
