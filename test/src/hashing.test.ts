import { describe, expect, test } from 'vitest';
import { FINGERPRINT_VERSION, hashErrorLog, normalizeErrorLog } from '../../src/hashing.ts';
import type { ErrorLog } from '../../src/types.ts';

const hashOf = (errorLog: ErrorLog) => hashErrorLog(errorLog).errorHash;
const withStack = (stackTrace: string, more: Partial<ErrorLog> = {}): ErrorLog => ({
  message: 'x',
  stackTrace,
  ...more,
});
const partsOf = (errorLog: ErrorLog) =>
  normalizeErrorLog(errorLog).parts.map(({ kind, value }) => `${kind} ${value}`);

const failedWith = (message: string) => hashOf({ message });

const ORDER = `TypeError: Cannot read properties of undefined (reading 'total')
    at sumOf (/srv/shop/releases/20250112/src/cart/total.js:12:7)
    at Array.map (<anonymous>)
    at checkout (/srv/shop/releases/20250112/src/routes/orders.js:40:11)
    at next (/srv/shop/releases/20250112/node_modules/express/lib/router/index.js:280:10)`;

test('a hash is 64 lower-case hexadecimal characters', () => {
  expect(hashOf({ message: 'x' })).toMatch(/^[0-9a-f]{64}$/);
});

test('what went into it can be read, in order', () => {
  const { normalized } = hashErrorLog(withStack(ORDER, { code: 'E_CART' }));
  expect(normalized.fingerprintVersion).toBe(FINGERPRINT_VERSION);
  expect(normalized.parts.map(({ kind, value }) => [kind, value])).toEqual([
    ['class', 'TypeError'],
    ['message', "Cannot read properties of undefined (reading 'total')"],
    ['code', 'E_CART'],
    ['frame', 'sumOf src/cart/total.js'],
  ]);
  for (const part of normalized.parts) expect(part.reason).not.toBe('');
});

