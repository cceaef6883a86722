import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureErrorLog } from '../../src/capture.ts';

const frame = '    at charge (/srv/app/src/pay.js:12:7)';

describe('captureErrorLog of an Error', () => {
  it('says class, message, code, stack and place', () => {
    const error = Object.assign(new TypeError('x is not a function'), { code: 'E_X', orderId: 7 });
    error.stack = `TypeError: x is not a function\n${frame}\n    at node:internal/main:1:1`;
    expect(captureErrorLog(error)).toEqual({
      message: 'x is not a function',
      name: 'TypeError',
      code: 'E_X',
      filePath: '/srv/app/src/pay.js',
      lineNumber: 12,
      stackTrace: error.stack,
      context: { orderId: 7 },
    });
  });

  it('writes causes and children below the stack as the parser reads them', () => {
    const cause = new AggregateError([new Error('a'), new RangeError('b')], 'both');
    const lines = (captureErrorLog(new Error('outer', { cause })).stackTrace ?? '').split('\n');
    expect(lines.filter((line) => !line.includes(' at '))).toEqual([
      'Error: outer',
      'caused by: AggregateError: both',
      '  [errors]: [',
      '    Error: a',
      '    RangeError: b',
      '  ]',
    ]);
  });

  it('keeps a cause that is no error in the context', () => {
    expect(captureErrorLog(new Error('x', { cause: { status: 503 } })).context).toEqual({
      cause: { status: 503 },
    });
  });

  it('reads causes that are methods', () => {
    const error = Object.assign(new Error('outer'), { cause: () => new Error('inner') });
    expect(captureErrorLog(error).stackTrace).toContain('\ncaused by: Error: inner');
  });

  it('names an AggregateError without a message by its children', () => {
    const refused = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}:5432`));
    const error = Object.assign(new AggregateError(refused), { code: 'ECONNREFUSED' });
    expect(captureErrorLog(error)).toMatchObject({
      message: 'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
      code: 'ECONNREFUSED',
    });
  });

  it('keeps what a validator lists under errors as data', () => {
    const error = Object.assign(new Error('invalid'), {
      errors: [{ path: 'age', message: 'must be >= 18' }],
    });
    expect(captureErrorLog(error).context).toEqual({ errors: [{ path: 'age', message: 'must be >= 18' }] });
  });

  it('names a DOMException by its name, and not by its old number', () => {
    const { name, message, code } = captureErrorLog(new DOMException('too late', 'TimeoutError'));
    expect({ name, message, code }).toEqual({ name: 'TimeoutError', message: 'too late', code: undefined });
  });

  it('takes the class from the constructor unless a minifier shortened it', () => {
    class QuotaError extends Error {}
    const Minified = { e: class extends Error {} }.e;
    expect(captureErrorLog(new QuotaError('q')).name).toBe('QuotaError');
    expect(captureErrorLog(new Minified('q')).name).toBe('Error');
  });

  it('keeps of an HTTP client only method, address without query, and status', () => {
    const error = Object.assign(new Error('Request failed with status code 500'), {
      code: 'ERR_BAD_RESPONSE',
      config: {
        method: 'post',
        url: 'https://api.test/pay?token=t',
        headers: { authorization: 'x' },
        data: '{}',
      },
      request: { path: '/pay?token=t', method: 'POST', socket: {} },
      response: { status: 500, statusText: 'Internal Server Error', headers: {}, data: 'secret' },
      status: 500,
    });
    expect(captureErrorLog(error).context).toEqual({
      config: { method: 'post', url: 'https://api.test/pay' },
      request: { method: 'POST', path: '/pay' },
      response: { status: 500, statusText: 'Internal Server Error' },
      status: 500,
    });
  });

  it('keeps the metadata of an AWS client', () => {
    const $metadata = { httpStatusCode: 404, requestId: 'R1', attempts: 1 };
    const error = Object.assign(new Error('no such key'), { name: 'NoSuchKey', $fault: 'client', $metadata });
    expect(captureErrorLog(error)).toMatchObject({
      name: 'NoSuchKey',
      context: { $fault: 'client', $metadata },
    });
  });

  it('follows a circular chain once', () => {
    const error: Error = new Error('round');
    error.cause = error;
    expect(captureErrorLog(error).stackTrace?.match(/round/g)).toHaveLength(1);
  });

  it('removes the colours of a terminal', () => {
    const error = new Error('\u001b[31mred\u001b[39m');
    expect(captureErrorLog(error).message).toBe('red');
  });
});

describe('captureErrorLog of a text', () => {
  const cases: Record<string, readonly [text: string, expected: object]> = {
    'a message': ['disk is full', { message: 'disk is full' }],
    'class and message': ['TypeError: x is undefined', { name: 'TypeError', message: 'x is undefined' }],
    'a sentence with a colon': ['payment: failed', { message: 'payment: failed' }],
    'a stack': [
      `RangeError [ERR_OUT_OF_RANGE]: too big\n${frame}`,
      {
        name: 'RangeError',
        code: 'ERR_OUT_OF_RANGE',
        message: 'too big',
        filePath: '/srv/app/src/pay.js',
        lineNumber: 12,
      },
    ],
    'a message of two lines with a stack': [
      `Error: first\nsecond\n${frame}`,
      { name: 'Error', message: 'first\nsecond' },
    ],
    'a log line before a stack': [
      `payment failed: TypeError: x is undefined\n${frame}`,
      { name: 'TypeError', message: 'x is undefined', context: { logMessage: 'payment failed' } },
    ],
    'what util.inspect prints': [
      `Error: connect failed\n${frame} {\n  errno: -111,\n  code: 'ECONNREFUSED'\n}`,
      { name: 'Error', message: 'connect failed', code: 'ECONNREFUSED' },
    ],
    'a Python traceback': [
      'Traceback (most recent call last):\n  File "/srv/app/pay.py", line 3, in charge\n    raise ValueError("no amount")\nValueError: no amount',
      { name: 'ValueError', message: 'no amount', filePath: '/srv/app/pay.py', lineNumber: 3 },
    ],
    'a Java stack': [
      'java.lang.IllegalStateException: no cart\n\tat com.acme.Pay.charge(Pay.java:12)',
      { name: 'java.lang.IllegalStateException', message: 'no cart', lineNumber: 12 },
    ],
    'JSON of a log line': [
      '{"level":"error","message":"failed","stack":"TypeError: x\\n    at a (/srv/a.js:1:1)","reqId":"r1"}',
      { name: 'TypeError', message: 'x', context: { logMessage: 'failed', reqId: 'r1' } },
    ],
    'broken JSON': ['{"level":50,', { message: '{"level":50,' }],
    nothing: ['', { message: '' }],
  };
  for (const [label, [text, expected]] of Object.entries(cases)) {
    it(`reads ${label}`, () => expect(captureErrorLog(text)).toMatchObject(expected));
  }
});

describe('captureErrorLog of errors from other processes', () => {
  const stack = `SyntaxError: bad token\n${frame}`;
  const cases: Record<string, readonly [value: unknown, expected: object]> = {
    'name, message, stack': [
      { name: 'SyntaxError', message: 'bad token', stack },
      { name: 'SyntaxError', message: 'bad token', stackTrace: stack, lineNumber: 12 },
    ],
    'a nested cause': [
      {
        name: 'Error',
        message: 'outer',
        stack: 'Error: outer\n    at a (/a.js:1:1)',
        cause: { name: 'SyntaxError', message: 'bad token', stack },
      },
      { message: 'outer', stackTrace: `Error: outer\n    at a (/a.js:1:1)\ncaused by: ${stack}` },
    ],
    'the wire format': [
      { message: 'bad token', name: 'SyntaxError', filePath: 'src/pay.js', lineNumber: 3, context: { a: 1 } },
      { message: 'bad token', name: 'SyntaxError', filePath: 'src/pay.js', lineNumber: 3, context: { a: 1 } },
    ],
    'a whole event': [
      { eventId: 'e', timestamp: 1, errorLog: { message: 'bad token', stackTrace: stack } },
      { message: 'bad token', name: 'SyntaxError', stackTrace: stack },
    ],
    'OpenTelemetry names': [
      {
        'exception.type': 'SyntaxError',
        'exception.message': 'bad token',
        'exception.stacktrace': stack,
        body: 'b',
      },
      { message: 'bad token', name: 'SyntaxError', stackTrace: stack, context: { body: 'b' } },
    ],
    'Elastic names': [
      {
        '@timestamp': 't',
        message: 'failed',
        error: { type: 'SyntaxError', message: 'bad token', stack_trace: stack },
      },
      { message: 'bad token', name: 'SyntaxError', stackTrace: stack, context: { logMessage: 'failed' } },
    ],
    'a Java log line': [
      {
        level: 'ERROR',
        message: 'failed',
        logger_name: 'Pay',
        stack_trace: 'java.lang.Error: x\n\tat com.acme.Pay.a(Pay.java:1)',
      },
      { message: 'x', name: 'java.lang.Error', context: { logMessage: 'failed', logger_name: 'Pay' } },
    ],
  };
  for (const [label, [value, expected]] of Object.entries(cases)) {
    it(`reads ${label}`, () => {
      expect(captureErrorLog(value)).toMatchObject(expected);
      expect(captureErrorLog(JSON.stringify(value))).toMatchObject(expected);
    });
  }

  it('does not take the name of a logger for a class', () => {
    const line = { level: 50, name: 'shop', msg: 'failed', stack };
    expect(captureErrorLog(line)).toMatchObject({ name: 'SyntaxError', context: { name: 'shop' } });
  });
});

describe('captureErrorLog of what is no error', () => {
  const cases: Record<string, readonly [value: unknown, message: string]> = {
    undefined: [undefined, 'undefined'],
    null: [null, 'null'],
    'a number': [42, '42'],
    'a boolean': [false, 'false'],
    'a BigInt': [10n, '10n'],
    'a symbol': [Symbol('why'), 'Symbol(why)'],
    'a function': [function retry() {}, '[function retry]'],
    'a class': [class Retry {}, '[function Retry]'],
    'a list': [[1, 'two'], 'two'],
    'an object': [{ status: 500, path: '/' }, 'an object without a message: status, path'],
    'an empty object': [{}, 'an object without a message'],
  };
  for (const [label, [value, message]] of Object.entries(cases)) {
    it(`names ${label}`, () => expect(captureErrorLog(value).message).toBe(message));
  }

  it('finds the error among the arguments of a call', () => {
    expect(captureErrorLog(['payment failed', new RangeError('r')])).toMatchObject({
      name: 'RangeError',
      message: 'r',
      context: { logMessage: 'payment failed' },
    });
  });

  it('finds an error under a key that nobody expects', () => {
    expect(captureErrorLog({ msg: 'failed', outcome: new RangeError('r') })).toMatchObject({ message: 'r' });
  });
});

/** Values that make naive code throw, hang or grow. */
const hostile: Record<string, () => unknown> = {
  'a circular record': () => {
    const record: Record<string, unknown> = { msg: 'round' };
    record.self = record;
    return record;
  },
  'a throwing getter': () => ({
    msg: 'm',
    get bad(): never {
      throw new Error('no');
    },
  }),
  'getters that throw on an Error': () =>
    Object.defineProperties(new Error('m'), {
      stack: {
        get: () => {
          throw new Error('no stack');
        },
      },
      message: {
        get: () => {
          throw new Error('no message');
        },
      },
      name: {
        get: () => {
          throw new Error('no name');
        },
      },
    }),
  'a throwing toJSON': () => ({
    msg: 'm',
    inner: {
      toJSON: () => {
        throw new Error('no');
      },
    },
  }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a revoked proxy of an Error under err': () => {
    const { proxy, revoke } = Proxy.revocable(new Error('gone'), {});
    revoke();
    return { msg: 'm', err: proxy };
  },
  'a proxy whose every trap throws': () =>
    new Proxy(
      {},
      new Proxy(
        {},
        {
          get: () => () => {
            throw new Error('trap');
          },
        },
      ),
    ),
  'a record 100,000 deep': () => {
    let inner: unknown = { msg: 'core' };
    for (let depth = 0; depth < 100_000; depth++) inner = { inner };
    return { msg: 'm', inner };
  },
  'a chain of 100,000 causes': () => {
    let error = new Error('root');
    for (let depth = 0; depth < 100_000; depth++)
      error = Object.assign(new Error('link'), { cause: error, stack: '' });
    return error;
  },
  'a tree of aggregates': () => {
    let errors: Error[] = [new Error('leaf')];
    for (let depth = 0; depth < 50; depth++)
      errors = [new AggregateError(errors), new AggregateError(errors)];
    return new AggregateError(errors);
  },
  'a message of 1 MB': () => new Error('x'.repeat(1_048_576)),
  'a text of 1 MB': () => 'Error: x\n    at '.repeat(65_536),
  'a stack that is a number': () => Object.assign(new Error('m'), { stack: 5 }),
  'lone surrogates': () => new Error('\ud800 half \udfff'),
  'a symbol under err': () => ({ msg: 'm', err: Symbol('s') }),
  'BigInt in a record': () => ({ msg: 'm', big: 10n }),
  'a frozen Error': () => Object.freeze(new Error('cold')),
  'an object without a prototype': () => Object.assign(Object.create(null), { msg: 'm' }),
  'keys of prototypes': () =>
    JSON.parse('{"msg":"m","__proto__":{"polluted":true},"constructor":{"name":5}}'),
  'a million keys': () =>
    Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`k${index}`, index])),
  'an Error whose constructor is missing': () => Object.assign(new Error('m'), { constructor: undefined }),
  'a cause that throws when it is called': () =>
    Object.assign(new Error('m'), {
      cause: () => {
        throw new Error('no');
      },
    }),
  'a message that is an object': () => ({ level: 'error', message: { a: { b: 1 } } }),
};

describe('captureErrorLog of hostile values', () => {
  for (const [label, make] of Object.entries(hostile)) {
    it(`survives ${label}`, () => {
      const captured = captureErrorLog(make());
      expect(typeof captured.message).toBe('string');
      const json = JSON.stringify(captured);
      expect(json.length).toBeLessThan(600_000);
      expect(json.isWellFormed()).toBe(true);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });
  }

  it('never throws, and gives plain bounded data, whatever is logged', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    const record = fc.record(
      {
        level: fc.anything(),
        msg: fc.anything(),
        message: anything,
        err: anything,
        error: anything,
        stack: anything,
        cause: anything,
        name: anything,
        code: anything,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(anything, record), (value) => {
        const captured = captureErrorLog(value, { errorKey: 'err', nestedKey: 'message' });
        // -0 is the one plain value that JSON does not keep.
        const json = JSON.stringify(captured);
        expect(JSON.stringify(JSON.parse(json))).toBe(json);
        for (const key of ['message', 'name', 'code', 'stackTrace', 'filePath'] as const) {
          const text = captured[key];
          expect(text === undefined || typeof text === 'string').toBe(true);
        }
      }),
    );
  });
});
