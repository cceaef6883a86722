import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { parseAnalysisRecord } from '../../src/analysis-record.ts';
import { readSigningKeys, signRequest } from '../../src/request-signature.ts';
import type { Milliseconds } from '../../src/types.ts';
import { createHttpClient } from '../http-client.ts';
import type { OnAnalysis, Replies } from './replies.ts';

/** Options of {@link createStreamReplies}. */
export interface StreamRepliesOptions {
  readonly sinkUrl: string;
  readonly token: string | undefined;
  readonly signingKey?: string | undefined;
  readonly service: string | undefined;
  readonly onAnalysis: OnAnalysis;
}

/** How long after the last error its answer is listened for; then the connection is given back. */
const LISTEN_MS: Milliseconds = 10 * 60_000;
/** The sink sends a sign of life every 15 s; a stream that is silent for so long is dead. */
const SILENCE_MS: Milliseconds = 50_000;
const CONNECT_MS: Milliseconds = 10_000;
const PAUSES_MS = [500, 2000, 5000, 15_000, 60_000] as const;
/** Events whose answers are awaited; the oldest are forgotten. */
const MAX_AWAITED = 5000;
const MAX_MESSAGE = 1024 * 1024;
const NO_BODY = new Uint8Array();

/**
 * Listens to `GET {sinkUrl}/v1/stream` from the first error on. The stream tells every process of a service every
 * analysis; each prints those of its own errors, so that one stands once in the logs of all of them. Holds no process
 * alive. A sink that has no stream is not asked again.
 */
export function createStreamReplies(options: StreamRepliesOptions): Replies {
  const { sinkUrl, token, signingKey, service, onAnalysis } = options;
  const url = new URL('v1/stream', sinkUrl.endsWith('/') ? sinkUrl : `${sinkUrl}/`);
  if (service !== undefined) url.searchParams.set('service', service);
  const stopped = new AbortController();
  const client = createHttpClient();
  const keys = signingKey === undefined ? [] : readSigningKeys(signingKey);
  const awaited = new Set<string>();
  // An id that no sink has given: what was answered before the connection stood is repeated.
  let lastEventId = 'new-0';
  let until = 0;
  let running = false;

  const take = ({ id, event, data }: ServerSentEvent) => {
    if (id !== undefined) lastEventId = id;
    if (event !== 'analysis') return;
    const record = parseAnalysisRecord(parse(data));
    // Once: a stream that is resumed may repeat what was heard.
    if (record && awaited.delete(record.patrol.eventId)) onAnalysis(record);
  };

  const listen = async (): Promise<'ended' | 'absent'> => {
    const response = await client.open({
      method: 'GET',
      url,
      headers: {
        accept: 'text/event-stream',
        'last-event-id': lastEventId,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(keys.length > 0 && signRequest(keys, NO_BODY)),
      },
      signal: stopped.signal,
      timeoutMs: CONNECT_MS,
    });
    const streams =
      response.statusCode === 200 && /^text\/event-stream/.test(response.headers['content-type'] ?? '');
    if (streams) await readEvents(response, take, () => Date.now() > until);
    else response.resume();
    return streams || response.statusCode === 401 || (response.statusCode ?? 0) >= 429 ? 'ended' : 'absent';
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; Date.now() < until && !stopped.signal.aborted; failures++) {
      const began = Date.now();
      const outcome = await listen().catch(() => 'ended' as const);
      if (outcome === 'absent') return;
      if (Date.now() - began > SILENCE_MS) failures = 0;
      await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? CONNECT_MS);
    }
    running = false;
  };

  return {
    expect({ eventId }) {
      if (stopped.signal.aborted) return;
      awaited.add(eventId);
      if (awaited.size > MAX_AWAITED) for (const oldest of awaited) if (awaited.delete(oldest)) break;
      until = Date.now() + LISTEN_MS;
      if (running) return;
      running = true;
      void run();
    },
    close() {
      stopped.abort();
      client.close();
    },
  };
}

interface ServerSentEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

/** Reads until the stream ends, falls silent, or is no longer wanted; the format is that of the HTML standard, 9.2. */
function readEvents(
  response: IncomingMessage,
  take: (event: ServerSentEvent) => void,
  isOver: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const decoder = new StringDecoder('utf8');
    let text = '';
    let silence: NodeJS.Timeout | undefined;
    const listenOn = () => {
      clearTimeout(silence);
      silence = setTimeout(() => response.destroy(), SILENCE_MS).unref();
    };
    listenOn();
    response.on('data', (chunk: Buffer) => {
      listenOn();
      text += decoder.write(chunk).replaceAll('\r', '');
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        take(parseEvent(text.slice(0, end)));
        text = text.slice(end + 2);
      }
      if (isOver() || text.length > MAX_MESSAGE) response.destroy();
    });
    response.on('error', () => {});
    response.once('close', () => {
      clearTimeout(silence);
      resolve();
    });
  });
}

function parseEvent(block: string): ServerSentEvent {
  let id: string | undefined;
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    if (field === 'id') id = value;
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return { ...(id !== undefined && { id }), event, data: data.join('\n') };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function pause(ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
