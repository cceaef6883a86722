import { spawnSync } from 'node:child_process';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseStackTrace } from '../../../src/stacktrace.ts';

/** A stack with one frame, for tests of how a frame is read. */
const frameOf = (line: string) =>
  parseStackTrace(`Error: x\n    at first (/app/a.js:1:1)\n    ${line}`).frames[1];

describe('a stack of V8', () => {
  test('gives class, message and frames, innermost first', () => {
    const stack = parseStackTrace(
      'TypeError: x is not a function\n    at run (/app/src/job.js:3:5)\n    at main (/app/src/main.js:9:1)',
    );
    expect(stack).toMatchObject({
      language: 'javascript',
      name: 'TypeError',
      message: 'x is not a function',
    });
    expect(stack.frames).toEqual([
      { function: 'run', file: '/app/src/job.js', line: 3, column: 5, inApp: true, language: 'javascript' },
      { function: 'main', file: '/app/src/main.js', line: 9, column: 1, inApp: true, language: 'javascript' },
    ]);
  });

  test('of a real error is read in full', () => {
    function thrower(): never {
      throw new RangeError('out of range');
    }
    const stack = (() => {
      try {
        return thrower();
      } catch (error) {
        return parseStackTrace((error as Error).stack ?? '');
      }
    })();
    expect(stack).toMatchObject({ name: 'RangeError', message: 'out of range' });
    expect(stack.frames[0]).toMatchObject({ function: 'thrower', inApp: true });
    expect(stack.frames[0]?.file).toMatch(/javascript\.test\.ts$/);
  });

  test('keeps all lines of a message', () => {
    const stack = parseStackTrace('Error: first\n\nsecond at noon\n    at f (/app/a.js:1:2)');
    expect(stack.message).toBe('first\n\nsecond at noon');
    expect(stack.frames).toHaveLength(1);
  });

  test('leaves the code out of the class', () => {
    const stack = parseStackTrace('TypeError [ERR_INVALID_URL]: Invalid URL\n    at f (/app/a.js:1:2)');
    expect(stack).toMatchObject({ name: 'TypeError', message: 'Invalid URL' });
  });

  test('of a DOMException has the class that stands in brackets', () => {
    const stack = parseStackTrace(
      'DOMException [AbortError]: This operation was aborted\n    at f (/app/a.js:1:2)',
    );
    expect(stack).toMatchObject({ name: 'AbortError', message: 'This operation was aborted' });
  });

  test('without a class is all message', () => {
    const stack = parseStackTrace('something broke: badly\n    at f (/app/a.js:1:2)');
    expect(stack.name).toBeUndefined();
    expect(stack.message).toBe('something broke: badly');
  });

  test.each([
    'uncaughtException: no cb\nTypeError: no cb\n    at f (/app/a.js:1:2)',
    'Uncaught TypeError: no cb\n    at f (/app/a.js:1:2)',
    '(node:12) UnhandledPromiseRejectionWarning: TypeError: no cb\n    at f (/app/a.js:1:2)',
    'payment failed\nTypeError: no cb\n    at f (/app/a.js:1:2)',
  ])('is found behind what a process or a logger put in front: %j', (text) => {
    expect(parseStackTrace(text)).toMatchObject({ name: 'TypeError', message: 'no cb' });
  });

  test('with Windows line ends is read too', () => {
    const stack = parseStackTrace(
      'Error: x\r\n    at f (C:\\app\\a.js:1:2)\r\n    at g (C:\\app\\b.js:3:4)\r\n',
    );
    expect(stack.message).toBe('x');
    expect(stack.frames.map((frame) => frame.file)).toEqual(['C:\\app\\a.js', 'C:\\app\\b.js']);
  });

  test('in colours is read as without', () => {
    const stack = parseStackTrace(
      '\u001b[31mError: x\u001b[39m\n\u001b[90m    at f (/app/a.js:1:2)\u001b[39m',
    );
    expect(stack).toMatchObject({ name: 'Error', message: 'x', frames: [{ function: 'f' }] });
  });
});

