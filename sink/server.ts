import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { Hono } from 'hono';
import { loadConfig, type PatrolOptions } from '../src/config.ts';
import { PatrolError } from '../src/errors.ts';
import type { Milliseconds } from '../src/types.ts';
import { createDashboardRoutes } from './dashboard/dashboard-routes.ts';
import { createGate } from './gate.ts';
import { keepPruned } from './history/keep-pruned.ts';
import { openFileHistory } from './history/open-file.ts';
import { openTableHistory } from './history/open-table.ts';
import type { HttpHandlerOptions } from './http.ts';
import { createIngest } from './http-api/ingest.ts';
import { createPeopleApi } from './http-api/people.ts';
import type { PeopleEnv } from './http-api/person.ts';
import { createUpdates } from './http-api/updates.ts';
import { createIntake, DEFAULT_MAX_WAITING, type IntakeOptions } from './intake.ts';
import type { HistoryWatcher } from './recorder.ts';
import { resolveSecrets } from './secrets.ts';
import { createSink, type Sink, type SinkParts } from './sink.ts';
import { createSinkLog } from './sink-log.ts';
import { createStream } from './stream.ts';

/** Options of {@link createServer}; what is left out of the settings comes from the environment. */
export interface ServerOptions
  extends PatrolOptions,
    IntakeOptions,
    Pick<HttpHandlerOptions, 'maxBodyBytes' | 'maxInflatedBytes'> {
  /** @defaultValue 8080; 0 takes a free one */
  readonly port?: number;
  /** @defaultValue all addresses with a `sinkToken` or a `sinkSigningKey`, else `127.0.0.1`: without one anybody could spend your money */
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
 * server-sent events), `GET /healthz`, `GET /metrics` (Prometheus); and the people's side, see `createPeopleApi`.
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
  const log = parts?.log ?? createSinkLog();
  const history = (await openFileHistory(config)) ?? (await openTableHistory(config));
  const updates = history && createUpdates(history, log);
  const watcher: HistoryWatcher = ({ errorHash, change, spiking }) =>
    updates?.changed(errorHash, spiking ? 'spiking' : change);
  const sink = await createSink(config, { ...parts, log, history, watcher, replies: stream });
  const intake = createIntake(sink, {
    ...(maxWaiting !== undefined && { maxWaiting }),
    ...(attempts !== undefined && { attempts }),
  });
  const ingest = createIngest({
    sink,
    stream,
    accept: intake.accept,
    gate: createGate(config.ingest),
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    ...(maxInflatedBytes !== undefined && { maxInflatedBytes }),
  });
  const app = new Hono<PeopleEnv>()
    .route('/', ingest.routes)
    .route('/v1', createPeopleApi({ config, sink, updates }))
    .route('/', createDashboardRoutes())
    .all('*', ingest.otherwise);

  // HTTP/1.0 needs no Host header, and some health checks still speak it.
  const listener = getRequestListener(app.fetch, {
    hostname: 'localhost',
    overrideGlobalObjects: false,
    errorHandler: refuseUnrouted,
  });
  const server = createHttpServer({ requestTimeout: REQUEST_TIMEOUT_MS }, listener);
  const isOpen = config.sinkToken === undefined && config.sinkSigningKey === undefined;
  await listenOn(server, port, host ?? (isOpen ? '127.0.0.1' : undefined)).catch(async (error: unknown) => {
    await history?.close();
    throw error;
  });
  const pruning = history && keepPruned(history, log);
  if (history) intake.resume(await history.unanalysed(maxWaiting ?? DEFAULT_MAX_WAITING));
  const { address, port: actual, family } = server.address() as AddressInfo;
  const name =
    address === '::' || address === '0.0.0.0' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;

  return {
    url: `http://${name}:${actual}`,
    sink,
    async close(timeoutMs = 30_000) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const deadline = Date.now() + timeoutMs;
      await intake.close(timeoutMs);
      await sink.alerts?.close(Math.max(1000, deadline - Date.now()));
      stream.close();
      updates?.close();
      server.closeAllConnections();
      await closed;
      pruning?.stop();
      await history?.close();
    },
  };
}

/** For what no route answers: mostly a request line and a `Host` header that make no URL. */
function refuseUnrouted(problem: unknown): Response {
  const [status, code, message] =
    problem instanceof RequestError
      ? [400, 'REQUEST_INVALID', 'Expected the path and the header host to make a URL.']
      : [500, 'FAILED', 'It failed.'];
  return Response.json({ error: { code, message } }, { status });
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
