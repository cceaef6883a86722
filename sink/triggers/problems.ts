import { describeShape, messageOf, PatrolError } from '../../src/errors.ts';

/** What was thrown while something was read, as the error that is reported: a problem stays with its record. */
export function asProblem(error: unknown): PatrolError {
  return error instanceof PatrolError
    ? error
    : new PatrolError('EVENT_INVALID', `The record could not be read: ${messageOf(error)}`, { cause: error });
}

/** A field that is not what it has to be. */
export function notOf(field: string, expected: string, value: unknown): PatrolError {
  return new PatrolError(
    'EVENT_INVALID',
    `Expected ${field} to be ${expected}, got ${describeShape(value)}.`,
  );
}

/**
 * Parses a field that holds JSON as text.
 *
 * @throws {PatrolError} `EVENT_INVALID`, naming the field and the shape of what came.
 */
export function parseJson(text: unknown, field: string): unknown {
  if (typeof text !== 'string') {
    throw notOf(field, 'a string of JSON', text);
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
