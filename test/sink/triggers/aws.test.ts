import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSinkLog } from '../../../sink/sink-log.ts';
import { readTrigger } from '../../../sink/triggers/trigger.ts';
import type { ErrorLogEvent } from '../../../src/types.ts';
import { errorEvent, sqsRecord } from '../../support/events.ts';

const eventsOf = (input: unknown): readonly ErrorLogEvent[] =>
  readTrigger(input).records.flatMap(({ events }) => events);
const problemsOf = (input: unknown): readonly string[] =>
  readTrigger(input).records.flatMap(({ problems }) => problems.map(({ message }) => message));

const notification = (message: unknown) => ({
  Type: 'Notification',
  MessageId: 'sns-1',
  TopicArn: 'arn:aws:sns:us-east-1:000000000000:errors',
  Message: JSON.stringify(message),
  Timestamp: '2026-01-01T00:00:00.000Z',
});
const bridge = (detail: unknown) => ({
  version: '0',
  id: 'eb-1',
  'detail-type': 'error',
  source: 'orders',
  time: '2026-01-01T00:00:00Z',
  detail,
});
const subscription = (batch: unknown) => ({
  awslogs: { data: gzipSync(JSON.stringify(batch)).toString('base64') },
});
const logs = (...messages: readonly string[]) =>
  subscription({
    messageType: 'DATA_MESSAGE',
    owner: '000000000000',
    logGroup: '/aws/lambda/orders',
    logStream: '2026/01/01/[$LATEST]abc',
    logEvents: messages.map((message, index) => ({ id: `cw-${index}`, timestamp: 1000 + index, message })),
  });

/** Without an id and a time of its own. */
const bare = { errorLog: { message: 'boom' } };
const BARE_AT = Date.parse('2026-01-01T00:00:00.000Z');

describe('SNS', () => {
  const topic = (...messages: readonly string[]) => ({
    Records: messages.map((Message, index) => ({
      EventSource: 'aws:sns',
      Sns: { MessageId: `m${index}`, Message, Timestamp: '2026-01-01T00:00:00.000Z' },
    })),
  });

  it('brings one event a message', () => {
    expect(eventsOf(topic(JSON.stringify(errorEvent({ eventId: 'a' })), JSON.stringify(bare)))).toMatchObject(
      [{ eventId: 'a' }, { eventId: 'm1', timestamp: BARE_AT }],
    );
  });

  it('keeps a wrong message to itself', () => {
    const { records } = readTrigger(topic('nonsense', JSON.stringify(bare)));
    expect(records[0]?.problems[0]?.message).toContain('Sns.Message');
    expect(records[1]?.events).toHaveLength(1);
  });
});

describe('an SQS body', () => {
  const body = (content: unknown) => ({ Records: [sqsRecord('sqs-1', content)] });

  it('may be an SNS notification, or what SNS delivers raw', () => {
    expect(eventsOf(body(notification(bare)))).toMatchObject([{ eventId: 'sns-1', timestamp: BARE_AT }]);
    expect(eventsOf(body(errorEvent({ eventId: 'a' })))).toMatchObject([{ eventId: 'a' }]);
  });

  it('may be an EventBridge event, alone or through SNS', () => {
    expect(eventsOf(body(bridge(bare)))).toMatchObject([{ eventId: 'eb-1' }]);
    expect(eventsOf(body(notification(bridge(bare))))).toMatchObject([{ eventId: 'eb-1' }]);
  });

  it('may hold several events, each with an id that a redelivery repeats', () => {
    expect(eventsOf(body({ events: [bare, errorEvent({ eventId: 'b' })] })).map((e) => e.eventId)).toEqual([
      'sqs-1#0',
      'b',
    ]);
  });

  it('is not unwrapped for ever', () => {
    let content: unknown = bare;
    for (let depth = 0; depth < 10; depth++) content = notification(content);
    expect(problemsOf(body(content))).toHaveLength(1);
  });
});

describe('EventBridge', () => {
  it('brings what stands under detail', () => {
    expect(eventsOf(bridge(bare))).toMatchObject([{ eventId: 'eb-1', timestamp: BARE_AT }]);
    expect(eventsOf(bridge([bare, bare]))).toHaveLength(2);
    expect(problemsOf(bridge({ hello: 1 }))[0]).toContain('event.errorLog');
  });
});

