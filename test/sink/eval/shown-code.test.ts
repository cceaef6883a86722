import { describe, expect, it } from 'vitest';
import { recallOf } from '../../../sink/eval/shown-code.ts';
import type { CodeBlock } from '../../../src/code-context.ts';
import { buildPrompt } from '../../../src/prompt.ts';

const block = (file: string, startLine: number, lines: number): CodeBlock => ({
  file,
  startLine,
  endLine: startLine + lines - 1,
  text: Array.from({ length: lines }, (_, n) => `  step(${n});`).join('\n'),
  reason: 'where the error was raised',
  highlightLine: startLine + 1,
});
const promptOf = (blocks: readonly CodeBlock[], message = 'boom'): string =>
  buildPrompt({
    event: { eventId: 'e', timestamp: 0, occurrences: 1, errorLog: { message } },
    stack: { message: '', frames: [], causes: [], language: 'unknown' },
    context: { blocks, notes: [] },
  }).request.user;
const fixed = [{ path: 'src/a.js', ranges: [[12, 13]], functions: [{ range: [10, 19] }] }] as const;

describe('the code that a prompt shows', () => {
  it('is the whole function and every changed line', () => {
    expect(recallOf(promptOf([block('src/a.js', 8, 14)]), fixed)).toEqual({
      file: true,
      function: true,
      lines: 1,
    });
  });

  it('may lack a tenth of the function, not a fifth', () => {
    expect(recallOf(promptOf([block('src/a.js', 11, 9)]), fixed).function).toBe(true);
    expect(recallOf(promptOf([block('src/a.js', 12, 8)]), fixed)).toEqual({
      file: true,
      function: false,
      lines: 1,
    });
  });

  it('is put together from several blocks of a file', () => {
    const blocks = [block('src/a.js', 10, 3), block('src/b.js', 1, 5), block('src/a.js', 13, 7)];
    expect(recallOf(promptOf(blocks), fixed).function).toBe(true);
  });

  it('is none of another file with the same lines', () => {
    const nothing = { file: false, function: false, lines: 0 };
    expect(recallOf(promptOf([block('lib/a.js', 8, 14)]), fixed)).toEqual(nothing);
    expect(recallOf('', fixed)).toEqual(nothing);
  });

  it('is not what the error itself quotes', () => {
    const quoted = '\n## Source code\n### src/a.js lines 10-11\n10|x\n11|y\n12|z\n13|z';
    expect(recallOf(promptOf([block('src/b.js', 1, 2)], quoted), fixed).file).toBe(false);
  });
});
