import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { ErrorLogEvent } from '../../src/types.ts';

/** One delivery as the sink saw it. */
export interface ReceivedBatch {
  readonly batchId: string;
  readonly events: readonly ErrorLogEvent[];
  readonly dropped?: Readonly<Record<string, number>>;
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  /** The socket's remote port: equal for requests over the same connection. */
  readonly connection: number;
}

/** How the sink answers: a status, or a fault. */
export type SinkAnswer =
  | number
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly delayMs?: number;
    }
  /** Takes the request and never answers. */
  | 'hang'
  /** Closes the connection in the middle of the answer. */
  | 'cut';

/** A sink over a real socket. */
export interface SinkServer {
  readonly url: string;
  readonly port: number;
  /** Every request, whatever it was answered. */
  readonly requests: readonly ReceivedBatch[];
  /** Batches that were answered with 2xx. */
  readonly accepted: readonly ReceivedBatch[];
  /** The answer from now on. A function decides for each batch. */
  answer: SinkAnswer | ((batch: ReceivedBatch) => SinkAnswer);
  /** The accepted events, each id once. */
  events(): ErrorLogEvent[];
  /** Occurrences summed over distinct events, as a receiver counts. */
  occurrences(): number;
  /** Waits until the condition holds, or fails. */
  until(condition: () => boolean, timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the sink; on a given port when it comes back after having been down. */
export async function startSink(port = 0): Promise<SinkServer> {
  const requests: ReceivedBatch[] = [];
  const accepted: ReceivedBatch[] = [];
  const changed = new Set<() => void>();
  const server = http.createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const batch: ReceivedBatch = {
        ...JSON.parse(body.toString('utf8')),
        headers: request.headers,
        url: `${request.method} ${request.url}`,
        connection: request.socket.remotePort ?? 0,
      };
      requests.push(batch);
      const answer = typeof sink.answer === 'function' ? sink.answer(batch) : sink.answer;
      reply(response, answer, () => accepted.push(batch));
      for (const check of changed) check();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;

  const sink: SinkServer = {
    url: `http://127.0.0.1:${actual}`,
    port: actual,
    requests,
    accepted,
    answer: 202,
    events() {
      const distinct = new Map<string, ErrorLogEvent>();
      for (const { events } of accepted) for (const event of events) distinct.set(event.eventId, event);
      return [...distinct.values()];
    },
    occurrences: () => sink.events().reduce((sum, event) => sum + event.occurrences, 0),
    until(condition, timeoutMs = 15_000) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (!condition()) return;
          clearTimeout(timer);
          changed.delete(check);
          resolve();
        };
        const timer = setTimeout(() => {
          changed.delete(check);
          const got = `${requests.length} requests, ${sink.occurrences()} occurrences`;
          reject(new Error(`the sink waited in vain for ${condition}: ${got}`));
        }, timeoutMs);
        changed.add(check);
        check();
      });
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sink;
}

function reply(response: ServerResponse, answer: SinkAnswer, onAccepted: () => void): void {
  if (answer === 'hang') return;
  if (answer === 'cut') {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{');
    setImmediate(() => response.destroy());
    return;
  }
  const { status, headers = {}, delayMs = 0 } = typeof answer === 'number' ? { status: answer } : answer;
  const send = () => {
    if (status >= 200 && status < 300) onAccepted();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end('{}');
  };
  if (delayMs === 0) send();
  else setTimeout(send, delayMs);
}
