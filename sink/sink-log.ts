import { messageOf, PatrolError } from '../src/errors.ts';
import { toJsonLine } from './json-line.ts';
import { stdout } from './stdout.ts';

/** The sink's own log: one JSON object a line. Not a logger of the application's: what is written here is never analysed. */
export interface SinkLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The same for fields that are written already, as the inside of a JSON object. */
  infoWritten(message: string, fields: string): void;
  /** The line holds the text `ERROR`, on which the prototype's CloudWatch filter counts. */
  error(message: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void;
  /** A whole line that is no record of the log's own. */
  line(text: string): void;
}

/** Marks the sink's lines, so that a subscription to its own log group is no loop. */
const LOGGER = 'patrol-sink';

/** True for a line that a sink wrote. */
export function isSinkLine(record: Readonly<Record<string, unknown>>): boolean {
  return record.logger === LOGGER;
}

/** Writes to stdout by default, which Lambda and containers keep as the log. */
export function createSinkLog(write: (line: string) => void = stdout.write): SinkLog {
  const now = createClock();
  const head = (level: 'INFO' | 'ERROR', message: string) =>
    `{"level":"${level}","time":"${now()}","logger":"${LOGGER}","msg":${toJsonLine(message)}`;
  const inside = (fields: Readonly<Record<string, unknown>>) => {
    const json = toJsonLine(fields);
    return json === '{}' ? '}' : `,${json.slice(1)}`;
  };
  return {
    line: write,
    info: (message, fields = {}) => write(`${head('INFO', message)}${inside(fields)}`),
    infoWritten: (message, fields) => write(`${head('INFO', message)},${fields}}`),
    error(message, error, fields = {}) {
      const problem = {
        ...fields,
        ...(error instanceof PatrolError && { code: error.code }),
        error: messageOf(error),
      };
      write(`${head('ERROR', message)}${inside(problem)}`);
    },
  };
}

/** The time as ISO 8601, written once a millisecond. */
function createClock(): () => string {
  let at = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== at) {
      at = now;
      text = new Date(now).toISOString();
    }
    return text;
  };
}
