import { applyPatch, parsePatch, type StructuredPatch } from 'diff';
import type { CodeBlock } from './code-context.ts';
import { messageOf } from './errors.ts';
import { isReadablePath } from './repository-path.ts';

/** Whether a diff fits the code that was read. */
export interface PatchCheck {
  /** The diff with the counts of its hunks mended; left out when it reaches where it must not. */
  readonly text?: string;
  readonly applies: boolean;
  /** Why it does not apply. */
  readonly reason: string;
}

const MAX_FILES = 10;
/** Stands for a line that was not read: no line of a diff equals it. */
const UNREAD = '\u0000';

/**
 * Applies a model's unified diff to the blocks that were read, on paper. Models miscount the lines of their
 * hunks, so the counts are taken from the hunks themselves.
 */
export function checkPatch(diff: string, blocks: readonly CodeBlock[]): PatchCheck {
  const text = recount(unfenced(diff));
  let files: StructuredPatch[];
  try {
    files = parsePatch(text).filter(({ hunks }) => hunks.length > 0);
  } catch (error) {
    return { text, applies: false, reason: `it is no unified diff (${messageOf(error)}).` };
  }
  if (files.length === 0) return { applies: false, reason: 'it is no unified diff.' };
  if (files.length > MAX_FILES) return { applies: false, reason: `it changes more than ${MAX_FILES} files.` };
  for (const file of files) {
    const isNew = file.oldFileName === '/dev/null';
    const path = pathOf(isNew ? file.newFileName : file.oldFileName);
    if (!isReadablePath(path)) return { applies: false, reason: 'it names a file that must not be touched.' };
    if (isNew) continue;
    const ours = blocks.filter((block) => block.file === path);
    if (ours.length === 0) return { text, applies: false, reason: `${path} was not read.` };
    const applied = applyPatch(sparseFile(ours), file, {
      compareLine: (_number, line, _operation, wanted) => line.trimEnd() === wanted.trimEnd(),
    });
    if (applied === false) return { text, applies: false, reason: `its lines are not those of ${path}.` };
  }
  return { text, applies: true, reason: '' };
}

function pathOf(name: string | undefined): string {
  return (name ?? '').replace(/^[ab]\//, '').replace(/\t.*$/, '');
}

/** The file as far as it is known, every line in its place. */
function sparseFile(blocks: readonly CodeBlock[]): string {
  const last = Math.max(...blocks.map((block) => block.endLine));
  const lines = new Array<string>(last).fill(UNREAD);
  for (const block of blocks) {
    for (const [index, line] of block.text.split('\n').entries()) lines[block.startLine - 1 + index] = line;
  }
  return `${lines.join('\n')}\n`;
}

function unfenced(diff: string): string {
  return `${diff
    .replace(/^\s*```\w*\n/, '')
    .trimEnd()
    .replace(/\n```$/, '')
    .trimEnd()}\n`;
}

/** Mends the counts in `@@ -a,b +c,d @@`, and empty context lines that lost their leading blank. */
function recount(diff: string): string {
  const out: string[] = [];
  let header = -1;
  let removed = 0;
  let added = 0;
  const close = (): void => {
    const match = /^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@(.*)$/.exec(out[header] ?? '');
    if (match) out[header] = `@@ -${match[1]},${removed} +${match[2]},${added} @@${match[3]}`;
    header = -1;
  };
  const lines = diff.split('\n');
  const end = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  for (let index = 0; index < end; index++) {
    const line = lines[index] ?? '';
    const nextFile = line.startsWith('--- ') && (lines[index + 1] ?? '').startsWith('+++ ');
    if (line.startsWith('@@ ')) {
      close();
      header = out.length;
      removed = 0;
      added = 0;
    } else if (nextFile || /^(?:diff --git |index |Index: )/.test(line)) close();
    else if (header >= 0) {
      if (line === '' || line.startsWith(' ')) {
        removed++;
        added++;
        out.push(line === '' ? ' ' : line);
        continue;
      }
      if (line.startsWith('-')) removed++;
      else if (line.startsWith('+')) added++;
      else if (!line.startsWith('\\')) close();
    }
    out.push(line);
  }
  close();
  return `${out.join('\n')}\n`;
}
