import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';

const minimal = { eventId: 'e-1', timestamp: 1_700_000_000_000, errorLog: { message: 'boom' } };

describe('an event in the wire format', () => {
  test('needs a message, an id and a time; it stands for one occurrence', () => {
    expect(parseErrorLogEvent(minimal)).toEqual({ ...minimal, occurrences: 1 });
  });

  test('keeps every field of the format', () => {
    const full = {
      ...minimal,
      errorLog: {
        message: 'boom',
        name: 'TypeError',
        code: 'E_BOOM',
        filePath: 'src/a.ts',
        lineNumber: 7,
        stackTrace: 'TypeError: boom\n    at f (src/a.ts:7:1)',
        context: { reqId: 'r-1' },
      },
      repositoryUrl: 'https://github.com/acme/shop',
      commit: 'abc1234',
      service: 'shop',
      environment: 'production',
      occurrences: 12,
      firstSeen: 1_699_999_999_000,
      lastSeen: 1_700_000_000_000,
      fingerprint: ['checkout', 'boom'],
      webhookConfigId: 'w-1',
    };
    expect(parseErrorLogEvent(full)).toEqual(full);
  });

  test('is understood with names in snake_case, as Python callers of the prototype sent them', () => {
    const event = parseErrorLogEvent({
      event_id: 'e-1',
      timestamp: 1_700_000_000_000,
      error_log: { message: 'boom', stack_trace: 'Traceback', file_path: 'a.py', line_number: 3 },
      repository_url: 'https://github.com/acme/shop',
    });
    expect(event).toEqual({
      ...minimal,
      occurrences: 1,
      repositoryUrl: 'https://github.com/acme/shop',
      errorLog: { message: 'boom', stackTrace: 'Traceback', filePath: 'a.py', lineNumber: 3 },
    });
  });

  test('keeps unknown fields in the context', () => {
    const event = parseErrorLogEvent({
      ...minimal,
      region: 'eu',
      errorLog: { message: 'boom', severity: 'high' },
    });
    expect(event.errorLog.context).toEqual({ region: 'eu', severity: 'high' });
  });

  test('takes null for a field that is left out', () => {
    const event = parseErrorLogEvent({
      ...minimal,
      commit: null,
      errorLog: { message: 'boom', stackTrace: null },
    });
    expect(event).toEqual({ ...minimal, occurrences: 1 });
  });

  test('takes an ISO date for a time and digits for a line', () => {
    const event = parseErrorLogEvent({
      ...minimal,
      timestamp: '2026-01-02T03:04:05.000Z',
      errorLog: { message: 'boom', lineNumber: '42' },
    });
    expect(event.timestamp).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    expect(event.errorLog.lineNumber).toBe(42);
  });

  test('gets an id and a time from its carrier when it has none', () => {
    const event = parseErrorLogEvent({ errorLog: { message: 'boom' } }, { eventId: 'm-1', timestamp: 5 });
    expect(event).toMatchObject({ eventId: 'm-1', timestamp: 5 });
  });

  test.each([
    [null, 'Expected an event to be a JSON object, got null.'],
    ['text', 'Expected an event to be a JSON object, got a string of 4 characters.'],
    [[], 'Expected an event to be a JSON object, got an array of 0.'],
    [
      { ...minimal, errorLog: undefined },
      'Expected event.errorLog to be an object with a message, got nothing.',
    ],
    [{ ...minimal, errorLog: {} }, 'Expected event.errorLog.message to be a text, got nothing.'],
    [{ ...minimal, errorLog: { message: 7 } }, 'Expected event.errorLog.message to be a text, got a number.'],
    [
      { ...minimal, timestamp: 'yesterday' },
      'Expected event.timestamp to be milliseconds since 1970 or an ISO 8601 date, got a string of 9 characters.',
    ],
    [
      { ...minimal, occurrences: 0 },
      'Expected event.occurrences to be a whole number of at least 1, got a number.',
    ],
    [
      { ...minimal, occurrences: '3' },
      'Expected event.occurrences to be a whole number of at least 1, got a string of 1 character.',
    ],
    [
      { ...minimal, fingerprint: 'x' },
      'Expected event.fingerprint to be an array of at most 32 texts, got a string of 1 character.',
    ],
    [
      { ...minimal, errorLog: { message: 'boom', context: [] } },
      'Expected event.errorLog.context to be an object, got an array of 0.',
    ],
    [
      { ...minimal, errorLog: { message: 'boom', lineNumber: -1 } },
      'Expected event.errorLog.lineNumber to be a whole number, got a number.',
    ],
  ])('%j is refused with a sentence that names the field', (value, message) => {
    expect(() => parseErrorLogEvent(value)).toThrow(new PatrolError('EVENT_INVALID', message));
  });

  test('that is refused shows none of its values', () => {
    const secret = 'hunter2-hunter2';
    expect(() =>
      parseErrorLogEvent({
        ...minimal,
        timestamp: secret,
        service: { secret },
        errorLog: { message: [secret] },
      }),
    ).toThrow(expect.not.objectContaining({ message: expect.stringContaining(secret) }));
  });

  test('is cut to bounds, not refused', () => {
    const deep: Record<string, unknown> = {};
    let inner = deep;
    for (let level = 0; level < 1000; level++) inner = inner.in = {} as Record<string, unknown>;
    const event = parseErrorLogEvent({
      ...minimal,
      errorLog: {
        message: 'x'.repeat(1_000_000),
        stackTrace: 'y'.repeat(1_000_000),
        context: { deep, many: Array(10_000).fill(1) },
      },
    });
    expect(JSON.stringify(event).length).toBeLessThan(100_000);
    expect(event.errorLog.message).toMatch(/^x+…$/);
  });

  test('cannot set a prototype', () => {
    const event = parseErrorLogEvent(
      JSON.parse(
        '{"errorLog":{"message":"boom","__proto__":{"polluted":1},"context":{"__proto__":{"polluted":1}}}}',
      ),
    );
    expect((event.errorLog as unknown as Record<string, unknown>).polluted).toBeUndefined();
    expect((event.errorLog.context as Record<string, unknown>)?.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('is either an event or a PatrolError, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withSparseArray: true, withNullPrototype: true }),
        (value) => {
          for (const candidate of [
            value,
            { ...minimal, errorLog: value },
            { ...minimal, errorLog: { message: 'm', context: value } },
          ]) {
            try {
              expect(parseErrorLogEvent(candidate).errorLog.message).toBeTypeOf('string');
            } catch (error) {
              expect(error).toBeInstanceOf(PatrolError);
            }
          }
        },
      ),
    );
  });
});
