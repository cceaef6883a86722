import fc from 'fast-check';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import winston from 'winston';
import { captureErrorLog } from '../../src/capture.ts';
import { hashErrorLog } from '../../src/hashing.ts';
import { lineKey } from '../../transports/pino/line-key.ts';
import { recordKey as pinoKey } from '../../transports/pino/record-key.ts';
import { createKeyMemo, type RepeatKey, repeatKey } from '../../transports/repeat-key.ts';
import { recordKey } from '../../transports/winston/record-key.ts';

class PaymentError extends Error {}
class TimeoutError extends Error {
  override name = 'TimeoutError';
}

/** Errors that differ in what a fingerprint looks at, and in what it does not. */
const anyError = fc
  .record({
    make: fc.constantFrom(Error, TypeError, PaymentError, TimeoutError),
    text: fc.constantFrom(
      'order # declined',
      'HTTP status #',
      'connect ECONNREFUSED 10.0.0.#:5432',
      "reading '#'",
      'took # ms',
      '#',
    ),
    value: fc.oneof(
      fc.integer({ min: 0, max: 999_999 }).map(String),
      fc.constantFrom('404', '500', 'a', 'total', 'deadbeef01'),
    ),
    code: fc.constantFrom(undefined, 'E_CARD', 'ECONNREFUSED', 404, 500),
    frame: fc.constantFrom(
      'charge (/app/src/pay.js:10:5)',
      'charge (/app/src/pay.js:99:1)',
      'load (/app/src/db.js:3:3)',
    ),
  })
  .map(({ make, text, value, code, frame }) => {
    const error = new make(text.replace('#', value));
    error.stack = `${error.name}: ${error.message}\n    at ${frame}\n    at main (/app/index.js:1:1)`;
    return code === undefined ? error : Object.assign(error, { code });
  });

/** What each door makes of an error, with the key that it uses. */
const doors: Record<string, (error: Error) => { key: RepeatKey | undefined; hash: string }> = {
  winston(error) {
    const format = winston.format.combine(winston.format.errors({ stack: true }), winston.format.json());
    const info = format.transform(Object.assign(error, { level: 'error' }) as never) as object;
    return { key: recordKey(info), hash: hashErrorLog(captureErrorLog(info)).errorHash };
  },
  "winston's splat"(error) {
    const info = {
      ...error,
      level: 'error',
      message: `order failed ${error.message}`,
      stack: error.stack,
      [Symbol.for('splat')]: [error],
    };
    return { key: recordKey(info), hash: hashErrorLog(captureErrorLog(info)).errorHash };
  },
  'a line of pino'(error) {
    let line = '';
    pino(
      {},
      {
        write: (text: string) => {
          line = text;
        },
      },
    ).error(error, 'order failed');
    return { key: lineKey(line, 'err'), hash: hashErrorLog(captureErrorLog(JSON.parse(line))).errorHash };
  },
  pino(error) {
    let line = '';
    pino(
      {},
      {
        write: (text: string) => {
          line = text;
        },
      },
    ).error(error);
    return {
      key: pinoKey({ err: error }, 'err'),
      hash: hashErrorLog(captureErrorLog(JSON.parse(line))).errorHash,
    };
  },
};

describe.each(Object.entries(doors))('the key of a repeat: %s', (_name, door) => {
  it('is known only from an error of the same fingerprint', () => {
    fc.assert(
      fc.property(fc.array(anyError, { minLength: 30, maxLength: 30 }), (errors) => {
        const memo = createKeyMemo<string>({ origins: 1000, messages: 1000 });
        for (const { key, hash } of errors.map(door)) {
          if (key === undefined) continue;
          expect(memo.get(key) ?? hash).toBe(hash);
          memo.set(key, hash);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is known from the same error with other numbers in it', () => {
    const make = (order: number) => {
      const error = new PaymentError(`order ${order} declined`);
      error.stack = `Error: order ${order} declined\n    at charge (/app/src/pay.js:10:5)`;
      return error;
    };
    const memo = createKeyMemo<string>({ origins: 1000, messages: 1000 });
    const known = door(make(123_456)).key;
    expect(known).toBeDefined();
    memo.set(known as RepeatKey, 'its fingerprint');
    expect(memo.get(door(make(654_321)).key as RepeatKey)).toBe('its fingerprint');
    expect(memo.get(door(make(7)).key as RepeatKey)).toBe('its fingerprint');
  });
});

describe('there is no key', () => {
  it.each([
    ['without a stack', { message: 'boom' }],
    ['for a message of several lines', { message: 'a\nb', stack: 'Error: a\nb\n    at f (x.js:1:1)' }],
    [
      'for a message that the stack does not repeat',
      { message: 'boom', stack: 'Error: bang\n    at f (x.js:1:1)' },
    ],
    [
      'for a message that stands in a frame only',
      { message: 'f', stack: 'Error: bang\n    at f (x.js:1:1)' },
    ],
    ['for something that is no text', { message: 7, stack: Symbol('s') }],
  ])('%s', (_name, fields) => {
    expect(repeatKey(fields)).toBeUndefined();
  });

  it('for a line whose error pino did not write', () => {
    expect(lineKey('{"level":50,"msg":"boom"}', 'err')).toBeUndefined();
    expect(lineKey('{"level":50,"err":{"type":"Error","message":"a', 'err')).toBeUndefined();
    expect(
      lineKey('{"level":50,"err":{"type":"Error","message":"a \\"b\\"","stack":"Error: a"}}', 'err'),
    ).toBeUndefined();
  });

  it('for an error with a cause, or with children', () => {
    const withCause = new Error('boom', { cause: new Error('root') });
    expect(pinoKey({ err: withCause }, 'err')).toBeUndefined();
    expect(recordKey({ message: 'x', [Symbol.for('splat')]: [withCause] })).toBeUndefined();
    expect(pinoKey({ err: new AggregateError([new Error('a')], 'all failed') }, 'err')).toBeUndefined();
  });
});
