import { types } from 'node:util';
import { type KeyFields, type RepeatKey, repeatKey } from '../repeat-key.ts';

const SPLAT: unique symbol = Symbol.for('splat');
/** Where another error may stand, which would be the one that is captured. */
const ELSEWHERE = [
  'err',
  'error',
  'exception',
  'ex',
  'e',
  'reason',
  'cause',
  'errors',
  'errorLog',
  'msg',
] as const;

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

function isPlain(record: object): boolean {
  for (const key of ELSEWHERE) if (key in record) return false;
  return true;
}
