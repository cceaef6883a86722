import { stripVTControlCharacters } from 'node:util';

/**
 * The level names of pino, winston (npm and syslog), Python, Java, .NET, Go and GCP on pino's scale.
 * https://github.com/pinojs/pino/blob/main/docs/api.md#loggerlevels-object
 */
const RANKS: Readonly<Record<string, number>> = {
  silly: 10,
  trace: 10,
  verbose: 15,
  debug: 20,
  http: 25,
  info: 30,
  information: 30,
  notice: 35,
  warn: 40,
  warning: 40,
  error: 50,
  err: 50,
  severe: 50,
  crit: 60,
  critical: 60,
  fatal: 60,
  panic: 60,
  alert: 60,
  emerg: 60,
  emergency: 60,
};

const ERROR_RANK = 50;

/** Where a level stands on pino's scale, colours and case aside; undefined for an unknown name. */
export function rankOf(level: unknown): number | undefined {
  if (typeof level === 'number') return level;
  if (typeof level !== 'string' || level.length > 64) return undefined;
  const name = stripVTControlCharacters(level).trim().toLowerCase();
  return Object.hasOwn(RANKS, name) ? RANKS[name] : undefined;
}

/** The rank from which records are analysed; an unknown name means `error`. */
export function thresholdOf(level: string): number {
  return rankOf(level) ?? ERROR_RANK;
}

/** Writes a level the way another one is written: as a number, in capitals, or in small letters. */
export function levelLike(sample: unknown, level: string): string | number {
  if (typeof sample === 'number') return rankOf(level) ?? 30;
  const plain = typeof sample === 'string' ? stripVTControlCharacters(sample) : '';
  return /^[^a-z]*[A-Z][^a-z]*$/.test(plain) ? level.toUpperCase() : level;
}

/** The keys under which loggers put the level, most usual first. */
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'log.level', 'levelname', 'loglevel'];

/** The key of a JSON log record's level. */
export function levelKeyOf(record: Readonly<Record<string, unknown>>): string | undefined {
  return LEVEL_KEYS.find((key) => typeof record[key] === 'string' || typeof record[key] === 'number');
}

/** The level of a JSON log record, whatever its key. */
export function levelOf(record: Readonly<Record<string, unknown>>): unknown {
  const key = levelKeyOf(record);
  return key === undefined ? undefined : record[key];
}