describe('a CloudWatch Logs subscription', () => {
  it('brings the errors among the lines of an application that knows nothing of Patrol', () => {
    const found = eventsOf(
      logs(
        'START RequestId: 1 Version: $LATEST',
        '{"level":30,"msg":"fine"}',
        '{"level":50,"msg":"bad","err":{"type":"TypeError","message":"x is undefined","stack":"TypeError: x is undefined\\n    at f (/a.js:1:1)"}}',
        '2026-01-01T00:00:00.000Z\t1-2-3\tERROR\tdisk full',
        'END RequestId: 1',
      ),
    );
    expect(found).toMatchObject([
      {
        eventId: 'cw-2',
        timestamp: 1002,
        service: 'orders',
        errorLog: {
          name: 'TypeError',
          message: 'x is undefined',
          context: { logGroup: '/aws/lambda/orders', awsAccount: '000000000000' },
        },
      },
      { eventId: 'cw-3', errorLog: { message: 'disk full' } },
    ]);
  });

  it('joins a stack trace, in one log event or in one for each line', () => {
    const stack = ['TypeError: boom', '    at f (/app/a.js:1:1)', '    at g (/app/b.js:2:2)'];
    for (const input of [logs('up', ...stack), logs('up', stack.join('\n')), logs('up', stack.join('\r'))]) {
      expect(eventsOf(input)).toMatchObject([
        { eventId: 'cw-1', errorLog: { name: 'TypeError', message: 'boom', stackTrace: stack.join('\n') } },
      ]);
    }
  });

  it('reads how Lambda reports an error that its function threw', () => {
    const thrown = {
      errorType: 'TypeError',
      errorMessage: 'boom',
      stack: ['TypeError: boom', '    at f (/a.js:1:1)'],
    };
    const line = `2026-01-01T00:00:00.000Z\t1-2-3\tERROR\tInvoke Error \t${JSON.stringify(thrown)}`;
    expect(eventsOf(logs(line))).toMatchObject([
      { errorLog: { name: 'TypeError', message: 'boom', stackTrace: thrown.stack.join('\n') } },
    ]);
  });

  it('gives two errors of one log event ids of their own', () => {
    expect(eventsOf(logs('[error] a\n[error] b')).map(({ eventId }) => eventId)).toEqual(['cw-0', 'cw-0#2']);
  });

  it('passes over the sink’s own lines, so that its own log group is no loop', () => {
    const lines: string[] = [];
    const log = createSinkLog((line) => void lines.push(line));
    log.error('Event not analysed', new Error('the model is away'), { eventId: 'e1' });
    log.error('Queue not read', new Error('no route'));
    log.info('Stopping');
    expect(eventsOf(logs(...lines))).toEqual([]);
  });

  it('lets nobody hide an error by a field of the sink’s', () => {
    const own = { level: 'ERROR', time: '2026-01-01T00:00:00.000Z', logger: 'patrol-sink' };
    for (const record of [
      { level: 'error', message: 'payment failed', logger: 'patrol-sink' },
      { ...own, msg: 'payment failed', error: 'x' },
      { ...own, msg: 'Event not analysed' },
      { ...own, msg: 'Event not analysed', error: 'x', message: 'payment failed' },
      { ...own, msg: 'Event not analysed', error: 'x', err: { message: 'payment failed' } },
      { ...own, msg: 'Event not analysed', error: 'x', stack: 'Error: payment failed\n    at a (/a.js:1:1)' },
      { ...own, msg: 'Event not analysed', error: { message: 'payment failed' } },
      { ...own, level: 'error', msg: 'Event not analysed', error: 'x' },
    ])
      expect(eventsOf(logs(JSON.stringify(record)))).toHaveLength(1);
  });

  it('takes AWS’s test of a new subscription', () => {
    expect(
      eventsOf(subscription({ messageType: 'CONTROL_MESSAGE', logEvents: [{ message: '[error] a' }] })),
    ).toEqual([]);
  });

  it.each([
    ['no gzip', { awslogs: { data: 'aGVsbG8=' } }],
    ['no text', { awslogs: { data: 7 } }],
    ['no JSON', { awslogs: { data: gzipSync('nonsense').toString('base64') } }],
    ['no object', subscription([1])],
  ])('is refused by name when it is broken: %s', (_, input) => {
    expect(problemsOf(input)[0]).toContain('awslogs.data');
  });
});
