import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../../sink/log-lines/line-splitter.ts';

function split(chunks: readonly Buffer[]): (string | undefined)[] {
  const lines: (string | undefined)[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

describe('the lines of a byte stream', () => {
  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[^\r\n]*$/), { minLength: 1, maxLength: 20 }),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 7 }),
        (lines, newline, size) => {
          const bytes = Buffer.from(lines.map((line) => line + newline).join(''));
          const chunks = [];
          for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
          expect(split(chunks)).toEqual(lines.map((line) => line.toWellFormed()));
        },
      ),
    );
  });

  it('include a last one without a newline', () => {
    expect(split([Buffer.from('a\nb')])).toEqual(['a', 'b']);
    expect(split([Buffer.from('a\n')])).toEqual(['a']);
    expect(split([])).toEqual([]);
  });

  it('show invalid UTF-8 as replacement characters', () => {
    expect(split([Buffer.from([0x61, 0xff, 0x0a])])).toEqual(['a\ufffd']);
  });

  it('name one that is too long without holding it', () => {
    const long = Buffer.alloc(600_000, 'x');
    expect(split([long, long, Buffer.from('\nnext\n')])).toEqual([undefined, 'next']);
  });
});
