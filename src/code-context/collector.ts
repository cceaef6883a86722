import { harmlessText } from '../plain-text.ts';
import { estimateTokens } from '../tokens.ts';
import type { SourceFile } from '../types.ts';
import { redactLines } from './redact-lines.ts';

/** A piece of source, as it goes to a model and into the evidence check: redacted, lines as in the file. */
export interface CodeBlock {
  /** Path in the repository. */
  readonly file: string;
  /** 1-based. */
  readonly startLine: number;
  /** Inclusive. */
  readonly endLine: number;
  readonly text: string;
  /** The commit at which it was read, when there is one. */
  readonly commit?: string;
  /** Why it is here; completes "the code …". */
  readonly reason: string;
  /** The function that it shows. */
  readonly function?: string;
  /** The line that failed or called on. */
  readonly highlightLine?: number;
}

/** Lines of a file, 1-based and inclusive. */
export interface LineRange {
  readonly startLine: number;
  readonly endLine: number;
}

/** What is said of a block beside its lines. */
export type BlockInfo = Pick<CodeBlock, 'reason' | 'function' | 'highlightLine'>;

/** A file that was read, split once. */
export interface ReadFile {
  readonly source: SourceFile;
  readonly lines: readonly string[];
}

/** Collects blocks, most useful first, until the budget is used up. Lines are never shown twice. */
export interface Collector {
  /** False when it did not fit. What is already there counts as added. */
  add(file: ReadFile, range: LineRange, info: BlockInfo): boolean;
  /** Characters left, of those that would cost no more tokens than code mostly does. */
  left(): number;
  blocks(): readonly CodeBlock[];
}

/** What a line costs beside its text: its number and the line break. */
const LINE_OVERHEAD = { characters: 6, tokens: 2.3 };
/** What a block's heading costs. */
const BLOCK_OVERHEAD = { characters: 100, tokens: 30 };
/**
 * Characters that a token counts for. Code has four of them in a token; a blob, a table of numbers or Korean has one
 * or two, and pays for its tokens. So the default of 18 000 characters never becomes more than 5000 tokens.
 */
const CHARACTERS_PER_TOKEN = 3.6;

/** Splits and redacts a file once, so that no line of it leaves with a secret, wherever it is cut. */
export function toReadFile(source: SourceFile): ReadFile {
  // What is hidden goes first: it could split a secret.
  return { source, lines: redactLines(source.text.split(/\r\n|\n|\r/).map(harmlessLine)) };
}

function harmlessLine(line: string): string {
  return harmlessText(line).replaceAll('\n', ' ');
}

export function createCollector(limit: number): Collector {
  const blocks: CodeBlock[] = [];
  let left = limit;

  const add = (file: ReadFile, range: LineRange, info: BlockInfo): boolean => {
    const { path, commit } = file.source;
    const startLine = Math.max(1, range.startLine);
    const endLine = Math.min(file.lines.length, range.endLine);
    if (endLine < startLine) return false;
    const same = blocks.filter((block) => block.file === path);
    const around = same.find((block) => block.startLine <= startLine && block.endLine >= endLine);
    if (around) return true;
    // Overlapping and adjoining blocks become one, in the place of the more useful.
    const touching = same.filter((block) => block.startLine <= endLine + 1 && block.endLine >= startLine - 1);
    const first = Math.min(startLine, ...touching.map((block) => block.startLine));
    const last = Math.max(endLine, ...touching.map((block) => block.endLine));
    const text = file.lines.slice(first - 1, last).join('\n');
    const cost =
      costOf(text, last - first + 1) -
      touching.reduce((sum, block) => sum + costOf(block.text, block.endLine - block.startLine + 1), 0);
    if (cost > left) return false;
    left -= cost;
    const [leading] = touching;
    const merged: CodeBlock = {
      file: path,
      startLine: first,
      endLine: last,
      text,
      ...(commit !== undefined && { commit }),
      ...info,
      ...(leading && { reason: leading.reason }),
      ...(leading?.function !== undefined && { function: leading.function }),
      ...(leading?.highlightLine !== undefined && { highlightLine: leading.highlightLine }),
    };
    if (leading) {
      blocks[blocks.indexOf(leading)] = merged;
      for (const other of touching.slice(1)) blocks.splice(blocks.indexOf(other), 1);
    } else blocks.push(merged);
    return true;
  };

  return { add, left: () => left, blocks: () => blocks };
}

function costOf(text: string, lines: number): number {
  const characters = text.length + lines * LINE_OVERHEAD.characters + BLOCK_OVERHEAD.characters;
  const tokens = estimateTokens(text) + lines * LINE_OVERHEAD.tokens + BLOCK_OVERHEAD.tokens;
  return Math.ceil(Math.max(characters, tokens * CHARACTERS_PER_TOKEN));
}
