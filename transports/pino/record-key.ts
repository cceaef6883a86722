import { types } from 'node:util';
import { type KeyFields, type RepeatKey, repeatKey } from '../repeat-key.ts';

/** The key of what pino was given when that is nothing but one plain error under its key; see {@link repeatKey}. */
export function recordKey(logged: unknown, errorKey: string): RepeatKey | undefined {
  if (typeof logged !== 'object' || logged === null) return undefined;
  const error: unknown = Reflect.get(logged, errorKey);
  if (!types.isNativeError(error)) return undefined;
  if ('cause' in error || 'errors' in error || 'aggregateErrors' in error) return undefined;
  return repeatKey(error as KeyFields);
}
