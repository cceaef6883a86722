import { parsePatch } from 'diff';
import type { AnalysisResult } from '../../src/types.ts';
import type { ContextCase, Lines } from './case.ts';

/** An answer, held against the known fix; by place, since nobody runs it. */
export interface JudgedAnswer {
  /** A verified citation or the patch lies in a function (or range) that the fix changed. */
  readonly found: boolean;
  /** It has a patch that applies and changes a line that the fix changed, or one right beside it. */
  readonly patched: boolean;
  readonly confidence: number;
}

/** A fix may stand a little above or below the line that another one changes. */
const NEAR = 3;

/** Judges by place and not by words: no second model, no taste. */
export function judgeAnswer(
  result: Pick<AnalysisResult, 'evidence' | 'patch' | 'patchApplies' | 'confidenceScore' | 'rootCause'>,
  fixed: ContextCase['fixed'],
): JudgedAnswer {
  const changes = result.patchApplies ? changedLines(result.patch ?? '') : [];
  const cited = result.evidence.filter(({ verified }) => verified);
  const inFix = (path: string, line: number, near = 0): boolean =>
    fixed.some((file) => file.path === path && file.ranges.some((range) => isIn(line, range, near)));
  const inFunction = (path: string, line: number): boolean =>
    inFix(path, line) ||
    fixed.some((file) => file.path === path && file.functions.some(({ range }) => isIn(line, range)));
  return {
    found:
      result.rootCause !== '' &&
      (cited.some(({ file, line }) => inFunction(file, line)) ||
        changes.some(({ path, line }) => inFunction(path, line))),
    patched: changes.some(({ path, line }) => inFix(path, line, NEAR)),
    confidence: result.confidenceScore,
  };
}

function isIn(line: number, [first, last]: Lines, near = 0): boolean {
  return line >= first - near && line <= last + near;
}

/** The lines of the old files that a diff removes, or before which it adds. */
function changedLines(patch: string): { readonly path: string; readonly line: number }[] {
  const changes: { path: string; line: number }[] = [];
  for (const file of parsePatch(patch)) {
    const path = (file.oldFileName ?? '').replace(/^[ab]\//, '').replace(/\t.*$/, '');
    for (const hunk of file.hunks) {
      let line = hunk.oldStart;
      for (const row of hunk.lines) {
        if (row.startsWith('-') || row.startsWith('+')) changes.push({ path, line });
        if (row.startsWith('-') || row.startsWith(' ')) line++;
      }
    }
  }
  return changes;
}
