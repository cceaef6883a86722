import { truncate } from '../../src/bounds.ts';
import { hashErrorLog } from '../../src/hashing.ts';
import type { ErrorHash, ErrorLog, Timestamp } from '../../src/types.ts';
import type { RuleDecision } from '../../src/user-rules/user-rule.ts';
import { createRecordReader, type JsonRecord } from '../log-lines/record-reader.ts';
import { type Counted, createTopCounter } from './distinct-errors.ts';
import { createLineFilter, type LineOrigin } from './line-filter.ts';
import { type LogFile, readLog } from './log-files.ts';
import { recordTime } from './record-time.ts';

/**
 * Distinct errors that are counted at the same time. With what is kept of each (below), all of them take less than
 * 50 MB even when every text is as long as it may be.
 */
const CAPACITY = 2000;
const MAX_MESSAGE = 2000;
const MAX_STACK = 8000;
/** Names of services that are kept of one error. */
const MAX_SERVICES = 5;

/** One distinct error of a log. */
export interface FoundError {
  readonly errorHash: ErrorHash;
  /** As it was logged first; not redacted. */
  readonly errorLog: ErrorLog;
  /** Where it stands first. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  firstSeen?: Timestamp;
  lastSeen?: Timestamp;
  readonly services: Set<string>;
}

/** What was found in logs. */
export interface LogScan {
  readonly errors: readonly Counted<FoundError>[];
  /** Error records, each counted. */
  readonly records: number;
  readonly lines: number;
  /** Unpacked. */
  readonly bytes: number;
  /** How often an error made room for another: no more than so many different ones are missing. */
  readonly folded: number;
  /** Error records that a rule of the user's ignores. */
  readonly ignored: number;
  /** Logs that could not be read to their end, and why. */
  readonly problems: readonly { readonly file: string; readonly problem: string }[];
}

/** Options of {@link scanLogs}. */
export interface ScanOptions {
  /** Least level that is an error. */
  readonly level: string;
  /** Told of bytes as they are on disk. */
  readonly onRead?: (bytes: number) => void;
  /** Rules of the user's: they may name errors differently. */
  readonly identify?: (event: { readonly errorLog: ErrorLog; readonly service?: string }) => {
    readonly errorHash: ErrorHash;
    readonly decision: RuleDecision | undefined;
  };
  /** @defaultValue 2000 */
  readonly capacity?: number;
}

/** Reads logs as streams and counts their distinct errors, in memory that does not grow with the logs. */
export async function scanLogs(files: readonly LogFile[], options: ScanOptions): Promise<LogScan> {
  const { level, onRead, capacity = CAPACITY } = options;
  const identify =
    options.identify ?? (({ errorLog }) => ({ ...hashErrorLog(errorLog), decision: undefined }));
  const counter = createTopCounter<FoundError>(capacity);
  const problems: { file: string; problem: string }[] = [];
  let [records, lines, bytes, ignored] = [0, 0, 0, 0];
  let file = '';

  const onError = (errorLog: ErrorLog, json: JsonRecord | undefined, { line, head }: LineOrigin): void => {
    records++;
    const service = serviceOf(json);
    const { errorHash, decision } = identify({ errorLog, ...(service !== undefined && { service }) });
    if (decision?.setAside?.reason === 'ignored') {
      ignored++;
      return;
    }
    const time = recordTime(json, head);
    const see = (found: FoundError): void => {
      if (service !== undefined && found.services.size < MAX_SERVICES) found.services.add(service);
      if (time === undefined) return;
      found.firstSeen = Math.min(found.firstSeen ?? time, time);
      found.lastSeen = Math.max(found.lastSeen ?? time, time);
    };
    const create = (): FoundError => {
      const found = { errorHash, errorLog: shortened(errorLog), file, line, services: new Set<string>() };
      see(found);
      return found;
    };
    counter.add(errorHash, create, see);
  };

  for (const one of files) {
    file = one.name;
    const reader = createRecordReader<LineOrigin>(level, ({ errorLog, json, origin }) =>
      onError(errorLog, json, origin),
    );
    const filter = createLineFilter(level, reader);
    const problem = await readLog(one, {
      onChunk(chunk) {
        bytes += chunk.length;
        filter.push(chunk);
      },
      onRead: (count) => onRead?.(count),
    });
    filter.end();
    lines += filter.lines;
    if (problem !== undefined) problems.push({ file, problem });
  }
  return { errors: counter.top(), records, lines, bytes, folded: counter.folded, ignored, problems };
}

function serviceOf(json: JsonRecord | undefined): string | undefined {
  const name = json?.service ?? json?.['service.name'];
  return typeof name === 'string' && name !== '' ? truncate(name, 200) : undefined;
}

/** What is kept for the analysis. Copies, lest a slice keep its whole line. */
function shortened({ message, stackTrace, context: _, ...rest }: ErrorLog): ErrorLog {
  return structuredClone({
    ...rest,
    message: truncate(message, MAX_MESSAGE),
    ...(stackTrace !== undefined && { stackTrace: truncate(stackTrace, MAX_STACK) }),
  });
}
