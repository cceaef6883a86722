import { type AnalysisRecord, type DropRecord, isPatrolRecord } from '../../src/analysis-record.ts';
import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import type { ErrorLog } from '../../src/types.ts';
import type { PatrolClient } from '../client.ts';
import type { ErrorTaker } from '../forwarder-port.ts';
import { isOwn, markOwn } from '../own-records.ts';
import type { Apart } from '../warm-up.ts';
import { captureKeys, leastLevel, type PinoConfig } from './lines.ts';
import { configOf, isPrinted, liveErrorIn, type PinoLogger, rootOf, streamOf } from './logger.ts';
import { recordKey } from './record-key.ts';

/** One record on its way out of a logger, in the main thread. */
export interface PinoRecord {
  readonly line: string;
  readonly level: number;
  /** The merging object, with its live Errors. */
  readonly logged: unknown;
  readonly logger: PinoLogger;
}

/** Captures what pino loggers write, and writes Patrol's records through them. */
export interface PinoCapture {
  /** Whether a record of that level is to be captured. */
  reaches(logger: PinoLogger, level: number): boolean;
  /** Captures the record when its level says so. May throw what a hostile record throws. */
  take(record: PinoRecord): void;
  /** Whether that stream is all that the logger writes to. */
  isOnlyStream(logger: PinoLogger, stream: unknown): boolean;
  /** False when no logger has written an error yet. */
  write(record: AnalysisRecord | DropRecord, own?: unknown): boolean;
}

/** What is asked of a logger once. */
interface Facts {
  readonly root: PinoLogger;
  readonly config: PinoConfig;
  readonly stream: unknown;
  readonly least: number;
}

/** @param client - Made lazily, since the client writes through what is made here. */
export function createPinoCapture(client: () => PatrolClient): PinoCapture {
  /** To find the root of a child costs more than all else that a repeat does. */
  const known = new WeakMap<PinoLogger, Facts>();
  let last: Facts | undefined;
  let capturedLevel: string | undefined;

  const ask = (root: PinoLogger): Facts => {
    const config = configOf(root);
    return { root, config, stream: streamOf(root), least: leastLevel(client().config.level, config) };
  };

  let lastLogger: PinoLogger | undefined;
  let lastFacts: Facts | undefined;

  const factsOf = (logger: PinoLogger): Facts => {
    if (logger === lastLogger && lastFacts !== undefined) return lastFacts;
    lastLogger = logger;
    lastFacts = lookUp(logger);
    return lastFacts;
  };

  const lookUp = (logger: PinoLogger): Facts => {
    let facts = known.get(logger);
    if (facts === undefined) {
      const root = rootOf(logger);
      facts = known.get(root) ?? ask(root);
      known.set(root, facts);
      known.set(logger, facts);
    }
    return facts;
  };

  return {
    reaches: (logger, level) => level >= factsOf(logger).least,
    take({ line, level, logged, logger }) {
      const facts = factsOf(logger);
      if (level < facts.least || isPatrols(line, logged)) return;
      const { config } = facts;
      if (last !== facts || capturedLevel === undefined) capturedLevel = levelName(facts.root, level);
      last = facts;
      captureLogged(client(), line, logged, config);
    },
    isOnlyStream: (logger, stream) => factsOf(logger).stream === stream,
    write(record, own) {
      if (last === undefined) return false;
      const { root } = last;
      const wanted = record.patrol.event === 'dropped' ? 'warn' : client().config.analysisLevel;
      const level = isPrinted(root, wanted, own) ? wanted : capturedLevel;
      const log = level === undefined ? undefined : root[level];
      if (typeof log !== 'function') return false;
      const correlation = 'correlation' in record ? record.correlation : undefined;
      markOwn(record.patrol);
      Reflect.apply(log, root, [{ ...correlation, patrol: record.patrol }, record.msg]);
      return true;
    },
  };
}

const ERROR_KEY = 'err';

/** Hands a record on: as one more of a known error if it is one, else to be captured. */
function captureLogged(taker: ErrorTaker, line: string, logged: unknown, config: PinoConfig): void {
  const timestamp = Date.now();
  const key = recordKey(logged, config.errorKey ?? ERROR_KEY);
  if (key !== undefined && taker.repeat(key, timestamp)) return;
  taker.record(() => captureLine(line, logged, config), { key, timestamp });
}

/** Captures an error as pino logs it. */
export function rehearseLine(taker: ErrorTaker, error: Error, apart: Apart): void {
  const { name, message, stack } = error;
  const err = { ...error, type: name, message, stack };
  const line = JSON.stringify({
    level: 50,
    time: Date.now(),
    pid: 1,
    hostname: 'rehearsal',
    err,
    msg: message,
  });
  // The same fields in the same order as pino and a logger's own, so that V8 sees one shape.
  const logged = { [ERROR_KEY]: error };
  const config: PinoConfig = {
    messageKey: 'msg',
    errorKey: ERROR_KEY,
    nestedKey: undefined,
    levels: { values: {} },
  };
  apart(captureLogged, taker, line, logged, config);
}

/** The merging object lacks the message: a line is only read where it may be Patrol's. */
const isPatrols = (line: string, logged: unknown): boolean =>
  isRecord(logged) && isRecord(logged.patrol) && (isOwn(logged) || isPatrolRecord(JSON.parse(line)));

function captureLine(line: string, logged: unknown, config: PinoConfig): ErrorLog | undefined {
  const record: unknown = JSON.parse(line);
  if (!isRecord(record)) return undefined;
  const keys = captureKeys(config);
  const errorLog = captureErrorLog(record, keys);
  if (errorLog.stackTrace !== undefined) return errorLog;
  // The line is what the application wants to be seen of it, so the live Error only fills in what pino lost.
  const error = liveErrorIn(logged);
  return error === undefined ? errorLog : captureErrorLog(record, { ...keys, error });
}

function levelName(root: PinoLogger, level: number): string | undefined {
  return Object.entries(root.levels.values).find(([, value]) => value === level)?.[0];
}
