import { isLiveError, ownKeys, read } from '../../src/capture/reading.ts';
import type { PinoConfig } from './lines.ts';

/** The part of a pino logger that is used here. */
export interface PinoLogger {
  readonly levels: { readonly values: Readonly<Record<string, number>> };
  isLevelEnabled(level: string): boolean;
  readonly [method: string]: unknown;
}

/** pino does not share these symbols between its copies, so they are found by their names. */
const STREAM = 'pino.stream';
const MESSAGE_KEY = 'pino.messageKey';
const ERROR_KEY = 'pino.errorKey';
const NESTED_KEY = 'pino.nestedKey';

/** The logger that was made by `pino()`: children inherit from it by prototype. */
export function rootOf(logger: PinoLogger): PinoLogger {
  let current: object | null = logger;
  while (current !== null) {
    if (symbolNamed(current, STREAM)) return current as PinoLogger;
    current = Object.getPrototypeOf(current);
  }
  return logger;
}

/** Where a root logger writes. */
export function streamOf(root: PinoLogger): unknown {
  return valueUnder(root, STREAM);
}

/** How a root logger names things. */
export function configOf(root: PinoLogger): PinoConfig {
  const key = (name: string) => {
    const value = valueUnder(root, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    messageKey: key(MESSAGE_KEY),
    errorKey: key(ERROR_KEY),
    nestedKey: key(NESTED_KEY),
    levels: root.levels,
  };
}

/** Whether any stream of the logger but `own` prints that level. */
export function isPrinted(root: PinoLogger, level: string, own: unknown): boolean {
  const value = root.levels.values[level];
  if (value === undefined || !root.isLevelEnabled(level)) return false;
  const streams = read(streamOf(root), 'streams');
  if (!Array.isArray(streams)) return true;
  return streams.some((entry) => read(entry, 'stream') !== own && Number(read(entry, 'level')) <= value);
}

/** The first live Error among a record's own values. */
export function liveErrorIn(record: unknown): object | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  if (isLiveError(record)) return record;
  for (const key of ownKeys(record, 32)) {
    const value = read(record, key);
    if (isLiveError(value)) return value;
  }
  return undefined;
}

function valueUnder(logger: object, name: string): unknown {
  const symbol = symbolNamed(logger, name);
  return symbol && read(logger, symbol);
}

function symbolNamed(holder: object, name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === name);
}
