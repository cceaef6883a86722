import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig, type PatrolOptions } from '../src/config.ts';
import { PatrolError } from '../src/errors.ts';
import type { Milliseconds } from '../src/types.ts';
import {
  acceptAndWait,
  createHttpHandler,
  failure,
  type HttpHandlerOptions,
  isAuthorized,
  type SinkRequest,
  type SinkResponse,
  unauthorized,
} from './http.ts';
import { createIntake, type IntakeOptions } from './intake.ts';
import { toPrometheus } from './metrics.ts';
import { resolveSecrets } from './secrets.ts';
import { createSink, type Sink, type SinkParts } from './sink.ts';
import { type AnalysisStream, createStream } from './stream.ts';

/** Options of {@link createServer}; what is left out of the settings comes from the environment. */
export interface ServerOptions
  extends PatrolOptions,
    IntakeOptions,
    Pick<HttpHandlerOptions, 'maxBodyBytes' | 'maxInflatedBytes'> {
  /** @defaultValue 8080; 0 takes a free one */
  readonly port?: number;
  /** @defaultValue all addresses with a `sinkToken`, else `127.0.0.1`: without a token anybody could spend your money */
  readonly host?: string;
  /** Parts to use in place of those that the settings make. */
  readonly parts?: Pick<SinkParts, 'engine' | 'log'>;
}

/** A sink that listens. */
export interface SinkServer {
  readonly url: string;
  readonly sink: Sink;
  /** Takes nothing more, finishes what it has within the time, then closes. @defaultValue 30 000 */
  close(timeoutMs?: Milliseconds): Promise<void>;
}

const DEFAULT_PORT = 8080;
/** How long a request may take to arrive; a slow sender would hold a socket for ever. */
const REQUEST_TIMEOUT_MS: Milliseconds = 60_000;

/**
 * Starts the sink as an HTTP server: `POST /v1/events`, `POST /v1/logs` (OTLP), `GET /v1/stream` (analyses as
 * server-sent events), `GET /healthz`, `GET /metrics` (Prometheus).
 *
 * Events are taken at once (202) and analysed afterwards; `POST /v1/events?wait` answers with the analyses (200).
 *
 * @example
 * ```ts
 * const server = await createServer({ port: 8080, sinkToken: process.env.PATROL_SINK_TOKEN });
 * process.on('SIGTERM', () => server.close());
 * ```
 * @throws {PatrolError} `CONFIG_INVALID` for wrong settings, or an address that cannot be listened on.
 */
export async function createServer(options: ServerOptions = {}): Promise<SinkServer> {
  const {
    port = DEFAULT_PORT,
    host,
    parts,
    maxBodyBytes,
    maxInflatedBytes,
    maxWaiting,
    attempts,
    ...settings
  } = options;
  const config = await resolveSecrets(loadConfig(settings));
  const stream = createStream();
  const sink = await createSink(config, { ...parts, replies: stream });
  const intake = createIntake(sink, {
    ...(maxWaiting !== undefined && { maxWaiting }),
    ...(attempts !== undefined && { attempts }),
  });
  const handle = createHttpHandler({
    token: config.sinkToken,
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    ...(maxInflatedBytes !== undefined && { maxInflatedBytes }),
    onDropped: (count) => sink.metrics.count('Dropped', count),
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const headers = request.headers as SinkRequest['headers'];
    if (request.method === 'GET' && url.pathname === '/metrics') {
      return send(response, { status: 200, body: toPrometheus(sink.metrics.totals) });
    }
    if (url.pathname.startsWith('/v1/') && !isAuthorized({ headers }, config.sinkToken)) {
      return send(response, unauthorized(), true);
    }
    if (request.method === 'GET' && url.pathname === '/v1/stream') {
      return listen(stream, url, request, response);
    }
    const body = await readAll(request, maxBodyBytes);
    if (!body) return send(response, failure(413, 'TOO_LARGE', 'The body is too large.'), true);
    const wait = url.searchParams.has('wait');
    const sinkRequest = { method: request.method ?? 'GET', path: url.pathname, headers, body };
    send(
      response,
      await handle(sinkRequest, wait ? (records) => acceptAndWait(sink, records) : intake.accept),
    );
  };

  const server = createHttpServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await listenOn(server, port, host ?? (config.sinkToken === undefined ? '127.0.0.1' : undefined));
  const { address, port: actual, family } = server.address() as AddressInfo;
  const name =
    address === '::' || address === '0.0.0.0' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;

  return {
    url: `http://${name}:${actual}`,
    sink,
    async close(timeoutMs = 30_000) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await intake.close(timeoutMs);
      stream.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listenOn(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new PatrolError('CONFIG_INVALID', `Cannot listen on ${host ?? '*'}:${port}: ${cause.message}`, {
          cause,
        }),
      );
    });
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
}

function listen(stream: AnalysisStream, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const last = request.headers['last-event-id'];
  stream.listen(
    response,
    url.searchParams.get('service') ?? undefined,
    typeof last === 'string' ? last : (url.searchParams.get('lastEventId') ?? undefined),
  );
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

function send(response: ServerResponse, { status, headers = {}, body }: SinkResponse, close = false): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  response.writeHead(status, {
    'content-type':
      typeof body === 'string' ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(close && { connection: 'close' }),
    ...headers,
  });
  response.end(text);
}
