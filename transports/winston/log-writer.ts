import type { AnalysisRecord, DropRecord } from '../../src/analysis-record.ts';
import { markOwn } from '../own-records.ts';

/** A record on its way through winston. */
export interface WinstonInfo {
  readonly level?: unknown;
  readonly exception?: unknown;
  readonly rejection?: unknown;
}

/** The part of a winston logger that is used here. */
export interface WinstonLogger {
  readonly levels: Readonly<Record<string, number>>;
  readonly level: string;
  readonly silent?: boolean;
  readonly transports: readonly SiblingTransport[];
  readonly format: {
    transform(info: object, options?: unknown): object | boolean;
    readonly options?: unknown;
  };
  readonly exitOnError: unknown;
  readonly writable: boolean;
  log(info: object): unknown;
  pipe(transport: unknown): unknown;
}

interface SiblingTransport {
  readonly level?: string | undefined;
  readonly silent?: boolean | undefined;
  write(info: object): boolean;
}

/** The part of a winston transport that is used here. */
interface OwnTransport {
  once(event: 'pipe', listener: (logger: unknown) => void): unknown;
  emit(event: 'finish'): boolean;
}

/** Writes Patrol's records to the log that a transport is attached to. */
export interface LogWriter {
  write(record: AnalysisRecord | DropRecord): void;
  /** Remembers the level of a captured record, which certainly arrives. */
  noteLevel(info: WinstonInfo): void;
  /** After an uncaught exception: winston waits 3 s for a `finish` before it ends the process. */
  finishAfterCrash(flush: () => Promise<unknown>): void;
  /** True while winston takes the transport off its logger for the sake of that `finish` alone. */
  readonly detaching: boolean;
}

const LEVEL = Symbol.for('level');
const MESSAGE = Symbol.for('message');
/** winston's own default levels begin with it, and so do syslog's that people log errors at. */
const FALLBACK_LEVEL = 'error';

export function createLogWriter(
  transport: OwnTransport,
  analysisLevel: string,
  close: () => Promise<unknown>,
): LogWriter {
  let logger: WinstonLogger | undefined;
  let capturedLevel = FALLBACK_LEVEL;
  let detaching = false;

  transport.once('pipe', (piped) => {
    logger = piped as WinstonLogger;
    delayEnd(logger, close);
  });

  const write = (record: AnalysisRecord | DropRecord) =>
    writeRecord(record, { logger, analysisLevel, capturedLevel, own: transport });

  return {
    write,
    noteLevel(info) {
      const level = (info as Readonly<Record<symbol, unknown>>)[LEVEL];
      if (typeof level === 'string') capturedLevel = level;
    },
    finishAfterCrash(flushBefore) {
      const attached = logger;
      if (attached?.exitOnError === false) return;
      void flushBefore().then(() => {
        detaching = true;
        transport.emit('finish');
        detaching = false;
        // A pipe ends with `finish`. If the process lives on, which only `exitOnError` knows, the transport must, too.
        if (attached && !attached.transports.includes(transport as unknown as SiblingTransport)) {
          attached.pipe(transport);
          Object.assign(transport, { parent: attached });
        }
      });
    },
    get detaching() {
      return detaching;
    },
  };
}

/**
 * A logger that is ended takes no more records, and its transports are ended one by one. What the last flush brings
 * would have nowhere to go, so the logger ends its transports only when that flush is over.
 */
function delayEnd(logger: WinstonLogger, close: () => Promise<unknown>): void {
  const ending = logger as unknown as { _final?: (callback: (error?: Error | null) => void) => void };
  const original = ending._final;
  if (typeof original !== 'function') return;
  ending._final = function delayed(callback) {
    const end = () => original.call(this, callback);
    close().then(end, end);
  };
}

/** Where and how a record is to be written. */
export interface WriteTarget {
  readonly logger: WinstonLogger | undefined;
  readonly analysisLevel: string;
  /** A level that certainly arrives, since the error did. */
  readonly capturedLevel: string;
  /** Patrol's own transport on the logger, which prints nothing. */
  readonly own?: unknown;
}

/** Writes a record through a logger at a level that one of its transports prints. */
export function writeRecord(record: AnalysisRecord | DropRecord, target: WriteTarget): void {
  const { logger, analysisLevel, capturedLevel, own } = target;
  const { msg, patrol } = record;
  const correlation = 'correlation' in record ? record.correlation : undefined;
  const wanted = patrol.event === 'dropped' ? 'warn' : analysisLevel;
  const siblings = logger?.transports.filter((sibling) => (sibling as unknown) !== own) ?? [];
  const level = !logger || isPrinted(logger, siblings, wanted) ? wanted : capturedLevel;
  const info = { level, message: msg, ...correlation, patrol };
  markOwn(patrol);
  if (logger && siblings.length > 0 && logger.writable) {
    logger.log(info);
    return;
  }
  const formatted = logger
    ? logger.format.transform({ ...info, [LEVEL]: level }, logger.format.options)
    : info;
  if (typeof formatted !== 'object' || logger?.silent === true) return;
  for (const sibling of siblings) sibling.write(formatted);
  // No logger, as under `exceptionHandlers`, or nothing else on it: standard output is where logs go.
  if (siblings.length === 0) {
    const line = (formatted as Readonly<Record<symbol, unknown>>)[MESSAGE];
    process.stdout.write(`${typeof line === 'string' ? line : JSON.stringify(formatted)}\n`);
  }
}

function isPrinted(logger: WinstonLogger, siblings: readonly SiblingTransport[], level: string): boolean {
  const value = logger.levels[level];
  if (value === undefined) return false;
  return siblings.some((sibling) => {
    const least = logger.levels[sibling.level ?? logger.level];
    return sibling.silent !== true && least !== undefined && least >= value;
  });
}
