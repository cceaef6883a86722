import type { AnalysisRecord } from '../src/analysis-record.ts';
import { createEventStream, type EventStream } from './event-stream.ts';
import { toJsonLine } from './json-line.ts';
import type { ReplySender } from './publish.ts';

/** Analyses as server-sent events, for the applications that listen: each to the analyses of a service, or to all. */
export type AnalysisStream = ReplySender & Omit<EventStream, 'send'>;

/** See {@link AnalysisStream}. */
export function createStream(): AnalysisStream {
  const stream = createEventStream({ event: 'analysis' });
  return {
    get listeners() {
      return stream.listeners;
    },
    async send(record: AnalysisRecord) {
      stream.send(toJsonLine(record), record.patrol.service);
    },
    listen: stream.listen,
    close: stream.close,
  };
}
