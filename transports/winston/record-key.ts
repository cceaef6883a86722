import { types } from 'node:util';
import { type KeyFields, type RepeatKey, repeatKey } from '../repeat-key.ts';

const SPLAT: unique symbol = Symbol.for('splat');

/** The key of a record that is nothing but one plain error; see {@link repeatKey}. */
export function recordKey(info: object): RepeatKey | undefined {
  try {
    const splat = (info as { readonly [SPLAT]?: unknown })[SPLAT];
    if (Array.isArray(splat)) {
      // `error('msg', err)`: the Error itself knows its own message, the record only both joined.
      const [error] = splat;
      return splat.length === 1 && types.isNativeError(error) && isPlain(error)
        ? repeatKey(error as KeyFields)
        : undefined;
    }
    return isPlain(info) ? repeatKey(info as KeyFields) : undefined;
  } catch {
    // What throws when it is read is captured with more care.
    return undefined;
  }
}

/** Where another error may stand, which would be the one that is captured. */
interface Others {
  readonly err?: unknown;
  readonly error?: unknown;
  readonly exception?: unknown;
  readonly ex?: unknown;
  readonly e?: unknown;
  readonly reason?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly errorLog?: unknown;
  readonly msg?: unknown;
}

/** Whether it holds no other error. One by one: in a loop it takes tenfold, and `in` twice as long as reading. */
function isPlain(record: Others): boolean {
  return (
    record.err === undefined &&
    record.error === undefined &&
    record.exception === undefined &&
    record.ex === undefined &&
    record.e === undefined &&
    record.reason === undefined &&
    record.cause === undefined &&
    record.errors === undefined &&
    record.errorLog === undefined &&
    record.msg === undefined
  );
}
