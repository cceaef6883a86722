import type { Timestamp } from '../../src/types.ts';
import type { JsonRecord } from '../log-lines/record-reader.ts';

/** Where loggers put the time, most usual first. */
const KEYS = ['time', 'timestamp', 'ts', '@timestamp', 'date'];
/** ISO 8601 near the beginning of a line, also with a blank in its middle and a comma before its fraction. */
const ISO = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?/;
/** Below it a number of seconds, above it one of milliseconds: 1973 in milliseconds, 5138 in seconds. */
const SECONDS_BELOW = 1e11;

/** When a record was logged; undefined where it does not say so. */
export function recordTime(json: JsonRecord | undefined, head: string): Timestamp | undefined {
  if (!json) {
    const found = ISO.exec(head)?.[0];
    return found === undefined ? undefined : parse(found.replace(' ', 'T').replace(',', '.'));
  }
  const key = KEYS.find((one) => typeof json[one] === 'number' || typeof json[one] === 'string');
  return key === undefined ? undefined : parse(json[key]);
}

function parse(value: unknown): Timestamp | undefined {
  const time =
    typeof value === 'number' ? (value < SECONDS_BELOW ? value * 1000 : value) : Date.parse(String(value));
  return Number.isFinite(time) && time > 0 && time < 8.64e15 ? Math.round(time) : undefined;
}
