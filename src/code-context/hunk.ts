import { truncate } from '../bounds.ts';
import { harmlessText } from '../plain-text.ts';
import type { CodeBlock } from './collector.ts';
import { redactLines } from './redact-lines.ts';

/** Characters of a diff that are read; longer ones are those of generated files. */
const MAX_DIFF = 200_000;
/** What is shown of a hunk. */
const MAX_LINES = 30;
const MAX_CHARACTERS = 1500;
const MAX_LINE = 200;
/** Lines of this length stand in one place mostly. */
const TELLING = 8;

interface Hunk {
  readonly header: string;
  readonly startLine: number;
  readonly lines: readonly string[];
}

/**
 * The hunk of a diff that has to do with some code: the one that added most of its lines, since a commit counts
 * lines as they were then; else the one nearest to it. Redacted, without invisible characters, cut around what it
 * added. Undefined for a diff without hunks.
 */
export function nearestHunk(
  diff: string,
  block: Pick<CodeBlock, 'startLine' | 'text'> | undefined,
): string | undefined {
  const hunks = readHunks(diff.slice(0, MAX_DIFF));
  const code = new Set(
    (block?.text ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.length >= TELLING),
  );
  const added = (line: string): boolean => line.startsWith('+') && code.has(line.slice(1).trim());
  const [best] = hunks
    .map((hunk) => ({
      hunk,
      share: hunk.lines.filter(added).length,
      distance: Math.abs(hunk.startLine - (block?.startLine ?? 0)),
    }))
    .sort((a, b) => b.share - a.share || a.distance - b.distance);
  return best && show(best.hunk, added);
}

function readHunks(diff: string): readonly Hunk[] {
  // What is hidden goes first, for it could split a secret; then secrets, before anything is cut. A secret over
  // several lines has a mark in front of each in a diff.
  const rows = harmlessText(diff).split('\n');
  const marks = rows.map((row) => (/^[-+ ]/.test(row) ? row.charAt(0) : ''));
  const bare = rows.map((row, index) => row.slice(marks[index]?.length ?? 0));
  const clean = redactLines(bare);
  const hunks: { header: string; startLine: number; lines: string[] }[] = [];
  for (const [index, row] of clean.entries()) {
    const mark = marks[index] ?? '';
    const header =
      mark === '' ? /^@@ -\d{1,9}(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@/.exec(row) : undefined;
    if (header) hunks.push({ header: header[0], startLine: Number(header[1]), lines: [] });
    else if (mark !== '') hunks.at(-1)?.lines.push(mark + row);
  }
  return hunks;
}

function show({ header, lines }: Hunk, isWanted: (line: string) => boolean): string {
  const first = lines.findIndex(isWanted);
  const changed = lines.findIndex((line) => /^[-+]/.test(line));
  const from = Math.max(0, Math.min((first < 0 ? changed : first) - 6, lines.length - MAX_LINES));
  const shown = lines.slice(from, from + MAX_LINES).map((line) => truncate(line, MAX_LINE));
  while (shown.join('\n').length > MAX_CHARACTERS) shown.pop();
  return [
    header,
    ...(from > 0 ? [' […]'] : []),
    ...shown,
    ...(from + shown.length < lines.length ? [' […]'] : []),
  ].join('\n');
}
