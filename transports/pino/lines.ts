import { hostname } from 'node:os';
import type { AnalysisRecord, DropRecord } from '../../src/analysis-record.ts';
import { isRecord } from '../../src/bounds.ts';
import type { CaptureOptions } from '../../src/capture.ts';

/** pino's own levels. */
const DEFAULT_LEVELS: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
};

/** What pino tells its destinations about itself, and what an application adds to it. */
export interface PinoConfig {
  readonly messageKey?: string | undefined;
  readonly errorKey?: string | undefined;
  readonly nestedKey?: string | undefined;
  readonly levels?: { readonly values: Readonly<Record<string, number>> } | undefined;
}

/** Reads the configuration from the message that pino sends to its destination; undefined for any other message. */
export function readPinoConfig(message: unknown): PinoConfig | undefined {
  if (!isRecord(message) || message.code !== 'PINO_CONFIG' || !isRecord(message.config)) return undefined;
  return message.config as PinoConfig;
}

/** The keys that are known, as capture takes them. */
export function captureKeys({ messageKey, errorKey, nestedKey }: PinoConfig): CaptureOptions {
  return {
    ...(messageKey !== undefined && { messageKey }),
    ...(errorKey !== undefined && { errorKey }),
    ...(nestedKey !== undefined && { nestedKey }),
  };
}

/** The number of a level's name; undefined when the logger has no such level. */
function levelValue(name: string, config: PinoConfig): number | undefined {
  return (config.levels?.values ?? DEFAULT_LEVELS)[name];
}

/** The least number that is captured: that of the name, else pino's own, else that of `error`. */
export function leastLevel(name: string, config: PinoConfig): number {
  return levelValue(name, config) ?? DEFAULT_LEVELS[name] ?? 50;
}

/**
 * Whether a line may be one of at least that level. Looks at the first field only, where pino writes the level;
 * a line that begins otherwise may be one, and has to be parsed to know.
 */
export function mayReach(line: string, least: number, config: PinoConfig): boolean {
  if (!line.startsWith('{"level":')) return line.startsWith('{');
  const first = line.charCodeAt(9);
  if (first === QUOTE) {
    const end = line.indexOf('"', 10);
    return (levelValue(line.slice(10, end), config) ?? Number.POSITIVE_INFINITY) >= least;
  }
  return Number.parseInt(line.slice(9, 24), 10) >= least;
}

const QUOTE = 0x22;

/** The level of a parsed record, whether a number or a name. */
export function levelOf(record: Readonly<Record<string, unknown>>, config: PinoConfig): number | undefined {
  const level = record.level ?? record.severity;
  if (typeof level === 'number') return level;
  return typeof level === 'string' ? levelValue(level.toLowerCase(), config) : undefined;
}

/** How the application's lines look, so that Patrol's look the same. */
export interface LineStyle {
  readonly base: Readonly<Record<string, unknown>>;
  readonly levelName: boolean;
  readonly isoTime: boolean;
  readonly withoutTime: boolean;
}

/** What pino writes when nobody configures it. */
export const DEFAULT_STYLE: LineStyle = {
  base: { pid: process.pid, hostname: hostname() },
  levelName: false,
  isoTime: false,
  withoutTime: false,
};

export function styleOf(record: Readonly<Record<string, unknown>>): LineStyle {
  const { pid, hostname: host, name, level, time } = record;
  return {
    base: {
      ...(pid !== undefined && { pid }),
      ...(host !== undefined && { hostname: host }),
      ...(name !== undefined && { name }),
    },
    levelName: typeof level === 'string',
    isoTime: typeof time === 'string',
    withoutTime: time === undefined,
  };
}

/** One line in pino's format, with its line break. */
export function formatLine(
  record: AnalysisRecord | DropRecord,
  levelName: string,
  config: PinoConfig,
  style: LineStyle,
): string {
  const now = new Date();
  return `${JSON.stringify({
    level: style.levelName ? levelName : (levelValue(levelName, config) ?? DEFAULT_LEVELS.info),
    ...(!style.withoutTime && { time: style.isoTime ? now.toISOString() : now.getTime() }),
    ...style.base,
    ...('correlation' in record && record.correlation),
    patrol: record.patrol,
    [config.messageKey ?? 'msg']: record.msg,
  })}\n`;
}
