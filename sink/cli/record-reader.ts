import { isPatrolRecord } from '../../src/analysis-record.ts';
import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';
import type { ErrorLog } from '../../src/types.ts';
import { rankOf, thresholdOf } from './levels.ts';
import { createLineSplitter } from './line-splitter.ts';
import { jsonFormatOf, type LogFormat, levelOf } from './log-format.ts';
import { createTextReader, type TextRecord } from './text-records.ts';
import { isFrame } from './trace-lines.ts';

/** Finds the errors in the output of an application, whatever it is mixed of. */
export interface RecordReader {
  push(chunk: Buffer): void;
  /** Ends the record in hand. */
  close(): void;
  /** The input is over: the last line may lack a newline. */
  end(): void;
  /** True while the next line may belong to the record in hand. */
  isOpen(): boolean;
}

/** Options of {@link createRecordReader}. */
export interface RecordReaderOptions {
  /** Least level that is an error. */
  readonly level: string;
  /** Level of the analyses among JSON records. */
  readonly analysisLevel: string;
  /** The format among lines of plain text. */
  readonly textFormat: LogFormat;
  /** Called with each error, and how an analysis of it is to be written. */
  readonly onError: (errorLog: ErrorLog, format: LogFormat) => void;
}

/** See {@link RecordReader}. */
export function createRecordReader(options: RecordReaderOptions): RecordReader {
  const { analysisLevel, textFormat, onError } = options;
  const threshold = thresholdOf(options.level);
  const text = createTextReader(threshold, (record) => onError(toErrorLog(record), textFormat));

  const readJson = (record: Readonly<Record<string, unknown>>) => {
    const rank = rankOf(levelOf(record));
    if (rank === undefined || rank < threshold || isPatrolRecord(record)) return;
    onError(captureErrorLog(record), jsonFormatOf(record, analysisLevel));
  };

  const splitter = createLineSplitter((line) => {
    if (line === undefined) return text.close();
    const record = line.trimStart().startsWith('{') ? parseJson(line) : undefined;
    if (!record) return text.push(line);
    text.close();
    readJson(record);
  });

  return {
    push: splitter.push,
    close: text.close,
    isOpen: text.isOpen,
    end() {
      splitter.end();
      text.close();
    },
  };
}

function parseJson(line: string): Readonly<Record<string, unknown>> | undefined {
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
  if (trace === undefined) return captureErrorLog(heading ?? '');
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

function headlineStart(trace: string): number {
  const headline = trace.slice(0, Math.min(512, (trace.indexOf('\n') + 1 || trace.length + 1) - 1));
  const match = CLASS_IN_HEADLINE.exec(headline);
  return match && !/^(?:Uncaught|Unhandled exception\.|Exception in thread|PHP|thread|panic)\b/.test(headline)
    ? match.index + match[0].length
    : 0;
}
