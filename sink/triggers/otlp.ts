import { createHash } from 'node:crypto';
import { isRecord } from '../../src/bounds.ts';
import { captureErrorLog } from '../../src/capture.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import { levelOf, rankOf } from '../log-lines/levels.ts';
import { namedFields, readAnyValue, readAttributes } from './attributes.ts';
import type { PayloadItem, PayloadReader } from './payload-item.ts';
import { notOf } from './problems.ts';

type Json = Readonly<Record<string, unknown>>;

/** From here on a severity is an error: https://opentelemetry.io/docs/specs/otel/logs/data-model/#severity-fields */
const SEVERITY_ERROR = 17;
const RANK_ERROR = 50;

/** Attributes that become fields of the error, and so need not be in its context too. */
const TAKEN = /^(?:exception\.|code\.(?:file|line)|telemetry\.sdk\.)/;

/**
 * OTLP/HTTP JSON logs (`resourceLogs`) and Vector's `{logs: […]}`: every resource, scope and record. A record that
 * says it is less than an error is passed over; one that says nothing is taken, since somebody sent it here.
 */
export const readOtlp: PayloadReader = (value) => {
  if (!isRecord(value)) return undefined;
  const resources = value.resourceLogs ?? value.resource_logs;
  if (Array.isArray(resources)) return [...itemsOf(resources)];
  if (Array.isArray(value.logs)) return value.logs.map(fromVector).filter(isError).map(toItem);
  return undefined;
};

interface LogRecord {
  readonly record: Json;
  readonly attributes: Record<string, unknown>;
  readonly resource: Record<string, unknown>;
}

/** Each record that is an error, and each place where others should have been but something else is. */
function* itemsOf(resources: readonly unknown[]): Generator<PayloadItem> {
  for (const [index, one] of resources.entries()) {
    const place = `resourceLogs[${index}]`;
    if (!isRecord(one)) {
      yield broken(place, 'an object', one);
      continue;
    }
    const resource = readAttributes(isRecord(one.resource) ? one.resource.attributes : undefined);
    // The second name was OTLP's before version 0.16, the third is the prototype's.
    const scopes = one.scopeLogs ?? one.instrumentationLibraryLogs ?? one.scope_logs ?? [];
    if (Array.isArray(scopes)) yield* itemsOfScopes(scopes, resource, `${place}.scopeLogs`);
    else yield broken(`${place}.scopeLogs`, 'an array', scopes);
  }
}

function* itemsOfScopes(
  scopes: readonly unknown[],
  resource: Record<string, unknown>,
  place: string,
): Generator<PayloadItem> {
  for (const [index, scope] of scopes.entries()) {
    const records = isRecord(scope) ? (scope.logRecords ?? scope.logs ?? scope.log_records ?? []) : undefined;
    if (!isRecord(scope)) yield broken(`${place}[${index}]`, 'an object', scope);
    else if (Array.isArray(records))
      yield* records
        .map((record) => toLog(record, resource))
        .filter(isError)
        .map(toItem);
    else yield broken(`${place}[${index}].logRecords`, 'an array', records);
  }
}

function toLog(record: unknown, resource: Record<string, unknown>): LogRecord {
  return isRecord(record)
    ? { record, attributes: readAttributes(record.attributes), resource }
    : { record: { body: record }, attributes: {}, resource };
}

/** Says what is wrong with a place, and leaves its neighbours. */
function broken(place: string, expected: string, value: unknown): PayloadItem {
  return {
    read() {
      throw notOf(place, expected, value);
    },
  };
}

/** Vector's own log event: OTLP's names in snake_case, or whatever the source had. */
function fromVector(log: unknown): LogRecord {
  const record = isRecord(log) ? log : { body: log };
  const resource = readAttributes(record.resources ?? record.resource);
  return { record, attributes: readAttributes(record.attributes), resource };
}

function isError({ record, attributes }: LogRecord): boolean {
  if (attributes['exception.type'] !== undefined || attributes['exception.message'] !== undefined)
    return true;
  const number = Number(record.severityNumber ?? record.severity_number ?? 0);
  if (number > 0) return number >= SEVERITY_ERROR;
  const rank = rankOf(record.severityText ?? record.severity_text) ?? rankOf(levelOf(record));
  return rank === undefined || rank >= RANK_ERROR;
}

function toItem(log: LogRecord): PayloadItem {
  return { read: () => toEvent(log) };
}

function toEvent({ record, attributes, resource }: LogRecord): ErrorLogEvent {
  const all = { ...resource, ...attributes };
  const text = (name: string) => (typeof all[name] === 'string' ? all[name] : undefined);
  const body = readAnyValue(record.body ?? record.message);
  const logged = captureErrorLog(body === undefined ? record : body);
  const context = {
    ...logged.context,
    ...Object.fromEntries(Object.entries(all).filter(([name]) => !TAKEN.test(name))),
    ...pick(record, 'traceId', 'trace_id'),
    ...pick(record, 'spanId', 'span_id'),
  };
  const message = text('exception.message') ?? logged.message;
  return parseErrorLogEvent({
    // Exporters retry: the same record sent again is the same event.
    eventId: text('log.record.uid') ?? `otlp-${digest([record, resource])}`,
    ...timeOf(record),
    ...namedFields(all),
    errorLog: {
      message,
      name: text('exception.type') ?? logged.name,
      code: logged.code,
      stackTrace: text('exception.stacktrace') ?? logged.stackTrace,
      filePath: text('code.file.path') ?? text('code.filepath'),
      lineNumber: all['code.line.number'] ?? all['code.lineno'],
      context: message === logged.message ? context : { logMessage: logged.message, ...context },
    },
  });
}

function pick(record: Json, camel: string, snake: string): Record<string, unknown> {
  const value = record[camel] ?? record[snake];
  return typeof value === 'string' && value !== '' ? { [camel]: value } : {};
}

/** Nanoseconds in a string or a number, or an ISO date; nothing when it is not told (0). */
function timeOf(record: Json): { timestamp?: number } {
  const values = [
    record.timeUnixNano,
    record.time_unix_nano,
    record.timestamp,
    record.observedTimeUnixNano,
    record.observed_timestamp,
  ];
  for (const value of values) {
    const number = typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) : Number(value);
    if (!(number > 0)) continue;
    // Told apart by size: 1e14 ms lies in the year 5138, 1e14 ns on the second day of 1970.
    return { timestamp: number > 1e14 ? Math.floor(number / 1e6) : number };
  }
  return {};
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
