import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import { PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import { explainDifference, explainErrorLog } from '../../src/explain.ts';
import { hashErrorLog } from '../../src/hashing.ts';
import { redact } from '../../src/redaction.ts';
import type { ErrorHash, ErrorLog, ErrorLogEvent, NormalizedErrorLog } from '../../src/types.ts';
import { readInput } from './input.ts';

/** One error as it was read, with the parts that replace its fingerprint where its event gives some. */
export interface ReadError {
  readonly errorLog: ErrorLog;
  readonly fingerprint?: readonly string[];
  /** The event that it came as, where it came as one; redacted. */
  readonly event?: ErrorLogEvent;
}

/** Between two stacks in one file. */
const RULER = /^-{3,}\s*$/m;

/**
 * `patrol explain [file|-]`: why an error has the fingerprint that it has, and for two errors, where they differ.
 * Reads an event, a log line of winston or pino, several of them, or a stack as it was printed; two stacks are
 * parted by a line `---`.
 *
 * @throws {PatrolError} `EVENT_INVALID` when there is nothing to explain.
 */
export async function explain(file: string): Promise<string> {
  const input = await readInput(file);
  const [first, second, ...others] = readErrors(input);
  if (first === undefined) {
    throw new PatrolError('EVENT_INVALID', 'Expected an error to explain, got an empty text.');
  }
  const explained = explainErrorLog(first.errorLog, first);
  if (second === undefined) return explained;
  const more = others.length === 0 ? '' : `\n(the first two of ${others.length + 2} errors)\n`;
  const difference = explainDifference(first.errorLog, second.errorLog, first, second);
  return `${explained}\n${explainErrorLog(second.errorLog, second)}\n${difference}${more}`;
}

/** The same as data: every error with its hash and the parts that went into it. */
export async function explainAsData(
  file: string,
): Promise<readonly ({ readonly errorHash: ErrorHash } & NormalizedErrorLog)[]> {
  return readErrors(await readInput(file)).map((error) => {
    const { errorHash, normalized } = hashErrorLog(error.errorLog, error);
    return { errorHash, ...normalized };
  });
}

/** The errors in a text: events, log records, or stacks parted by a line `---`. */
export function readErrors(input: string): ReadError[] {
  const whole = parseJson(input);
  if (whole !== undefined) return (Array.isArray(whole) ? whole : [whole]).map(readError);
  const lines = input.split('\n').filter((line) => line.trim() !== '');
  const records = lines.map(parseJson);
  if (lines.length > 0 && records.every(isRecord)) return records.map(readError);
  return input
    .split(RULER)
    .filter((part) => part.trim() !== '')
    .map((part) => readError(part.replace(/^\n+|\s+$/g, '')));
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

/** What is shown quotes the error, and redacting it leaves its hash as it is. */
function readError(value: unknown): ReadError {
  if (!isRecord(value) || !('errorLog' in value)) return { errorLog: redact(captureErrorLog(value)) };
  const event = parseErrorLogEvent(value);
  const errorLog = redact(event.errorLog);
  const { fingerprint } = event;
  return { errorLog, ...(fingerprint && { fingerprint }), event: { ...event, errorLog } };
}
