import { types } from 'node:util';
import { type KeyFields, type RepeatKey, repeatKey } from '../repeat-key.ts';

/** Where an error may hold others. */
interface Others {
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly aggregateErrors?: unknown;
}

/** The key of what pino was given when that is nothing but one plain error under its key; see {@link repeatKey}. */
export function recordKey(logged: unknown, errorKey: string): RepeatKey | undefined {
  if (typeof logged !== 'object' || logged === null) return undefined;
  try {
    const error = (logged as Readonly<Record<string, unknown>>)[errorKey];
    // Not every copy of `Error` is this one, but to ask Node costs more.
    if (!(error instanceof Error || types.isNativeError(error))) return undefined;
    const { cause, errors, aggregateErrors } = error as Others;
    if (cause !== undefined || errors !== undefined || aggregateErrors !== undefined) return undefined;
    return repeatKey(error as KeyFields);
  } catch {
    // What throws when it is read is captured with more care.
    return undefined;
  }
}
