import { isPatrolRecord } from '../../src/analysis-record.ts';
import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';
import type { ErrorLog } from '../../src/types.ts';
import { isSinkLine } from '../sink-log.ts';
import { levelOf, rankOf, thresholdOf } from './levels.ts';
import { isAnalysisText } from './own-lines.ts';
import { createTextReader, type TextRecord } from './text-records.ts';
import { isFrame } from './trace-lines.ts';

/** A JSON log record. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** An error that was found in a log. */
export interface LoggedError<Origin> {
  readonly errorLog: ErrorLog;
  /** The record as it was logged; undefined when it was text. */
  readonly json?: JsonRecord;
  /** What the caller said about the record's first line. */
  readonly origin: Origin;
}

/** Finds the errors in a log, line by line, whatever it is mixed of. */
export interface RecordReader<Origin> {
  /** Undefined for a line that is too long to be looked into. */
  push(line: string | undefined, origin: Origin): void;
  /** Ends the record in hand. */
  close(): void;
  /** True while the next line may belong to the record in hand. */
  isOpen(): boolean;
}

/**
 * Patrol's own lines are passed over: those of the sink, of its transports, and of a pipe before this one.
 *
 * @param level - Least level that is an error.
 */
export function createRecordReader<Origin = undefined>(
  level: string,
  onError: (error: LoggedError<Origin>) => void,
): RecordReader<Origin> {
  const threshold = thresholdOf(level);
  const text = createTextReader<Origin>(threshold, (record, origin) => {
    onError({ errorLog: toErrorLog(record), origin });
  });

  return {
    push(line, origin) {
      if (line === undefined) return text.close();
      const json = line.trimStart().startsWith('{') ? parseJson(line) : undefined;
      if (!json) return isAnalysisText(line) ? undefined : text.push(line, origin);
      text.close();
      const rank = rankOf(levelOf(json));
      if (rank === undefined || rank < threshold || isPatrolRecord(json) || isSinkLine(json)) return;
      onError({ errorLog: captureErrorLog(json), json, origin });
    },
    close: text.close,
    isOpen: text.isOpen,
  };
}

function parseJson(line: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The class of an error in the middle of a headline: `could not save TypeError: x is undefined`. */
const CLASS_IN_HEADLINE =
  /(?:^|\s)(?=(?:[\w$]{1,64}\.){0,10}(?:[A-Z]\w{0,64})?(?:Error|Exception)(?: \[\w{1,64}\])?:)/;

/** An error as text: its class, message and stack from the trace, what the logger wrote before it as context. */
function toErrorLog({ heading, trace }: TextRecord): ErrorLog {
  if (trace === undefined) return captureErrorLog(thrownInLambda(heading) ?? heading ?? '');
  // A trace that begins with a frame has its headline in the logger's line.
  const joined = isFrame(trace) && heading !== undefined ? `${heading}\n${trace}` : trace;
  const before = headlineStart(joined);
  const stackTrace = joined.slice(before);
  const logMessage = before > 0 ? joined.slice(0, before).trim() : joined === trace ? heading : undefined;
  const { name, message } = parseStackTrace(stackTrace);
  return {
    message: message || (heading ?? joined.split('\n', 1)[0] ?? ''),
    ...(name !== undefined && { name }),
    stackTrace,
    ...(logMessage !== undefined && { context: { logMessage } }),
  };
}

/** How Lambda's runtime reports an error that a function threw: `Invoke Error \t{"errorType":…,"stack":[…]}`. */
function thrownInLambda(heading: string | undefined): JsonRecord | undefined {
  const start = heading?.indexOf('\t{"errorType":') ?? -1;
  const thrown = start < 0 ? undefined : parseJson(heading?.slice(start + 1) ?? '');
  if (!thrown) return undefined;
  const { errorType, errorMessage, stack, ...rest } = thrown;
  return {
    ...rest,
    name: errorType,
    message: errorMessage,
    ...(Array.isArray(stack) && { stack: stack.join('\n') }),
  };
}

function headlineStart(trace: string): number {
  const headline = trace.slice(0, Math.min(512, (trace.indexOf('\n') + 1 || trace.length + 1) - 1));
  const match = CLASS_IN_HEADLINE.exec(headline);
  return match && !/^(?:Uncaught|Unhandled exception\.|Exception in thread|PHP|thread|panic)\b/.test(headline)
    ? match.index + match[0].length
    : 0;
}
