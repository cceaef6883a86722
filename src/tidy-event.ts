import { isRecord, toPlain } from './bounds.ts';
import {
  MAX_LABEL,
  MAX_LINE,
  MAX_MESSAGE,
  MAX_NAME,
  MAX_OCCURRENCES,
  MAX_PATH,
  MAX_STACK,
  MAX_TIMESTAMP,
  MAX_URL,
} from './event-limits.ts';
import type { ErrorLog, ErrorLogEvent } from './types.ts';

type Fields = Record<string, unknown>;

/** Marks what came out of `parseErrorLogEvent`: whoever is given it again need not check it again. */
export class CheckedEvent {
  readonly #checked = true;

  static is(value: object): boolean {
    return #checked in value;
  }
}

type Mutable<T> = { -readonly [K in keyof T]?: T[K] };

/**
 * Reads an event that is as Patrol's transports write it, with nothing to cut, to rename or to tell, in a
 * fraction of the time that `parseErrorLogEvent` takes for others, and with the same outcome. Undefined for any other.
 */
export function readTidyEvent(value: Readonly<Fields>): ErrorLogEvent | undefined {
  const event = new CheckedEvent() as Mutable<ErrorLogEvent>;
  for (const key of Object.keys(value)) {
    const inner = value[key];
    switch (key) {
      case 'eventId':
        if (!isText(inner, MAX_NAME) || inner === '') return undefined;
        event.eventId = inner;
        break;
      case 'timestamp':
      case 'firstSeen':
      case 'lastSeen':
        if (!isWhole(inner, 0, MAX_TIMESTAMP)) return undefined;
        event[key] = inner;
        break;
      case 'errorLog': {
        const errorLog = isRecord(inner) ? readTidyErrorLog(inner) : undefined;
        if (errorLog === undefined) return undefined;
        event.errorLog = errorLog;
        break;
      }
      case 'commit':
      case 'service':
      case 'environment':
        if (!isText(inner, MAX_LABEL)) return undefined;
        event[key] = inner;
        break;
      case 'repositoryUrl':
        if (!isText(inner, MAX_URL)) return undefined;
        event.repositoryUrl = inner;
        break;
      case 'occurrences':
        if (!isWhole(inner, 1, MAX_OCCURRENCES)) return undefined;
        event.occurrences = inner;
        break;
      default:
        return undefined;
    }
  }
  const isWholeEvent =
    event.eventId !== undefined && event.timestamp !== undefined && event.occurrences !== undefined;
  return isWholeEvent && event.errorLog !== undefined ? (event as ErrorLogEvent) : undefined;
}

function readTidyErrorLog(value: Readonly<Fields>): ErrorLog | undefined {
  const errorLog: Mutable<ErrorLog> = {};
  for (const key of Object.keys(value)) {
    const inner = value[key];
    switch (key) {
      case 'message':
        if (!isText(inner, MAX_MESSAGE)) return undefined;
        errorLog.message = inner;
        break;
      case 'stackTrace':
        if (!isText(inner, MAX_STACK)) return undefined;
        errorLog.stackTrace = inner;
        break;
      case 'name':
      case 'code':
        if (!isText(inner, MAX_NAME) || inner === '') return undefined;
        errorLog[key] = inner;
        break;
      case 'filePath':
        if (!isText(inner, MAX_PATH)) return undefined;
        errorLog.filePath = inner;
        break;
      case 'lineNumber':
        if (!isWhole(inner, 0, MAX_LINE)) return undefined;
        errorLog.lineNumber = inner;
        break;
      case 'context': {
        if (!isRecord(inner) || Object.keys(inner).length === 0) return undefined;
        errorLog.context = toPlain(inner) as Readonly<Fields>;
        break;
      }
      default:
        return undefined;
    }
  }
  return errorLog.message === undefined ? undefined : (errorLog as ErrorLog);
}

function isText(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length <= length && value.isWellFormed();
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
