import { messageOf, PatrolError } from '../src/errors.ts';
import { toJsonLine } from './json-line.ts';
import { stdout } from './stdout.ts';

/** The sink's own log: one JSON object a line. Not a logger of the application's: what is written here is never analysed. */
export interface SinkLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The same for fields that are written already, as the inside of a JSON object. */
  infoWritten(message: string, fields: string): void;
  /** The line holds the text `ERROR`, on which the prototype's CloudWatch filter counts. */
  error(message: SinkProblem, error: unknown, fields?: Readonly<Record<string, unknown>>): void;
  /** A whole line that is no record of the log's own. */
  line(text: string): void;
}

/** Marks the sink's lines, so that a subscription to its own log group is no loop. */
const LOGGER = 'patrol-sink';

/** All that goes wrong in a sink, by its name: what else a line says was written by somebody else. */
const PROBLEMS = [
  'Alert failed',
  'Alert not delivered',
  'Alerts are not shared at the moment',
  'Alerts failed',
  'Analysis not kept in the history',
  'Budget used up',
  'Event not analysed',
  'Events not taken',
  'History not pruned',
  'Message not settled',
  'Not deferred',
  'Queue not read',
  'Record refused',
  'Reply not sent',
  'Request failed',
  'Updates not sent',
  'What was told is not kept',
] as const;

/** What a line of {@link SinkLog.error} begins with. */
export type SinkProblem = (typeof PROBLEMS)[number];

const KNOWN: ReadonlySet<unknown> = new Set(PROBLEMS);

/**
 * True for an error that a sink wrote. The mark alone would hide whatever an application logs with a `logger` that
 * somebody else chose: the line must be whole, tell one of the sink's own problems, and hold no other error.
 */
export function isSinkLine(record: Readonly<Record<string, unknown>>): boolean {
  return (
    record.logger === LOGGER &&
    record.level === 'ERROR' &&
    KNOWN.has(record.msg) &&
    typeof record.time === 'string' &&
    typeof record.error === 'string' &&
    ['message', 'err', 'stack', 'exception', 'cause'].every((field) => record[field] === undefined)
  );
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
