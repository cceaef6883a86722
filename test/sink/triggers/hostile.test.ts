import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordReader } from '../../../sink/log-lines/record-reader.ts';
import { readBody } from '../../../sink/triggers/http-body.ts';
import { readHttpEvent } from '../../../sink/triggers/http-event.ts';
import { readTrigger } from '../../../sink/triggers/trigger.ts';
import { PatrolError } from '../../../src/errors.ts';
import { errorEvent, sqsRecord } from '../../support/events.ts';
import { mutated, mutatedText } from '../../support/mutated.ts';

const event = errorEvent({ eventId: 'e' });
const otlp = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: '1700000000000000000',
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'boom' },
              attributes: [
                { key: 'exception.stacktrace', value: { stringValue: 'Error: boom\n    at f (a.js:1:1)' } },
              ],
              traceId: 'a'.repeat(32),
            },
          ],
        },
      ],
    },
  ],
};
const cloudwatch = {
  messageType: 'DATA_MESSAGE',
  logGroup: '/aws/lambda/orders',
  logStream: 's',
  logEvents: [{ id: 'c', timestamp: 1000, message: 'ERROR boom\n    at f (a.js:1:1)' }],
};
const sns = {
  Type: 'Notification',
  MessageId: 'm',
  TopicArn: 'arn:aws:sns:x',
  Message: JSON.stringify(event),
};
const http = {
  version: '2.0',
  rawPath: '/v1/events',
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'POST', path: '/v1/events' } },
  body: JSON.stringify(event),
  isBase64Encoded: false,
};

/** The samples of every trigger; some wrap what is mutated, as their carriers do. */
const inputs = fc.oneof(
  mutated({ Records: [sqsRecord('a', event), sqsRecord('b', sns)] }),
  mutated(event).map((value) => ({ Records: [sqsRecord('a', value)] })),
  mutated({ Records: [{ EventSource: 'aws:sns', Sns: sns }] }),
  mutated({
    version: '0',
    id: 'b',
    'detail-type': 'error',
    source: 's',
    time: '2026-01-01T00:00:00Z',
    detail: event,
  }),
  mutated(cloudwatch).map((value) => ({
    awslogs: { data: gzipSync(JSON.stringify(value) ?? '').toString('base64') },
  })),
  mutatedText('H4sIAAAAAAAAA').map((data) => ({ awslogs: { data } })),
  mutated(otlp),
  mutated({ logs: [{ message: 'boom', level: 'error', timestamp: '2026-01-01T00:00:00Z' }] }),
  mutated({ events: [event], batchId: 'b', dropped: { buffer_full: 2 } }),
  mutated({
    message: { data: Buffer.from(JSON.stringify(event)).toString('base64'), messageId: 'p' },
    subscription: 's',
  }),
);

/** A record that cannot be read is a problem of its own; the whole is refused by a `PatrolError` alone. */
function expectSound(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(PatrolError);
  }
}

describe('whatever a trigger brings', () => {
  it('becomes events or named problems', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        expectSound(() => {
          for (const { events, problems } of readTrigger(input).records) {
            for (const { eventId, errorLog } of events)
              expect([typeof eventId, typeof errorLog.message]).toEqual(['string', 'string']);
            for (const problem of problems) expect(problem).toBeInstanceOf(PatrolError);
          }
        });
      }),
      { numRuns: 600 },
    );
  });

  it('is a request, or none', () => {
    fc.assert(
      fc.property(mutated(http), (input) => {
        expectSound(() => {
          const request = readHttpEvent(input);
          if (request) expect(Buffer.isBuffer(request.body)).toBe(true);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('is a body, or refused', () => {
    const json = [event, [event], { events: [event] }, otlp].map((value) => JSON.stringify(value));
    const types = fc.constantFrom('application/json', 'application/x-ndjson', 'text/plain', '', 'a;b=c');
    fc.assert(
      fc.property(mutatedText(...json, json.join('\n')), types, (text, type) =>
        expectSound(() => readBody(text, type)),
      ),
      { numRuns: 300 },
    );
  });

  it('is lines of a log, none of which stops the reader', () => {
    const lines = mutatedText(
      '{"level":50,"time":1,"msg":"boom","err":{"stack":"Error: boom\\n    at f (a.js:1:1)"}}',
      'Error: boom',
      '    at f (/srv/a.js:1:1)',
      'Traceback (most recent call last):',
      '2026-01-01 ERROR x',
    );
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 8 }), (some) => {
        const found: unknown[] = [];
        const reader = createRecordReader('error', (error) => void found.push(error));
        for (const line of some) reader.push(line, undefined);
        reader.close();
        expect(found.length).toBeLessThanOrEqual(some.length);
      }),
      { numRuns: 300 },
    );
  });
});
