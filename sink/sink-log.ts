import { messageOf, PatrolError } from '../src/errors.ts';
import { toJsonLine } from './json-line.ts';

/** The sink's own log: one JSON object a line. Not a logger of the application's: what is written here is never analysed. */
export interface SinkLog {
  /** @param json - Further fields, as JSON that is written already. */
  info(
    message: string,
    fields?: Readonly<Record<string, unknown>>,
    json?: Readonly<Record<string, string>>,
  ): void;
  /** The line holds the text `ERROR`, on which the prototype's CloudWatch filter counts. */
  error(message: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void;
}

/** Marks the sink's lines, so that a subscription to its own log group is no loop. */
const LOGGER = 'patrol-sink';

/** True for a line that a sink wrote. */
export function isSinkLine(record: Readonly<Record<string, unknown>>): boolean {
  return record.logger === LOGGER;
}

/** Writes to stdout by default, which Lambda and containers keep as the log. */
export function createSinkLog(
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): SinkLog {
  const toLine = (level: 'INFO' | 'ERROR', message: string, fields: Readonly<Record<string, unknown>>) =>
    toJsonLine({ level, time: new Date().toISOString(), logger: LOGGER, msg: message, ...fields });
  const line = (...parts: Parameters<typeof toLine>) => write(toLine(...parts));
  return {
    info(message, fields = {}, json = {}) {
      const tail = Object.entries(json).map(([name, text]) => `,${JSON.stringify(name)}:${text}`);
      const head = toLine('INFO', message, fields);
      write(tail.length === 0 ? head : `${head.slice(0, -1)}${tail.join('')}}`);
    },
    error(message, error, fields = {}) {
      line('ERROR', message, {
        ...fields,
        ...(error instanceof PatrolError && { code: error.code }),
        error: messageOf(error),
      });
    },
  };
}
