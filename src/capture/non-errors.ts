import { toPlain } from '../bounds.ts';
import { isList, isObject, ownKeys, readText } from './reading.ts';

/** Names what was thrown or logged in an error's place. */
export function describeNonError(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'function':
      return `[function ${readText(value, 'name')?.slice(0, 128) ?? 'anonymous'}]`;
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : isList(value) ? describeList(value) : describeObject(value);
    default:
      return String(value);
  }
}

function describeList(value: readonly unknown[]): string {
  return JSON.stringify(toPlain(value, { depth: 2, entries: 8, stringLength: 256, values: 32 }));
}

/** By its keys, since its values differ from one occurrence to the next. */
function describeObject(value: object): string {
  if (!isObject(value)) return '[unreadable]';
  const keys = ownKeys(value, 12);
  return keys.length === 0
    ? 'an object without a message'
    : `an object without a message: ${keys.join(', ')}`;
}