describe('one error, deployed again', () => {
  const hash = hashOf(withStack(ORDER));
  test.each([
    [
      'another install root',
      (stack: string) => stack.replaceAll('/srv/shop/releases/20250112', '/usr/src/app'),
    ],
    [
      'another home',
      (stack: string) => stack.replaceAll('/srv/shop/releases/20250112', '/home/deploy/apps/shop/current'),
    ],
    [
      'a container layer',
      (stack: string) =>
        stack.replaceAll('/srv/shop/releases/20250112', '/var/lib/docker/overlay2/9c1f0be3a77d/merged/app'),
    ],
    [
      'Windows',
      (stack: string) =>
        stack
          .replaceAll('/srv/shop/releases/20250112/', 'C:\\apps\\shop\\')
          .replaceAll(/(?<=\\[\w\\]*)\//g, '\\'),
    ],
    ['as an ES module', (stack: string) => stack.replaceAll('(/srv', '(file:///srv')],
    ['other lines and columns', (stack: string) => stack.replace('total.js:12:7', 'total.js:98:31')],
    [
      'pnpm',
      (stack: string) =>
        stack.replace('node_modules/express', 'node_modules/.pnpm/express@4.21.2/node_modules/express'),
    ],
    ['with a query', (stack: string) => stack.replace('total.js:', 'total.js?v=3f2a:')],
    ['a shorter stack', (stack: string) => stack.split('\n').slice(0, 2).join('\n')],
    ['an async caller', (stack: string) => stack.replace('at checkout', 'at async Object.checkout')],
    ['another caller', (stack: string) => stack.replace('checkout', 'preview')],
  ])('has the same hash: %s', (_what, redeploy) => {
    expect(hashOf(withStack(redeploy(ORDER)))).toBe(hash);
  });

  test.each([
    ['another property', (stack: string) => stack.replace("'total'", "'price'")],
    ['another class', (stack: string) => stack.replace('TypeError', 'RangeError')],
    ['another message', (stack: string) => stack.replace('undefined', 'null')],
    ['another function', (stack: string) => stack.replace('sumOf', 'averageOf')],
    ['another file', (stack: string) => stack.replace('cart/total.js', 'cart/shipping.js')],
    ['a cause', (stack: string) => `${stack}\ncaused by: Error: gone\n    at f (/app/a.js:1:2)`],
  ])('is another error: %s', (_what, change) => {
    expect(hashOf(withStack(change(ORDER)))).not.toBe(hash);
  });
});

describe('the class', () => {
  test('is the one in the stack', () => {
    expect(partsOf(withStack('QuotaError: x\n    at f (/app/a.js:1:2)', { name: 'a' }))[0]).toBe(
      'class QuotaError',
    );
  });

  test('is the logged one where the stack only says that it is an error', () => {
    expect(partsOf(withStack('error: x\n    at f (/app/a.js:1:2)', { name: 'DatabaseError' }))[0]).toBe(
      'class DatabaseError',
    );
  });

  test('that a minifier left two letters of does not count', () => {
    expect(partsOf(withStack('Error: x\n    at f (/app/a.js:1:2)', { name: 'aB' }))[0]).toBe('class Error');
  });

  test('counts without its package', () => {
    expect(partsOf({ message: 'x', name: 'com.acme.LedgerException' })[0]).toBe('class LedgerException');
  });
});

describe('the message', () => {
  test('is the one in the stack, since loggers put theirs in front', () => {
    expect(
      hashOf(
        withStack(ORDER, {
          message: "GET /orders/12 -> Cannot read properties of undefined (reading 'total')",
        }),
      ),
    ).toBe(hashOf(withStack(ORDER)));
  });

  test('counts with its first and its last line that say something', () => {
    const excerpt = (path: string, line: number) =>
      `TypeError: ${path}:${line}\n    ${line - 1}| <p>\n >> ${line}| <%= a.name %>\n\nCannot read properties of undefined (reading 'name')\n    at f (/app/a.js:1:2)`;
    expect(hashOf(withStack(excerpt('/srv/a.ejs', 3)))).toBe(hashOf(withStack(excerpt('/app/a.ejs', 9))));
    expect(partsOf(withStack(excerpt('/srv/a.ejs', 3)))[1]).toBe(
      "message Cannot read properties of undefined (reading 'name')",
    );
  });

  test('that is JSON counts with the fields and codes that it names, each once', () => {
    const issue = (path: string, code = 'invalid_type') => ({
      code,
      expected: 'string',
      path: ['items', 3, path],
      message: 'Required',
    });
    const zod = (...issues: object[]) => failedWith(JSON.stringify(issues, null, 2));
    expect(zod(issue('name'))).toBe(zod(issue('name'), issue('name')));
    expect(zod(issue('name'))).not.toBe(zod(issue('email')));
    expect(zod(issue('name'))).not.toBe(zod(issue('name', 'too_small')));
  });

  test.each([
    ['Unexpected token < in JSON at position 12', `Unexpected token '<', "<html>x1" is not valid JSON`],
    ["Cannot read property 'id' of undefined", "Cannot read properties of undefined (reading 'id')"],
    ["Cannot set property 'id' of null", "Cannot set properties of null (setting 'id')"],
    [
      'Bad control character in string literal in JSON at position 9',
      'Bad control character in string literal in JSON at position 9 (line 1 column 10)',
    ],
  ])('of an older V8 is that of a newer one: %s', (old, newer) => {
    expect(failedWith(old)).toBe(failedWith(newer));
  });

  test('of a missing module names the module, wherever the application stands', () => {
    const missing = (path: string) => failedWith(`Cannot find module '${path}' imported from /x/main.js`);
    expect(missing('/srv/shop/src/cart.js')).toBe(missing('/usr/src/app/src/cart.js'));
    expect(missing('/srv/shop/src/cart.js')).not.toBe(missing('/srv/shop/src/order.js'));
  });

  test('alone tells errors apart that have no stack', () => {
    expect(hashOf({ message: 'order 12 not found' })).toBe(hashOf({ message: 'order 9 not found' }));
    expect(hashOf({ message: 'order 12 not found' })).not.toBe(hashOf({ message: 'customer 12 not found' }));
  });

  test('may hold the stack itself', () => {
    const inMessage = hashOf({
      message: `uncaughtException: no cb\nTypeError: no cb\n    at run (/app/src/job.js:3:5)`,
    });
    expect(inMessage).toBe(hashOf(withStack('TypeError: no cb\n    at run (/srv/x/src/job.js:9:9)')));
  });
});

describe('the code', () => {
  test('tells errors apart', () => {
    expect(hashOf({ message: 'failed', code: 'P2002' })).not.toBe(
      hashOf({ message: 'failed', code: 'P2025' }),
    );
  });

  test('that the message names already adds nothing', () => {
    expect(hashOf({ message: 'connect ECONNREFUSED 1.2.3.4:5', code: 'ECONNREFUSED' })).toBe(
      hashOf({ message: 'connect ECONNREFUSED 1.2.3.4:5' }),
    );
  });

  test('that looks like an id does not count', () => {
    expect(partsOf({ message: 'failed', code: '8f14e45fceea167a5a36dedd4bea2543' })).toEqual([
      'message failed',
    ]);
  });
});

describe('the frames', () => {
  const stackOf = (...frames: string[]) =>
    withStack(['Error: x', ...frames.map((frame) => `    at ${frame}`)].join('\n'));

  test('of an anonymous function stand with the function around it', () => {
    const errorLog = stackOf(
      '/app/src/a.js:3:5',
      'Array.map (<anonymous>)',
      'total (/app/src/a.js:2:9)',
      'main (/app/src/m.js:1:1)',
    );
    expect(partsOf(errorLog).slice(2)).toEqual(['frame src/a.js', 'frame total src/a.js']);
  });

  test('of a helper stand with its caller', () => {
    const called = (caller: string) =>
      stackOf('assert (/app/src/assert.js:3:5)', `${caller} (/app/src/a.js:2:9)`);
    expect(hashOf(called('ship'))).not.toBe(hashOf(called('bill')));
  });

  test('of a recursion count once, however deep it went', () => {
    const deep = (depth: number) =>
      stackOf('leaf (/app/src/a.js:1:1)', ...Array<string>(depth).fill('walk (/app/src/a.js:2:2)'));
    expect(hashOf(deep(1))).toBe(hashOf(deep(9)));
  });

  test('of a stack that overflowed count in any order', () => {
    const cycle = ['a (/app/src/x.js:1:1)', 'b (/app/src/x.js:2:2)', 'c (/app/src/x.js:3:3)'];
    const cut = (from: number) =>
      withStack(
        `RangeError: Maximum call stack size exceeded\n${Array.from({ length: 10 }, (_, index) => `    at ${cycle[(from + index) % 3]}`).join('\n')}`,
      );
    expect(hashOf(cut(0))).toBe(hashOf(cut(1)));
    expect(hashOf(cut(0))).toBe(hashOf(cut(2)));
  });

  test('of minified code keep the names of methods and lose those of variables', () => {
    const bundle = (hash: string, variable: string) =>
      stackOf(
        `${variable}.resolve (/app/dist/server-${hash}.js:1:571)`,
        `${variable} (/app/dist/server-${hash}.js:1:1865)`,
        `/app/dist/server-${hash}.js:2:10`,
      );
    expect(hashOf(bundle('EY3KIQHZ', 'n'))).toBe(hashOf(bundle('KDTK5HDK', 's')));
    expect(partsOf(bundle('EY3KIQHZ', 'n')).slice(2)).toEqual(['frame resolve dist/server.js']);
  });

  test('of helpers that a compiler wrote do not count', () => {
    const errorLog = stackOf(
      'Cart.<anonymous> (/app/dist/cart.js:81:35)',
      'step (/app/dist/cart.js:33:23)',
      'Object.next (/app/dist/cart.js:14:53)',
    );
    expect(partsOf(errorLog).slice(2)).toEqual(['frame Cart.<anonymous> dist/cart.js']);
  });

  test('of dependencies do not count, so another version changes nothing', () => {
    const at = (line: number) =>
      stackOf(`fn${line} (/app/node_modules/pg/lib/client.js:${line}:1)`, 'load (/app/src/db.js:1:1)');
    expect(hashOf(at(1))).toBe(hashOf(at(2)));
  });

  test('are replaced by the dependency in which it arose when there are none', () => {
    const refused = (file: string) =>
      withStack(`Error: connect ECONNREFUSED 10.0.0.1:80\n    at f (${file}:1:1)\n    at g (node:net:1:1)`);
    expect(partsOf(refused('/app/node_modules/pg/lib/client.js')).at(-1)).toBe('location pg');
    expect(hashOf(refused('/app/node_modules/pg/lib/client.js'))).toBe(
      hashOf(refused('/srv/x/node_modules/.pnpm/pg@8.13.1/node_modules/pg/lib/client.js')),
    );
    expect(hashOf(refused('/app/node_modules/pg/lib/client.js'))).not.toBe(
      hashOf(refused('/app/node_modules/ioredis/built/redis.js')),
    );
    // The packages of a scope are split and merged from version to version.
    expect(hashOf(refused('/app/node_modules/@smithy/core/index.js'))).toBe(
      hashOf(refused('/app/node_modules/@smithy/smithy-client/index.js')),
    );
  });

  test('do not depend on how a version of V8 names the object that holds a function', () => {
    expect(hashOf(stackOf('Function.create (/app/src/a.js:1:1)'))).toBe(
      hashOf(stackOf('router.create (/app/src/a.js:1:1)')),
    );
    expect(hashOf(stackOf('Cart.create (/app/src/a.js:1:1)'))).not.toBe(
      hashOf(stackOf('Order.create (/app/src/a.js:1:1)')),
    );
  });

  test('are replaced by the file that the event names when there are none', () => {
    expect(partsOf({ message: 'x', filePath: '/srv/shop/src/db.js', lineNumber: 3 })).toEqual([
      'message x',
      'location src/db.js',
    ]);
  });

  test.each([
    [
      'Python, whose comprehensions have frames only before 3.12',
      'Traceback (most recent call last):\n  File "/app/shop/a.py", line 3, in total\n    x\nKeyError: 1',
      'Traceback (most recent call last):\n  File "/app/shop/a.py", line 3, in total\n    x\n  File "/app/shop/a.py", line 3, in <listcomp>\n    x\nKeyError: 1',
    ],
    [
      'Java, whose lambdas are numbered',
      'java.lang.Error: x\n\tat com.acme.A.lambda$sum$0(A.java:1)',
      'java.lang.Error: x\n\tat com.acme.A.lambda$sum$3(A.java:9)',
    ],
    [
      'Go, whose closures are numbered',
      'panic: x\n\ngoroutine 1 [running]:\nmain.run.func1()\n\t/app/main.go:3 +0x1',
      'panic: x\n\ngoroutine 9 [running]:\nmain.run.func2.1()\n\t/srv/a/main.go:8 +0x2',
    ],
    [
      'Rust, whose symbols end in a hash',
      "thread 'main' panicked at src/a.rs:1:1:\nx\nstack backtrace:\n   0: shop::a::run::h0123456789abcdef\n             at ./src/a.rs:1:1",
      "thread 'w-2' panicked at src/a.rs:2:1:\nx\nstack backtrace:\n   0: shop::a::run::hfedcba9876543210\n             at ./src/a.rs:2:1",
    ],
  ])('do not depend on what a compiler counts: %s', (_what, one, other) => {
    expect(hashOf(withStack(one))).toBe(hashOf(withStack(other)));
  });
});

describe('causes', () => {
  const caused = (message: string, frame: string) =>
    withStack(
      `Error: cannot load\n    at load (/app/src/a.js:1:1)\ncaused by: Error: ${message}\n    at ${frame}`,
    );

  test('count with their class and masked message', () => {
    expect(hashOf(caused('connect ECONNREFUSED 1.2.3.4:5', 'f (node:net:1:1)'))).toBe(
      hashOf(caused('connect ECONNREFUSED 9.8.7.6:5', 'f (node:net:2:2)')),
    );
    expect(hashOf(caused('a', 'f (node:net:1:1)'))).not.toBe(hashOf(caused('b', 'f (node:net:1:1)')));
  });

  test('count with the function in which the first of them arose', () => {
    expect(hashOf(caused('a', 'post (/app/src/b.js:1:1)'))).not.toBe(
      hashOf(caused('a', 'undo (/app/src/b.js:1:1)')),
    );
  });

  test('that are all alike make an AggregateError one of them', () => {
    const failed = (port: number) =>
      `    Error: connect ECONNREFUSED 127.0.0.1:${port}\n        at f (node:net:1:1)`;
    const aggregate = withStack(
      `AggregateError: All promises were rejected {\n  [errors]: [\n${failed(1)},\n${failed(2)}\n  ]\n}`,
    );
    expect(hashOf(aggregate)).toBe(
      hashOf(withStack('Error: connect ECONNREFUSED 127.0.0.1:3\n    at f (node:net:1:1)')),
    );
  });
});

test('a connection that Node 20 tried at several addresses is one that Node 18 tried at one', () => {
  const older = withStack('Error: connect ECONNREFUSED 127.0.0.1:5432\n    at afterConnect (node:net:1:1)');
  const newer = withStack(
    'AggregateError [ECONNREFUSED]: \n    at internalConnectMultiple (node:net:1:1)\n    at afterConnectMultiple (node:net:2:2)',
    { name: 'AggregateError', message: '' },
  );
  expect(hashOf(newer)).toBe(hashOf(older));
});

describe('a given fingerprint', () => {
  test('replaces everything else', () => {
    const options = { fingerprint: ['checkout', 'declined'] };
    expect(hashErrorLog({ message: 'a' }, options).errorHash).toBe(
      hashErrorLog({ message: 'b' }, options).errorHash,
    );
    expect(hashErrorLog({ message: 'a' }, options).normalized.parts.map((part) => part.value)).toEqual([
      'checkout',
      'declined',
    ]);
  });

  test('is no list of words run together', () => {
    expect(hashErrorLog({ message: 'a' }, { fingerprint: ['ab', 'c'] }).errorHash).not.toBe(
      hashErrorLog({ message: 'a' }, { fingerprint: ['a', 'bc'] }).errorHash,
    );
  });

  test('that is empty replaces nothing', () => {
    expect(hashErrorLog({ message: 'a' }, { fingerprint: [] }).errorHash).toBe(hashOf({ message: 'a' }));
  });
});

test('an error hashed again has the same hash, and one like it its own', () => {
  const errorLog = withStack(ORDER);
  expect(hashOf({ ...errorLog })).toBe(hashOf({ ...errorLog }));
  expect(hashOf({ ...errorLog, code: 'E_X' })).not.toBe(hashOf(errorLog));
});

test('the context does not count', () => {
  expect(hashOf({ message: 'a', context: { requestId: 1 } })).toBe(hashOf({ message: 'a' }));
});
