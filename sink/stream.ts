import type { ServerResponse } from 'node:http';
import type { AnalysisRecord } from '../src/analysis-record.ts';
import type { Milliseconds } from '../src/types.ts';
import { toJsonLine } from './json-line.ts';
import type { ReplySender } from './publish.ts';

/** Analyses as server-sent events, for the applications that listen. */
export interface AnalysisStream extends ReplySender {
  /** Lets a listener hear the analyses of a service, or all; with the id of the last one it heard, those since then first. */
  listen(response: ServerResponse, service: string | undefined, lastEventId: string | undefined): void;
  readonly listeners: number;
  close(): void;
}

/** Analyses that a listener who comes back can catch up on. */
const MAX_KEPT = 1000;
/** Proxies close what is silent; a minute is the usual limit. */
const HEARTBEAT_MS: Milliseconds = 15_000;
/** A listener that is this far behind is sent away; it comes back and catches up. */
const MAX_BEHIND_BYTES = 1_048_576;
const MAX_LISTENERS = 1000;

interface Sent {
  readonly number: number;
  readonly service: string | undefined;
  readonly text: string;
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function createStream(): AnalysisStream {
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
  const isFor = (wanted: string | undefined, service: string | undefined) =>
    wanted === undefined || wanted === service;

  return {
    get listeners() {
      return listeners.size;
    },
    async send(record: AnalysisRecord) {
      number += 1;
      const { service } = record.patrol;
      const text = `id: ${boot}-${number}\nevent: analysis\ndata: ${toJsonLine(record)}\n\n`;
      kept.push({ number, service, text });
      if (kept.length > MAX_KEPT) kept.shift();
      for (const [response, wanted] of listeners) if (isFor(wanted, service)) write(response, text);
    },
    listen(response, service, lastEventId) {
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
          if (sent.number > heard && isFor(service, sent.service)) write(response, sent.text);
      }
      listeners.set(response, service);
      response.on('close', () => listeners.delete(response));
    },
    close() {
      clearInterval(heartbeat);
      for (const response of listeners.keys()) response.end();
    },
  };
}
