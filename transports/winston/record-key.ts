import { types } from 'node:util';
import { type KeyFields, type RepeatKey, repeatKey } from '../repeat-key.ts';

const SPLAT: unique symbol = Symbol.for('splat');

/** The key of a record that is nothing but one plain error; see {@link repeatKey}. */
export function recordKey(info: object): RepeatKey | undefined {
  const splat = (info as { readonly [SPLAT]?: unknown })[SPLAT];
  if (Array.isArray(splat)) {
    // `error('msg', err)`: the Error itself knows its own message, the record only both joined.
    const [error] = splat;
    return splat.length === 1 && types.isNativeError(error) && isPlain(error)
      ? repeatKey(error as KeyFields)
      : undefined;
  }
  return isPlain(info) ? repeatKey(info as KeyFields) : undefined;
}

/** Whether it holds no other error, which would be the one that is captured. One by one: in a loop it takes tenfold. */
function isPlain(record: object): boolean {
  return !(
    'err' in record ||
    'error' in record ||
    'exception' in record ||
    'ex' in record ||
    'e' in record ||
    'reason' in record ||
    'cause' in record ||
    'errors' in record ||
    'errorLog' in record ||
    'msg' in record
  );
}
