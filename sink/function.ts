import { isRecord } from '../src/bounds.ts';
import { loadConfig } from '../src/config.ts';
import { createGate } from './gate.ts';
import { acceptAndWait, createHttpHandler, type SinkRequest, type SinkResponse } from './http.ts';
import { resolveSecrets } from './secrets.ts';
import { createSink, type Sink } from './sink.ts';
import { stdout } from './stdout.ts';
import { type CloudEventLike, pubSubMessageOf, readCloudEvent } from './triggers/cloud-event.ts';

/** The part of an Express-like request that the Functions Framework gives, written structurally. */
export interface FunctionRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body's bytes. */
  readonly rawBody?: Buffer;
  /** The body as the framework parsed it. */
  readonly body?: unknown;
}

/** The part of an Express-like response that is used. */
export interface FunctionResponse {
  status(code: number): FunctionResponse;
  set(name: string, value: string): unknown;
  send(body: string): unknown;
}

/** How long an answer waits for alerts that are being delivered. */
const ALERTS_MS = 10_000;

/** A sink that is started at the first call, and again only after a start that failed. */
let started:
  | Promise<{ readonly sink: Sink; readonly handle: ReturnType<typeof createHttpHandler> }>
  | undefined;

function start(): NonNullable<typeof started> {
  started ??= (async () => {
    const config = await resolveSecrets(loadConfig());
    const sink = await createSink(config, { alertTickInterval: 0 });
    return {
      sink,
      handle: createHttpHandler({ gate: createGate(config.ingest), onDropped: sink.metrics.dropped }),
    };
  })().catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}

/**
 * A Google Cloud Function for HTTP: `POST /v1/events` and `/v1/logs` answer with the analyses; a Pub/Sub push
 * subscription may point at any path.
 *
 * @example
 * ```ts
 * export { handleHttp } from 'patrol/function';
 * ```
 */
export async function handleHttp(request: FunctionRequest, response: FunctionResponse): Promise<void> {
  const { sink, handle } = await start();
  const push = request.method === 'POST' && pubSubMessageOf(request.body) !== undefined;
  const answer = push
    ? await acceptPush(sink, request.body)
    : await handle(toSinkRequest(request), (records) => acceptAndWait(sink, records));
  await finish(sink);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.set(name, value);
  response.set('content-type', 'application/json');
  response.status(answer.status).send(JSON.stringify(answer.body ?? {}));
}

/**
 * A Google Cloud Function for CloudEvents: Pub/Sub messages and Eventarc, among them the log entries that a log
 * sink routes. Throws when something failed, so that the trigger delivers again, or dead-letters.
 *
 * @throws {PatrolError} What went wrong with the first event that failed.
 */
export async function handleCloudEvent(event: CloudEventLike): Promise<void> {
  const { sink } = await start();
  const { problems } = await sink.handle(readCloudEvent(event));
  await finish(sink);
  if (problems[0]) throw problems[0];
}

/** Between two calls a container gets no processor time: what is not done now waits for the next one. */
async function finish({ alerts }: Sink): Promise<void> {
  await alerts?.settle(Date.now() + ALERTS_MS);
  stdout.flush();
}

/** Pub/Sub takes 2xx for done and everything else for "again". */
async function acceptPush(sink: Sink, body: unknown): Promise<SinkResponse> {
  return acceptAndWait(sink, [readCloudEvent({ data: body })]);
}

function toSinkRequest({ method = 'GET', path = '/', headers, rawBody, body }: FunctionRequest): SinkRequest {
  const bytes =
    rawBody ?? Buffer.from(isRecord(body) || Array.isArray(body) ? JSON.stringify(body) : String(body ?? ''));
  const single = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value[0] : value,
  ]);
  return { method, path, headers: Object.fromEntries(single), body: bytes };
}
