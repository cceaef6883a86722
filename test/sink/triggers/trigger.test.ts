import { describe, expect, it } from 'vitest';
import { readTrigger } from '../../../sink/triggers/trigger.ts';
import { PatrolError } from '../../../src/errors.ts';
import { errorEvent, sqsRecord } from '../../support/events.ts';

function refusal(input: unknown): PatrolError {
  try {
    readTrigger(input);
  } catch (error) {
    if (error instanceof PatrolError) return error;
  }
  throw new Error('was not refused');
}

describe('direct invocation', () => {
  it('takes one event', () => {
    const { trigger, records } = readTrigger(errorEvent({ eventId: 'a' }));
    expect(trigger).toBe('direct-one');
    expect(records.map((record) => record.events[0]?.eventId)).toEqual(['a']);
  });

  it('takes an array of events and {events}', () => {
    const events = [errorEvent({ eventId: 'a' }), errorEvent({ eventId: 'b' })];
    for (const input of [events, { events }]) {
      expect(readTrigger(input).records.flatMap(({ events: found }) => found.map((e) => e.eventId))).toEqual([
        'a',
        'b',
      ]);
    }
  });

  it('leaves a wrong event in its own place, naming the field', () => {
    const { records } = readTrigger([
      errorEvent(),
      { eventId: 'x', errorLog: { message: 7 } },
      errorEvent(),
      3,
    ]);
    expect(records.map(({ events }) => events.length)).toEqual([1, 0, 1, 0]);
    expect(records[1]?.problems[0]?.message).toContain('event.errorLog.message');
    expect(records[3]?.problems[0]?.message).toContain('got a number');
  });

  it('tells an event without errorLog what it lacks', () => {
    expect(readTrigger({ eventId: 'x' }).records[0]?.problems[0]?.message).toContain('event.errorLog');
  });

  it("accepts the Python prototype's names", () => {
    const [record] = readTrigger({
      event_id: 'a',
      timestamp: 1,
      error_log: { message: 'boom', stack_trace: 's', file_path: 'f.py', line_number: 3 },
    }).records;
    expect(record?.events[0]).toMatchObject({
      eventId: 'a',
      errorLog: { message: 'boom', stackTrace: 's', filePath: 'f.py', lineNumber: 3 },
    });
  });
});

describe('an SQS event', () => {
  it('has one event a message', () => {
    const { trigger, records } = readTrigger({
      Records: [sqsRecord('m1', errorEvent({ eventId: 'a' })), sqsRecord('m2', errorEvent({ eventId: 'b' }))],
    });
    expect(trigger).toBe('sqs');
    expect(records.map(({ id, events }) => [id, events[0]?.eventId])).toEqual([
      ['m1', 'a'],
      ['m2', 'b'],
    ]);
  });

  it('lends a body without them the message id and the time of sending, which a redelivery repeats', () => {
    const record = sqsRecord('m1', { errorLog: { message: 'boom' } }, { SentTimestamp: '1700000000000' });
    const [first, again] = [readTrigger({ Records: [record] }), readTrigger({ Records: [record] })];
    expect(first.records[0]?.events[0]).toMatchObject({ eventId: 'm1', timestamp: 1_700_000_000_000 });
    expect(again).toEqual(first);
  });

  it('says how often a message was delivered', () => {
    const record = sqsRecord('m1', errorEvent(), { ApproximateReceiveCount: '3' });
    expect(readTrigger({ Records: [record] }).records[0]?.receiveCount).toBe(3);
  });

  it.each([
    ['a body that is no JSON', sqsRecord('bad', '{"eventId": secret'), 'body'],
    ['a body without errorLog', sqsRecord('bad', { eventId: 'x' }), 'event.errorLog'],
    ['a body that is a number', sqsRecord('bad', '7'), 'event'],
    ['no body', { messageId: 'bad', eventSource: 'aws:sqs' }, 'body'],
    ['a null record', null, 'body'],
  ])('keeps the neighbours of %s', (_, bad, field) => {
    const { records } = readTrigger({ Records: [bad, sqsRecord('good', errorEvent())] });
    expect(records[0]?.problems[0]?.message).toContain(field);
    expect(records[0]?.problems[0]?.message).not.toContain('secret');
    expect(records[1]?.events).toHaveLength(1);
  });
});

describe('an unknown input', () => {
  it('is refused by the names of its keys, without their values', () => {
    const error = refusal({ hello: 'hunter2', 'wor\u001bld': 1 });
    expect(error.code).toBe('TRIGGER_UNKNOWN');
    expect(error.message).toContain('"hello", "wor\\u001bld"');
    expect(error.message).not.toContain('hunter2');
    expect(error.message).toContain('SQS');
  });

  it.each([
    [null],
    [undefined],
    ['text'],
    [7],
    [{}],
    [{ Records: [] }],
    [{ Records: [{ eventSource: 'aws:s3' }] }],
  ])('is refused: %j', (input) => {
    expect(refusal(input).code).toBe('TRIGGER_UNKNOWN');
  });
});
