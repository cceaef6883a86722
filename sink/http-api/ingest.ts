import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import {
  type Accept,
  acceptAndWait,
  createHttpHandler,
  failure,
  type HttpHandlerOptions,
  type SinkRequest,
  type SinkResponse,
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
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    if (url.pathname.startsWith('/v1/') && !gate.admits({ headers })) {
      return toResponse(unauthorized(), true);
    }
    const body = await readAll(incoming, limits.maxBodyBytes);
    if (!body) return toResponse(failure(413, 'TOO_LARGE', 'The body is too large.'), true);
    const request = { method: incoming.method ?? 'GET', path: url.pathname, headers, body };
    const wait = url.searchParams.has('wait');
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
    .get('/v1/stream', listen)
    .all('/healthz', take)
    .all('/v1/events', take)
    .all('/v1/logs', take);
  return { routes, otherwise: take };
}

/** The whole body; undefined when it is larger than allowed: the rest is not waited for. */
function readAll(request: IncomingMessage, limit = 5_242_880): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return chunks.push(chunk);
      chunks.length = 0;
      return resolve(undefined);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

function toResponse({ status, headers, body }: SinkResponse, close = false): Response {
  return Response.json(body ?? {}, {
    status,
    headers: { ...headers, ...(close && { connection: 'close' }) },
  });
}
