import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseErrorLogEvent } from '../../src/event.ts';
import { hashErrorLog } from '../../src/hashing.ts';
import { redact } from '../../src/redaction.ts';
import { createSimilarIndex } from '../../src/similar.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';
import type { ErrorLog } from '../../src/types.ts';

const hashOf = (errorLog: ErrorLog) => hashErrorLog(errorLog).errorHash;

/** What a deploy, a machine or a moment changes. */
const occurrence = fc.record({
  root: fc.constantFrom(
    '/srv/shop/releases/20250112093011',
    '/usr/src/app',
    '/app',
    '/home/deploy/apps/shop/current',
    '/opt/shop',
    '/var/www/shop',
  ),
  orderId: fc.oneof(
    fc.uuid(),
    fc.integer({ min: 1, max: 1e9 }).map(String),
    fc.integer({ min: 0, max: 0xffffff }).map((id) => `ord_${id.toString(16)}7`),
  ),
  port: fc.integer({ min: 1024, max: 65_535 }),
  time: fc
    .date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  milliseconds: fc.integer({ min: 0, max: 100_000 }),
  path: fc
    .array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join('/')}`),
  shift: fc.integer({ min: 0, max: 5000 }),
  column: fc.integer({ min: 1, max: 120 }),
  depth: fc.integer({ min: 1, max: 40 }),
});

type Occurrence = typeof occurrence extends fc.Arbitrary<infer T> ? T : never;

function errorOf(at: Occurrence): ErrorLog {
  const message = `order ${at.orderId} at ${at.time}: connect ECONNREFUSED 127.0.0.1:${at.port} after ${at.milliseconds} ms, see ${at.path}`;
  const walk = `    at walk (${at.root}/src/tree.js:${at.shift + 3}:${at.column})\n`.repeat(at.depth);
  return {
    message,
    name: 'LoadError',
    stackTrace: `LoadError: ${message}\n    at visit (${at.root}/src/tree.js:${at.shift + 9}:${at.column})\n${walk}    at main (${at.root}/src/main.js:${at.shift}:1)`,
  };
}

test('ids, ports, times, durations, paths, install roots, lines and depth do not change the hash', () => {
  fc.assert(
    fc.property(occurrence, occurrence, (one, other) => hashOf(errorOf(one)) === hashOf(errorOf(other))),
    { numRuns: 500 },
  );
});

test('the application and the sink, which has the error from the wire, arrive at the same hash', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    occurrence.map((at) => errorOf(at).stackTrace ?? ''),
  );
  fc.assert(
    fc.property(anyText, anyText, fc.option(anyText, { nil: undefined }), (message, stackTrace, name) => {
      const errorLog = { message, stackTrace, ...(name !== undefined && { name: name.slice(0, 256) }) };
      const wire = JSON.parse(JSON.stringify({ eventId: 'e', timestamp: 0, errorLog })) as unknown;
      return hashOf(errorLog) === hashOf(parseErrorLogEvent(wire).errorLog);
    }),
    { numRuns: 300 },
  );
});

test('an error that is cut for the wire keeps its hash', () => {
  const long = 'w '.repeat(50_000);
  const errorLog = { message: `too long: ${long}`, stackTrace: `Error: x ${long}\n    at f (/app/a.js:1:2)` };
  const event = parseErrorLogEvent({ eventId: 'e', timestamp: 0, errorLog });
  expect(event.errorLog.message.length).toBeLessThan(errorLog.message.length);
  expect(hashOf(event.errorLog)).toBe(hashOf(errorLog));
});

describe('redaction does not change the hash', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const token = (length: number) =>
    fc
      .array(fc.constantFrom(...letters), { minLength: length, maxLength: length })
      .map((all) => all.join(''));
  const secret = fc.oneof(
    token(36).map((value) => `token ${['gh', 'p_'].join('')}${value} was refused`),
    token(24).map((value) => `key ${['sk', '_live_'].join('')}${value} is not known.`),
    token(20).map((value) => `login failed: password=${value}`),
    token(16).map((value) => `cannot reach postgres://shop:${value}@db.internal:5432/shop?ssl=1`),
    fc
      .stringMatching(/^[a-z][a-z0-9._+-]{0,12}[a-z0-9]@[a-z]{2,10}\.(?:com|org|de|io)$/)
      .map((value) => `no account for ${value}, try again`),
    token(43).map((value) => `Authorization: Bearer ${value} expired`),
    fc
      .tuple(token(20), token(40), token(43))
      .map(
        ([head, body, tail]) =>
          `jwt ${['ey', 'J'].join('')}${head}.${['ey', 'J'].join('')}${body}.${tail} malformed`,
      ),
    fc.integer({ min: 1000, max: 9999 }).map((group) => `card 4242 4242 4242 4242 declined, ${group}`),
  );

  test('wherever the secret stands', () => {
    fc.assert(
      fc.property(secret, (message) => {
        const errorLog = {
          message,
          name: 'AuthError',
          stackTrace: `AuthError: ${message}\n    at login (/app/src/auth.js:1:2)`,
        };
        return hashOf(errorLog) === hashOf(redact(errorLog));
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever comes in', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 2000 }),
    fc.anything(),
    fc
      .array(
        fc.constantFrom(
          '\n',
          '    at ',
          ' (',
          ')',
          ':1:2',
          "'",
          '"',
          '`',
          '{',
          '}',
          '[',
          ']',
          '=',
          'Caused by: ',
          '[errors]: [',
          'File "',
          '#0 ',
          ' ---> ',
          '\ud800',
          '\u001b[31m',
          '://',
          '@',
          '[REDACTED',
          'password=',
        ),
        { maxLength: 200 },
      )
      .map((parts) => parts.join('')),
  );

  test('hashing, reading and comparing never throw', () => {
    const index = createSimilarIndex({ maxTemplates: 50 });
    fc.assert(
      fc.property(hostile, hostile, hostile, (message, stackTrace, other) => {
        const errorLog = { message, stackTrace, name: other, code: other, filePath: other } as ErrorLog;
        const { errorHash, normalized } = hashErrorLog(errorLog, { fingerprint: other as string[] });
        const plain = hashErrorLog(errorLog);
        index.find(plain.normalized);
        index.add(plain.errorHash, plain.normalized);
        parseStackTrace(stackTrace as string);
        return /^[0-9a-f]{64}$/.test(errorHash) && Array.isArray(normalized.parts);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([undefined, null, 'text', 12, []])('an error that is %o has a hash', (value) => {
    expect(hashErrorLog(value as unknown as ErrorLog).errorHash).toMatch(/^[0-9a-f]{64}$/);
  });
});

/**
 * Time is no measure on a shared machine, but a quadratic algorithm takes sixteen times as long for four times the
 * text: the least of several runs stays below ten times.
 */
describe('the work grows with the text, no faster', () => {
  const shortest = (work: () => unknown) => {
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 7; run++) {
      const start = process.hrtime.bigint();
      work();
      least = Math.min(least, Number(process.hrtime.bigint() - start));
    }
    return least;
  };

  test.each([
    ["'"],
    ['"['],
    ['{"a":'],
    ['a=b '],
    ['at f (\n    at '],
    ['\n    at f (/a.js:1:2)'],
    ['((((('],
    ["in 'x' "],
    [' ---> A: b'],
    ['\nFile "x", line 1\n'],
    ["\nx.rb:1:in `f'"],
    ['\n#0 /a(1): b'],
    ["', "],
    ['::::'],
    ['1.'],
    ['\\\\'],
    ['\ncaused by: x'],
    ['[errors]: [\n'],
    ['a://'],
    ['password='],
    ['<<<1'],
  ])('%j', (unit) => {
    const text = (size: number) => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
    // Each run is another text, so that nothing is remembered.
    let run = 0;
    const work = (size: number) => () => {
      const stackTrace = `Error: ${run++}\n    at f (/app/a.js:1:2)\n${text(size)}`;
      parseStackTrace(stackTrace);
      hashErrorLog({ message: `${run} ${text(size / 4)}`, stackTrace });
      hashErrorLog({ message: `${run} ${text(size / 4)}` });
    };
    const [small, large] = [shortest(work(15_000)), shortest(work(60_000))];
    expect(large).toBeLessThan(10 * small + 5e6);
  });
});
