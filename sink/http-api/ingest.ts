import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import {
  type Accept,
  acceptAndWait,
  createHttpHandler,
  type HttpHandlerOptions,
  MAX_BODY_BYTES,
  notAllowed,
  type SinkRequest,
  type SinkResponse,
  tooLarge,
  unauthorized,
} from '../http.ts';
import { toPrometheus } from '../metrics.ts';
import type { Sink } from '../sink.ts';
import type { AnalysisStream } from '../stream.ts';

type IngestEnv = { readonly Bindings: HttpBindings };
type IngestContext = Context<IngestEnv>;

/** What the applications' side is made of. */
export interface IngestParts extends Pick<HttpHandlerOptions, 'gate' | 'maxBodyBytes' | 'maxInflatedBytes'> {
  readonly sink: Sink;
  readonly stream: AnalysisStream;
  /** Takes records without waiting for their analyses. */
  readonly accept: Accept;
}

/** The applications' side: routes that nobody signs in for, with the ingest token or a signature where one is asked for. */
export interface Ingest {
  /** `/v1/events`, `/v1/logs`, `/v1/stream`, `/healthz`, `/metrics`. */
  readonly routes: Hono<IngestEnv>;
  /** Answers what no other route wanted: the same under a base path, or 404. */
  readonly otherwise: (context: IngestContext) => Promise<Response>;
}

/** How many times the bytes that are allowed are read before nobody listens any more. */
const PATIENCE = 4;
const NO_BODY = Buffer.alloc(0);

/** See {@link Ingest}. */
export function createIngest({ sink, stream, accept, gate, ...limits }: IngestParts): Ingest {
  const handle = createHttpHandler({
    gate,
    ...limits,
    onDropped: sink.metrics.dropped,
  });

  const take = async (context: IngestContext): Promise<Response> => {
    const { incoming } = context.env;
    const headers = incoming.headers as SinkRequest['headers'];
    const { path, query } = readTarget(incoming.url);
    if (path.startsWith('/v1/') && !gate.admits({ headers })) {
      return toResponse(unauthorized(), true);
    }
    const limit = limits.maxBodyBytes ?? MAX_BODY_BYTES;
    const body = await readAll(incoming, limit);
    if (!body) return toResponse(tooLarge(limit), true);
    const request = { method: incoming.method ?? 'GET', path, headers, body };
    const wait = query.has('wait');
    return toResponse(await handle(request, wait ? (records) => acceptAndWait(sink, records) : accept));
  };

  const listen = (context: IngestContext): Response => {
    const { req, env } = context;
    const headers = env.incoming.headers as SinkRequest['headers'];
    if (!gate.accepts({ headers, body: NO_BODY })) return toResponse(unauthorized(), true);
    stream.listen(
      env.outgoing,
      req.query('service'),
      req.header('last-event-id') ?? req.query('lastEventId'),
    );
    return RESPONSE_ALREADY_SENT;
  };

  const routes = new Hono<IngestEnv>()
    .get('/metrics', (context) => {
      context.header('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      return context.body(toPrometheus(sink.metrics.totals));
    })
    .all('/metrics', () => toResponse(notAllowed('/metrics', 'GET'), true))
    .get('/v1/stream', listen)
    .all('/v1/stream', () => toResponse(notAllowed('/v1/stream', 'GET'), true))
    .all('/healthz', take)
    .all('/v1/events', take)
    .all('/v1/logs', take);
  return { routes, otherwise: take };
}

/** The path and the query as they came: what a URL would make of them may be another host, or an error. */
function readTarget(target = '/'): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '', query = ''] = target.split('?', 2);
  return { path, query: new URLSearchParams(query) };
}

/**
 * The whole body; undefined when it is larger than allowed. What is too large is still read to its end, and forgotten:
 * who sends it would see a broken connection in place of the answer. Far too large, it is not waited for.
 */
function readAll(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const most = PATIENCE * limit;
  if (Number(request.headers['content-length']) > most) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > most) resolve(undefined);
    });
    request.once('end', () => resolve(size > limit ? undefined : Buffer.concat(chunks)));
    // Who was sending it has gone, and hears no answer.
    request.once('error', () => resolve(undefined));
  });
}

function toResponse({ status, headers, body }: SinkResponse, close = false): Response {
  return Response.json(body ?? {}, {
    status,
    headers: { ...headers, ...(close && { connection: 'close' }) },
  });
}