describe('a frame of V8', () => {
  test.each([
    ['at async load (/app/a.js:1:2)', 'load'],
    ['at new Cart (/app/a.js:1:2)', 'Cart'],
    ['at Object.load (/app/a.js:1:2)', 'load'],
    ['at Module.load (file:///app/a.js:1:2)', 'load'],
    ['at async Object.load (/app/a.js:1:2)', 'load'],
    ['at Parser.parse [as fn] (/app/a.js:1:2)', 'Parser.parse'],
    ['at get size [as size] (/app/a.js:1:2)', 'size'],
    ['at Cart.<anonymous> (/app/a.js:1:2)', 'Cart.<anonymous>'],
    ['at Object.<anonymous> (/app/a.js:1:2)', undefined],
    ['at <anonymous> (/app/a.js:1:2)', undefined],
    ['at /app/a.js:1:2', undefined],
    ['at async /app/a.js:1:2', undefined],
    ['at Type.name [as method](/app/a.js:1:2)', 'Type.name'],
  ])('%s is named %s', (line, name) => {
    expect(frameOf(line)).toMatchObject({ file: '/app/a.js', line: 1, column: 2, inApp: true });
    expect(frameOf(line)?.function).toBe(name);
  });

  test.each([
    ['at f (file:///app/my%20app/a.mjs:1:2)', '/app/my app/a.mjs'],
    ['at f (file:///C:/app/a.js:1:2)', 'C:/app/a.js'],
    ['at f (/app/a.js?v=12:1:2)', '/app/a.js'],
    ['at f (webpack-internal:///./src/a.js:1:2)', 'src/a.js'],
    ['at f (webpack://shop/./src/a.ts:1:2)', 'src/a.ts'],
    ['at Page (/app/(shop)/page.js:1:2)', '/app/(shop)/page.js'],
    ['at eval ("/app/views/a.ejs":15:41)', '/app/views/a.ejs'],
    ['at Object.eval [as main] (eval at compile (/app/a.js:7:1), <anonymous>:11:61)', '/app/a.js'],
    ['at f (http://localhost:3000/assets/a.js:1:2)', 'http://localhost:3000/assets/a.js'],
  ])('%s stands in %s', (line, file) => {
    expect(frameOf(line)?.file).toBe(file);
  });

  test.each([
    'at listOnTimeout (node:internal/timers:594:17)',
    'at process.processTicksAndRejections (internal/process/task_queues.js:95:5)',
    'at Socket.emit (events.js:315:20)',
    'at next (/app/node_modules/express/lib/router/index.js:280:10)',
    'at f (/app/node_modules/.pnpm/pg@8.13.1/node_modules/pg/lib/client.js:535:17)',
    'at f (C:\\app\\node_modules\\pg\\lib\\client.js:535:17)',
    'at f (/app/.yarn/cache/pg-npm-8.11.zip/node_modules/pg/lib/client.js:1:1)',
    'at Array.map (<anonymous>)',
    'at new Promise (<anonymous>)',
    'at async Promise.all (index 0)',
    'at Runtime.handleOnce (/var/runtime/index.mjs:1173:29)',
    'at fulfilled (/app/dist/refunds.js:5:58)',
    'at Object.next (/app/dist/refunds.js:14:53)',
    'at __webpack_require__ (/app/dist/main.js:20:42)',
  ])('%s is not the application’s', (line) => {
    expect(frameOf(line)).toMatchObject({ inApp: false });
  });

  test('without a place is one between others only', () => {
    expect(frameOf('at a_function_name')).toMatchObject({ function: 'a_function_name' });
    expect(parseStackTrace('at least one item is needed').frames).toEqual([]);
  });
});

describe('the causes of a JavaScript error', () => {
  const cause = new Error('connect ECONNREFUSED');
  const error = new Error('cannot load the profile', { cause });

  test('are read as util.inspect prints them', () => {
    const stack = parseStackTrace(inspect(error));
    expect(stack).toMatchObject({ name: 'Error', message: 'cannot load the profile' });
    expect(stack.causes).toMatchObject([{ name: 'Error', message: 'connect ECONNREFUSED' }]);
    expect(stack.causes[0]?.frames.length).toBeGreaterThan(0);
  });

  test('are read as Node prints an error that nobody caught', () => {
    const { stderr } = spawnSync(
      process.execPath,
      ['-e', 'throw new Error("outer", { cause: new TypeError("inner") })'],
      { encoding: 'utf8' },
    );
    const stack = parseStackTrace(stderr.slice(stderr.indexOf('Error: outer')));
    expect(stack).toMatchObject({
      name: 'Error',
      message: 'outer',
      causes: [{ name: 'TypeError', message: 'inner' }],
    });
  });

  test('are read as pino joins them', () => {
    const stack = parseStackTrace(
      'Error: outer\n    at f (/app/a.js:1:2)\ncaused by: TypeError: inner\n    at g (/app/b.js:3:4)\ncaused by: RangeError: root\n    at h (/app/c.js:5:6)',
    );
    expect(stack.causes).toMatchObject([
      { name: 'TypeError', message: 'inner', frames: [{ function: 'g' }] },
      { name: 'RangeError', message: 'root', frames: [{ function: 'h' }] },
    ]);
  });

  test('are read when the outer error has no frames', () => {
    const stack = parseStackTrace('OuterError\n  Caused by: InnerError: refused\n    at f (/app/a.js:1:2)');
    expect(stack).toMatchObject({
      name: 'OuterError',
      message: '',
      causes: [{ name: 'InnerError', message: 'refused' }],
    });
  });

  test('of an AggregateError are all its children', () => {
    const children = [new TypeError('first'), new RangeError('second')];
    const stack = parseStackTrace(inspect(new AggregateError(children, 'all failed')));
    expect(stack).toMatchObject({ name: 'AggregateError', message: 'all failed' });
    expect(stack.causes).toMatchObject([
      { name: 'TypeError', message: 'first' },
      { name: 'RangeError', message: 'second' },
    ]);
  });

  test('do not include the properties that inspect prints', () => {
    const stack = parseStackTrace(inspect(Object.assign(new Error('x'), { code: 'E_X', details: { a: 1 } })));
    expect(stack.message).toBe('x');
    expect(stack.causes).toEqual([]);
  });
});

test('stacks of Firefox and Safari are read too', () => {
  const stack = parseStackTrace(
    'TypeError: x is undefined\nrender@https://shop.test/app.js:12:34\n@https://shop.test/app.js:1:1',
  );
  expect(stack).toMatchObject({ language: 'javascript', name: 'TypeError', message: 'x is undefined' });
  expect(stack.frames).toMatchObject([
    { function: 'render', file: 'https://shop.test/app.js', line: 12, column: 34 },
    { line: 1 },
  ]);
});
