import type { ServerResponse } from 'node:http';
import type { Milliseconds } from '../src/types.ts';

/** Server-sent events for many listeners: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface EventStream {
  /** Tells all who listen to the topic, and all who listen to everything. The data is JSON on one line. */
  send(data: string, topic?: string): void;
  /** Lets somebody listen to a topic, or to all; with the id of the last event it heard, what came since then first. */
  listen(response: ServerResponse, topic: string | undefined, lastEventId: string | undefined): void;
  readonly listeners: number;
  close(): void;
}

/** Options of {@link createEventStream}. */
export interface EventStreamOptions {
  /** The name of its events. */
  readonly event: string;
  /** Events that a listener who comes back can catch up on. @defaultValue 1000 */
  readonly kept?: number;
}

/** Proxies close what is silent; a minute is the usual limit. */
const HEARTBEAT_MS: Milliseconds = 15_000;
/** A listener that is this far behind is sent away; it comes back and catches up. */
const MAX_BEHIND_BYTES = 1_048_576;
const MAX_LISTENERS = 1000;

interface Sent {
  readonly number: number;
  readonly topic: string | undefined;
  readonly text: string;
}

/** See {@link EventStream}. Memory and listeners are bounded. */
export function createEventStream({ event, kept: most = 1000 }: EventStreamOptions): EventStream {
  const listeners = new Map<ServerResponse, string | undefined>();
  const kept: Sent[] = [];
  // Ids of an earlier process must not be taken for ours.
  const boot = Date.now().toString(36);
  let number = 0;

  const write = (response: ServerResponse, text: string) => {
    response.write(text);
    if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
  };
  const heartbeat = setInterval(() => {
    for (const response of listeners.keys()) write(response, ':\n\n');
  }, HEARTBEAT_MS).unref();
  const isFor = (wanted: string | undefined, topic: string | undefined) =>
    wanted === undefined || wanted === topic;

  return {
    get listeners() {
      return listeners.size;
    },
    send(data, topic) {
      number += 1;
      const text = `id: ${boot}-${number}\nevent: ${event}\ndata: ${data}\n\n`;
      kept.push({ number, topic, text });
      if (kept.length > most) kept.shift();
      for (const [response, wanted] of listeners) if (isFor(wanted, topic)) write(response, text);
    },
    listen(response, topic, lastEventId) {
      if (listeners.size >= MAX_LISTENERS) {
        response.writeHead(503, { 'retry-after': '30' }).end();
        return;
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write('retry: 2000\n\n');
      const [of, last] = lastEventId?.split('-') ?? [];
      // Unknown ids are of a process before this one: everything is news then.
      const heard = of === boot ? Number(last) : 0;
      if (lastEventId !== undefined) {
        for (const sent of kept)
          if (sent.number > heard && isFor(topic, sent.topic)) write(response, sent.text);
      }
      listeners.set(response, topic);
      response.on('close', () => listeners.delete(response));
    },
    close() {
      clearInterval(heartbeat);
      for (const response of listeners.keys()) response.end();
    },
  };
}
