import { describe, expect, it } from 'vitest';
import { readTrigger } from '../../../sink/triggers/trigger.ts';
import type { ErrorLogEvent } from '../../../src/types.ts';

const eventsOf = (input: unknown): readonly ErrorLogEvent[] =>
  readTrigger(input).records.flatMap(({ events }) => events);

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const record = (text: string, fields: Record<string, unknown> = {}) => ({
  timeUnixNano: '1767225600123456789',
  severityNumber: 17,
  body: { stringValue: text },
  ...fields,
});

const exported = {
  resourceLogs: [
    {
      resource: {
        attributes: [
          attribute('service.name', 'orders'),
          attribute('deployment.environment.name', 'production'),
          attribute('vcs.repository.url.full', 'https://github.com/acme/orders'),
          attribute('vcs.ref.head.revision', 'abc123'),
        ],
      },
      scopeLogs: [
        {
          logRecords: [
            record('could not save', {
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: 'b7ad6b7169203331',
              attributes: [
                attribute('exception.type', 'TypeError'),
                attribute('exception.message', 'x is undefined'),
                attribute('exception.stacktrace', 'TypeError: x is undefined\n    at f (/a.js:1:1)'),
                { key: 'retries', value: { intValue: '3' } },
                {
                  key: 'tags',
                  value: { arrayValue: { values: [{ stringValue: 'a' }, { boolValue: true }] } },
                },
              ],
            }),
            record('fine', { severityNumber: 9 }),
          ],
        },
        { logRecords: [record('second scope')] },
      ],
    },
    { resource: {}, scopeLogs: [{ logRecords: [record('second resource')] }] },
  ],
};

describe('OTLP/HTTP JSON logs', () => {
  it('bring every error of every resource and scope', () => {
    expect(eventsOf(exported).map(({ errorLog }) => errorLog.message)).toEqual([
      'x is undefined',
      'second scope',
      'second resource',
    ]);
  });

  it('map the semantic conventions', () => {
    expect(eventsOf(exported)[0]).toMatchObject({
      timestamp: 1_767_225_600_123,
      service: 'orders',
      environment: 'production',
      repositoryUrl: 'https://github.com/acme/orders',
      commit: 'abc123',
      errorLog: {
        name: 'TypeError',
        message: 'x is undefined',
        stackTrace: 'TypeError: x is undefined\n    at f (/a.js:1:1)',
        context: {
          logMessage: 'could not save',
          retries: 3,
          tags: ['a', true],
          traceId: '0af7651916cd43dd8448eb211c80319c',
          spanId: 'b7ad6b7169203331',
        },
      },
    });
  });

  it('sent again by the exporter are the same events', () => {
    const ids = (input: unknown) => eventsOf(input).map(({ eventId }) => eventId);
    expect(ids(structuredClone(exported))).toEqual(ids(exported));
    expect(new Set(ids(exported)).size).toBe(3);
  });

  it('may have the prototype’s plain objects for attributes', () => {
    const input = {
      resourceLogs: [
        {
          resource: {
            attributes: { 'service.name': 'orders', 'git.repository.url': 'https://github.com/a/b' },
          },
          scopeLogs: [{ logRecords: [{ body: 'boom', attributes: { 'exception.type': 'E' } }] }],
        },
      ],
    };
    expect(eventsOf(input)).toMatchObject([
      {
        service: 'orders',
        repositoryUrl: 'https://github.com/a/b',
        errorLog: { name: 'E', message: 'boom' },
      },
    ]);
  });

  it('whose record says nothing of its severity are taken: somebody sent them here', () => {
    const input = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'boom' } }] }] }] };
    expect(eventsOf(input)).toHaveLength(1);
  });

  it('with a structured body are read like a log record', () => {
    const body = { kvlistValue: { values: [attribute('msg', 'boom'), attribute('code', 'E1')] } };
    const input = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 'ERROR', body }] }] }] };
    expect(eventsOf(input)).toMatchObject([{ errorLog: { message: 'boom' } }]);
  });

  it.each([
    [{ resourceLogs: [] }],
    [{ resourceLogs: [null, 7, { scopeLogs: [null, { logRecords: 'x' }] }] }],
    [{ resourceLogs: [{ resource: 7, scopeLogs: [{ logRecords: [] }] }] }],
  ])('that hold nothing are no error: %j', (input) => {
    expect(eventsOf(input)).toEqual([]);
  });
});

describe('Vector’s {logs}', () => {
  it('brings its own log events and OTLP’s in snake_case', () => {
    const input = {
      logs: [
        { message: 'boom', timestamp: '2026-01-01T00:00:00Z', level: 'error', host: 'h' },
        { message: 'fine', level: 'info' },
        {
          message: 'bang',
          severity_text: 'ERROR',
          severity_number: 17,
          attributes: { 'exception.stacktrace': 'Error: bang\n    at f (/a.js:1:1)' },
          resources: { 'service.name': 'orders' },
          trace_id: 'abc',
        },
      ],
    };
    expect(eventsOf(input)).toMatchObject([
      { timestamp: Date.parse('2026-01-01T00:00:00Z'), errorLog: { message: 'boom' } },
      { service: 'orders', errorLog: { message: 'bang', context: { traceId: 'abc' } } },
    ]);
  });
});

describe('an event whose context speaks OpenTelemetry', () => {
  it('is routed by it, unless it says so itself', () => {
    const context = {
      'service.name': 'orders',
      'git.repository.url': 'https://github.com/a/b',
      'git.commit.sha': 'c1',
    };
    const events = [
      { errorLog: { message: 'a', context } },
      { service: 'own', errorLog: { message: 'b', context } },
    ];
    expect(eventsOf({ events })).toMatchObject([
      { service: 'orders', repositoryUrl: 'https://github.com/a/b', commit: 'c1' },
      { service: 'own', repositoryUrl: 'https://github.com/a/b' },
    ]);
  });
});
