import { isRecord } from '../src/bounds.ts';
import { messageOf, PatrolError } from '../src/errors.ts';
import type { Timestamp } from '../src/types.ts';
import type { Gate } from './gate.ts';
import type { RecordOutcome } from './record-outcome.ts';
import { readText } from './request-text.ts';
import type { Sink } from './sink.ts';
import type { DroppedBatch } from './triggers/dropped.ts';
import { readBody } from './triggers/http-body.ts';
import type { TriggerRecord } from './triggers/trigger-record.ts';

/** A request, whatever server took it. */
export interface SinkRequest {
  readonly method: string;
  /** Without the query; what stands before `/v1/…` (a stage, a base path) does not matter. */
  readonly path: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** The answer to it; the body is JSON, or text as it is. */
export interface SinkResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What to do with records that were accepted. */
export type Accept = (records: readonly TriggerRecord[]) => Promise<SinkResponse>;

/** Options of {@link createHttpHandler}. */
export interface HttpHandlerOptions {
  /** Every request to `/v1/…` must pass it. */
  readonly gate: Gate;
  /** Bytes of a body as it comes. @defaultValue 5 MiB */
  readonly maxBodyBytes?: number;
  /** Bytes of a body when it is unpacked. @defaultValue 20 MiB */
  readonly maxInflatedBytes?: number;
  /** Told what an application says it has lost; a redelivered batch says it again. */
  readonly onDropped?: (batch: DroppedBatch) => void;
}

const MEBIBYTE = 1_048_576;
/** See {@link HttpHandlerOptions.maxBodyBytes}. */
export const MAX_BODY_BYTES: number = 5 * MEBIBYTE;

/** Answers `POST /v1/events`, `POST /v1/logs` and `GET /healthz`. Never rejects. */
export function createHttpHandler(
  options: HttpHandlerOptions,
): (request: SinkRequest, accept: Accept) => Promise<SinkResponse> {
  const { gate, maxBodyBytes = MAX_BODY_BYTES, maxInflatedBytes = 20 * MEBIBYTE } = options;

  return async (request, accept) => {
    const { method, path } = request;
    try {
      if (path === '/healthz') {
        return isReading(method) ? { status: 200, body: { status: 'ok' } } : notAllowed('/healthz', 'GET');
      }
      const route = ['/v1/events', '/v1/logs'].find((one) => path.endsWith(one));
      if (!route)
        return failure(404, 'NOT_FOUND', 'There are POST /v1/events, POST /v1/logs and GET /healthz.');
      if (!gate.accepts(request)) return unauthorized();
      if (method !== 'POST') return notAllowed(route, 'POST');
      if (request.body.length > maxBodyBytes) return tooLarge(maxBodyBytes);
      const { 'content-type': type = '', 'content-encoding': encoding = '' } = request.headers;
      if (type.includes('protobuf')) {
        return failure(
          415,
          'UNSUPPORTED',
          'Only OTLP/HTTP with JSON is understood: set the protocol to http/json.',
        );
      }
      const text = readText(request.body, type, maxInflatedBytes);
      if (text === undefined) return tooLarge(maxInflatedBytes, 'when it is unpacked');
      const { records, dropped } = readBody(text, type, encoding);
      const response = await accept(records);
      if (dropped && response.status < 300) options.onDropped?.(dropped);
      return route === '/v1/logs' && response.status < 300 ? toOtlpResponse(response) : response;
    } catch (error) {
      if (error instanceof PatrolError && error.code === 'TRIGGER_UNKNOWN') {
        return failure(415, 'UNSUPPORTED', error.message);
      }
      if (error instanceof PatrolError && !error.retryable) return failure(400, error.code, error.message);
      return failure(500, 'FAILED', messageOf(error));
    }
  };
}

/** Handles every record now and answers what became of each; what can be tried again makes it a 503. */
export async function acceptAndWait(
  sink: Sink,
  records: readonly TriggerRecord[],
  deadline?: Timestamp,
): Promise<SinkResponse> {
  const outcomes = await Promise.all(records.map((record) => sink.handle(record, deadline)));
  const results = outcomes.flatMap(toResults);
  const problems = outcomes.flatMap(({ problems: some }) => some);
  const later = problems.filter((problem) => problem.retryable);
  if (later.length > 0) return unavailable(later, results);
  if (results.length > 0 && problems.length === results.length) {
    return { status: 400, body: { error: toError(problems[0]), results } };
  }
  return { status: 200, body: { results } };
}

/** One entry for each event: its analysis, or its error. */
function toResults({
  analysed,
  elsewhere,
  setAside,
  problems,
}: RecordOutcome): readonly Record<string, unknown>[] {
  return [
    ...analysed.map(({ event, result }) => ({ eventId: event.eventId, ...result })),
    ...elsewhere.map(({ eventId }) => ({ eventId, elsewhere: true })),
    ...setAside.map(({ event: { eventId }, reason, rule }) => ({ eventId, setAside: reason, rule })),
    ...problems.map((problem) => ({ error: toError(problem) })),
  ];
}

/** `{error: {code, message}}`, the form of every refusal. */
function failure(status: number, code: string, message: string): SinkResponse {
  return { status, body: { error: { code, message } } };
}

/** The answer to a request without the token or a signature. */
export function unauthorized(): SinkResponse {
  return {
    ...failure(
      401,
      'UNAUTHORIZED',
      'Expected the header authorization: Bearer <PATROL_SINK_TOKEN>, or a fresh signature by PATROL_SINK_SIGNING_KEY.',
    ),
    headers: { 'www-authenticate': 'Bearer' },
  };
}

function unavailable(problems: readonly PatrolError[], results: readonly unknown[]): SinkResponse {
  const wait = Math.max(1000, ...problems.map(({ retryAfterMs }) => retryAfterMs ?? 0));
  return {
    status: 503,
    headers: { 'retry-after': String(Math.ceil(wait / 1000)) },
    body: { error: toError(problems[0]), results },
  };
}

/** The answer to a body that is larger than is read. */
export function tooLarge(limit: number, when = 'as it comes'): SinkResponse {
  return failure(
    413,
    'TOO_LARGE',
    `Expected a body of at most ${limit} bytes ${when}: send fewer events in one request.`,
  );
}

/** The answer to a method that a path does not take. */
export function notAllowed(path: string, method: 'GET' | 'POST'): SinkResponse {
  return {
    ...failure(405, 'METHOD_NOT_ALLOWED', `${path} takes ${method}.`),
    headers: { allow: method === 'GET' ? 'GET, HEAD' : method },
  };
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function toError(problem: PatrolError | undefined): { readonly code: string; readonly message: string } {
  return { code: problem?.code ?? 'FAILED', message: problem?.message ?? 'It failed.' };
}

/** https://opentelemetry.io/docs/specs/otlp/#otlphttp-response */
function toOtlpResponse({ status, body }: SinkResponse): SinkResponse {
  const results = isRecord(body) && Array.isArray(body.results) ? body.results : [];
  const rejected = isRecord(body) && Array.isArray(body.rejected) ? body.rejected : results.filter(hasError);
  if (rejected.length === 0) return { status: 200, body: {} };
  const [first] = rejected.filter(hasError);
  return {
    status: status === 202 ? 200 : status,
    body: {
      partialSuccess: {
        rejectedLogRecords: String(rejected.length),
        errorMessage: isRecord(first?.error) ? String(first.error.message) : '',
      },
    },
  };
}

function hasError(entry: unknown): entry is Readonly<Record<string, unknown>> {
  return isRecord(entry) && isRecord(entry.error);
}
