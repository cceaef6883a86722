import type { ContextCase, Lines } from './case.ts';

/** How much of a fix a prompt shows. */
export interface Recall {
  /** A file of the fix is there. */
  readonly file: boolean;
  /** At least one function that the fix changed is there, nine tenths of it; undefined where the fix lies in none. */
  readonly function: boolean | undefined;
  /** The share of the changed lines that are there, 0–1. */
  readonly lines: number;
}

/** Part of a function that counts as the function. */
const WHOLE = 0.9;
const CODE_SECTION = '\n## Source code\n';
const BLOCK = /^### (.{1,1024}?) lines \d+-\d+/;
const NUMBERED = /^>?(\d{1,9})\|/;

/** Reads out of a prompt which lines of which files it shows, and compares them with the fix. */
export function recallOf(prompt: string, fixed: ContextCase['fixed']): Recall {
  const shown = shownLines(prompt);
  const share = (path: string, [first, last]: Lines): number => {
    const there = shown.get(path);
    let count = 0;
    for (let line = first; line <= last; line++) if (there?.has(line)) count++;
    return count / Math.max(1, last - first + 1);
  };
  const functions = fixed.flatMap(({ path, functions: all }) => all.map(({ range }) => share(path, range)));
  const ranges = fixed.flatMap(({ path, ranges: all }) => all.map((range) => share(path, range)));
  return {
    file: fixed.some(({ path }) => shown.has(path)),
    function: functions.length === 0 ? undefined : functions.some((one) => one >= WHOLE),
    lines: ranges.length === 0 ? 0 : ranges.reduce((sum, one) => sum + one, 0) / ranges.length,
  };
}

function shownLines(prompt: string): ReadonlyMap<string, ReadonlySet<number>> {
  const files = new Map<string, Set<number>>();
  const start = prompt.lastIndexOf(CODE_SECTION);
  if (start < 0) return files;
  let lines: Set<number> | undefined;
  for (const row of prompt.slice(start + CODE_SECTION.length).split('\n')) {
    const path = BLOCK.exec(row)?.[1];
    if (path !== undefined) {
      lines = files.get(path) ?? new Set();
      files.set(path, lines);
    }
    const number = NUMBERED.exec(row)?.[1];
    if (number !== undefined) lines?.add(Number(number));
  }
  return files;
}
