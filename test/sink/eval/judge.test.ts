import { describe, expect, it } from 'vitest';
import { judgeAnswer } from '../../../sink/eval/judge.ts';
import type { AnalysisResult } from '../../../src/types.ts';

const fixed = [{ path: 'src/a.js', ranges: [[12, 13]], functions: [{ range: [10, 19] }] }] as const;
const patchAt = (line: number): string =>
  `--- a/src/a.js\n+++ b/src/a.js\n@@ -${line},2 +${line},2 @@\n keep();\n-old();\n+new();\n`;
const judge = (result: Partial<AnalysisResult>) =>
  judgeAnswer({ rootCause: 'It is missing.', confidenceScore: 70, evidence: [], ...result }, fixed);
const cite = (file: string, line: number, verified = true) => [{ file, line, quote: 'x', verified }];

describe('an answer, held against the known fix', () => {
  it('has found it when it cites the function that the fix changed', () => {
    expect(judge({ evidence: cite('src/a.js', 18) })).toEqual({
      found: true,
      patched: false,
      confidence: 70,
    });
  });

  it('has not when it cites another function, another file, or what is not there', () => {
    for (const evidence of [cite('src/a.js', 20), cite('src/b.js', 12), cite('src/a.js', 12, false)])
      expect(judge({ evidence }).found).toBe(false);
  });

  it('has not when it names no cause', () => {
    expect(judge({ rootCause: '', evidence: cite('src/a.js', 12) }).found).toBe(false);
  });

  it('has patched it when its patch applies and lies at the place of the fix', () => {
    expect(judge({ patch: patchAt(11), patchApplies: true })).toMatchObject({ found: true, patched: true });
    expect(judge({ patch: patchAt(11), patchApplies: false })).toMatchObject({
      found: false,
      patched: false,
    });
    expect(judge({ patch: patchAt(17), patchApplies: true })).toMatchObject({ found: true, patched: false });
    expect(judge({ patch: patchAt(40), patchApplies: true })).toMatchObject({ found: false, patched: false });
  });
});
