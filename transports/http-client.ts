import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import type { Milliseconds } from '../src/types.ts';

/** An HTTP answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One HTTP request. */
export interface HttpCall {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** Time for the whole exchange. */
  readonly timeoutMs: Milliseconds;
}

/** A client of one host with sockets of its own. */
export interface HttpClient {
  /** Rejects when no whole answer came; follows no redirects. */
  request(call: HttpCall): Promise<HttpAnswer>;
  /** The same without reading the answer; `timeoutMs` is for its beginning. */
  open(call: HttpCall): Promise<IncomingMessage>;
  close(): void;
}

/** A pending connect holds the process whatever is unreferenced, so it may not take long. */
const CONNECT_TIMEOUT_MS = 2000;
/** Most bytes of an answer that are read: a long poll's ten messages of 1 MiB fit. */
const MAX_ANSWER_BYTES = 12 * 1024 * 1024;

/**
 * Keep-alive requests over sockets that never keep the process alive. The global `fetch` cannot do that: it
 * references its sockets while an answer is awaited, so that a long poll or a hanging sink would delay the exit.
 *
 * @param connect - Takes the place of the network for plain HTTP.
 */
export function createHttpClient(connect?: () => Duplex): HttpClient {
  const agents = { 'http:': new UnreferencedAgent(connect), 'https:': new UnreferencedSecureAgent() };
  return {
    async request(call) {
      const response = await open(call, agents);
      const late = giveUp(call.timeoutMs, response);
      try {
        const body = await read(response);
        return { status: response.statusCode ?? 0, headers: response.headers, body };
      } finally {
        clearTimeout(late);
      }
    },
    open: (call) => open(call, agents),
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

type Agents = { readonly 'http:': http.Agent; readonly 'https:': https.Agent };

function open(call: HttpCall, agents: Agents): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = call.url.protocol === 'https:';
    const request = (secure ? https : http).request(call.url, {
      method: call.method,
      headers: call.headers,
      agent: agents[secure ? 'https:' : 'http:'],
      ...(call.signal && { signal: call.signal }),
    });
    const timers = [giveUp(call.timeoutMs, request)];
    const finish = () => {
      for (const timer of timers) clearTimeout(timer);
    };
    request.once('socket', (socket) => {
      if (!socket.connecting) return;
      const connecting = giveUp(Math.min(CONNECT_TIMEOUT_MS, call.timeoutMs), request);
      timers.push(connecting);
      socket.once('connect', () => clearTimeout(connecting));
    });
    // Not once: a socket that is torn down after the answer began may report it here, too.
    request.on('error', (error) => {
      finish();
      reject(error);
    });
    request.once('response', (response) => {
      finish();
      resolve(response);
    });
    request.end(call.body);
  });
}

function giveUp(afterMs: Milliseconds, stream: { destroy(error: Error): unknown }): NodeJS.Timeout {
  return setTimeout(() => stream.destroy(new Error(`no answer within ${afterMs} ms`)), afterMs).unref();
}

function read(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    response.once('end', () => resolve(Buffer.concat(chunks)));
    response.once('error', reject);
    response.once('close', () => reject(new Error('the answer was cut off')));
  });
}

const KEEP_ALIVE = { keepAlive: true, maxSockets: 8, scheduling: 'lifo' } as const;

class UnreferencedAgent extends http.Agent {
  readonly #connect: (() => Duplex) | undefined;
  constructor(connect?: () => Duplex) {
    super(KEEP_ALIVE);
    this.#connect = connect;
  }
  override createConnection(
    ...parameters: Parameters<http.Agent['createConnection']>
  ): ReturnType<http.Agent['createConnection']> {
    return this.#connect?.() ?? unreferenced(super.createConnection(...parameters));
  }
  override reuseSocket(socket: Duplex, request: http.ClientRequest): void {
    super.reuseSocket(socket, request);
    unreferenced(socket);
  }
}

class UnreferencedSecureAgent extends https.Agent {
  constructor() {
    super(KEEP_ALIVE);
  }
  override createConnection(
    ...parameters: Parameters<https.Agent['createConnection']>
  ): ReturnType<https.Agent['createConnection']> {
    return unreferenced(super.createConnection(...parameters));
  }
  override reuseSocket(socket: Duplex, request: http.ClientRequest): void {
    super.reuseSocket(socket, request);
    unreferenced(socket);
  }
}

function unreferenced<T extends Duplex | null | undefined>(socket: T): T {
  if (socket && 'unref' in socket && typeof socket.unref === 'function') socket.unref();
  return socket;
}
