import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordReader } from '../../../sink/log-lines/record-reader.ts';
import { createLineFilter, type LineOrigin } from '../../../sink/report/line-filter.ts';

const STACK =
  'TypeError: x is not a function\n    at run (/srv/app/src/job.js:3:5)\n    at main (/srv/app/src/main.js:9:1)';
const LINES = [
  ...STACK.split('\n'),
  'starting up',
  '',
  '2026-01-02 03:04:05 INFO  [main] all is well',
  '2026-01-02 03:04:05 ERROR [main] it is not',
  'E0102 03:04:05.678901    1 main.go:12] glog failed',
  'level=error msg="logfmt failed"',
  'Traceback (most recent call last):',
  '  File "a.py", line 1, in <module>',
  'ValueError: bad',
  'something failed without a word for it',
  '    at lonely (/srv/app/src/lonely.js:1:1)',
  '\u001b[31mERROR\u001b[39m in colours',
  JSON.stringify({ level: 30, msg: 'fine' }),
  JSON.stringify({ level: 50, msg: 'pino failed', err: { type: 'Error', message: 'm', stack: STACK } }),
  JSON.stringify({ level: 'info', message: 'says "level":"error" in a text' }),
  JSON.stringify({ message: 'winston failed', level: 'error' }),
  JSON.stringify({ severity: 'CRITICAL', message: 'gcp failed' }),
  JSON.stringify({ level: '\u001b[31merror\u001b[39m', message: 'coloured' }),
  JSON.stringify({ inner: { level: 'error' }, level: 'info', message: 'fine inside' }),
  ` ${JSON.stringify({ level: 60, msg: 'indented' })}`,
  '{"level":50,"msg":"torn',
  'error: ÄÖÜ 오류 ☃',
  'panic: runtime error: index out of range',
  'goroutine 1 [running]:',
  'main.main()',
];

const readAll = (lines: readonly string[]) => {
  const found: unknown[] = [];
  const reader = createRecordReader<number>('error', ({ errorLog, origin }) =>
    found.push([origin, errorLog]),
  );
  for (const [index, line] of lines.entries()) reader.push(line, index + 1);
  reader.close();
  return found;
};
const readFiltered = (bytes: Buffer, cuts: readonly number[]) => {
  const found: unknown[] = [];
  const reader = createRecordReader<LineOrigin>('error', ({ errorLog, origin }) =>
    found.push([origin.line, errorLog]),
  );
  const filter = createLineFilter('error', reader);
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    filter.push(bytes.subarray(start, Math.min(cut, bytes.length)));
    start = Math.min(cut, bytes.length);
  }
  filter.push(bytes.subarray(start));
  filter.end();
  return { found, lines: filter.lines };
};

describe('the lines that are passed over', () => {
  it('change nothing of what is found, however the bytes are cut', () => {
    const lines = fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 30 });
    const cuts = fc.array(fc.nat(3000), { maxLength: 5 });
    fc.assert(
      fc.property(lines, cuts, (some, where) => {
        const bytes = Buffer.from(`${some.join('\n')}\n`);
        const filtered = readFiltered(bytes, where);
        expect(filtered.found).toEqual(readAll(some));
        expect(filtered.lines).toBe(some.length);
      }),
      { numRuns: 500 },
    );
  });

  it('a line longer than a mebibyte is counted and left alone', () => {
    const bytes = Buffer.from(`ERROR: before\n{"level":50,"msg":"${'x'.repeat(1_100_000)}"}\nERROR: after\n`);
    const { found, lines } = readFiltered(bytes, [500_000, 1_000_000]);
    expect(lines).toBe(3);
    expect(found).toHaveLength(2);
  });
});
