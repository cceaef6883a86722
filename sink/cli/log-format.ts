import type { AnalysisRecord, DropRecord } from '../../src/analysis-record.ts';
import { toJsonLine } from '../json-line.ts';
import { levelKeyOf, levelLike } from '../log-lines/levels.ts';

/** Writes Patrol's records the way the log around them is written. Answers whole lines, the last newline included. */
export type LogFormat = (record: AnalysisRecord | DropRecord) => string;

/** The keys under which loggers put time and message, most usual first. */
const TIME_KEYS = ['time', 'timestamp', 'ts', '@timestamp', 'date'];
const MESSAGE_KEYS = ['msg', 'message', '@message', 'body'];
/** What identifies the writer: an analysis says the same, so that filters on it find it. */
const WRITER_KEYS = ['pid', 'hostname', 'name', 'service', 'v'];

/** The format of a JSON log record: the same keys, the same kind of level and time. */
export function jsonFormatOf(
  sample: Readonly<Record<string, unknown>>,
  analysisLevel: string,
  now: () => number = Date.now,
): LogFormat {
  const levelKey = levelKeyOf(sample) ?? 'level';
  const timeKey = firstKey(sample, TIME_KEYS);
  const level = levelLike(sample[levelKey], analysisLevel);
  const messageKey = firstKey(sample, MESSAGE_KEYS) ?? (typeof level === 'number' ? 'msg' : 'message');
  const writer = Object.fromEntries(
    WRITER_KEYS.filter((key) => isScalar(sample[key])).map((key) => [key, sample[key]]),
  );
  const timeLike = timeKey === undefined ? undefined : sample[timeKey];

  return (record) => {
    const correlation = 'correlation' in record ? record.correlation : {};
    return `${toJsonLine({
      [levelKey]: level,
      ...(timeKey !== undefined && { [timeKey]: writeTime(timeLike, now()) }),
      ...writer,
      ...correlation,
      [messageKey]: record.msg,
      patrol: record.patrol,
    })}\n`;
  };
}

/** Milliseconds, seconds or ISO 8601, as the sample has it. */
function writeTime(sample: unknown, now: number): string | number {
  if (typeof sample !== 'number') return new Date(now).toISOString();
  return sample < 1e11 ? now / 1000 : now;
}

function firstKey(record: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  return keys.find((key) => isScalar(record[key]));
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
