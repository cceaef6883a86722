import { RecentTexts } from '../recent-texts.ts';
import type { ParsedError, StackFrame } from '../types.ts';
import { parseJavaScript } from './javascript.ts';
import { readErrorHeader } from './javascript-header.ts';
import { endsInLineAndColumn } from './language.ts';
import type { ParsedSections, WantsMore } from './sections.ts';
import { beginsLine, MAX_CAUSES, MAX_FRAMES } from './text.ts';
import { readV8Frame } from './v8-frame.ts';

/**
 * Reads a V8 stack on the way to a hash, which needs of each error only the application's innermost frames. What
 * it answers is what {@link parseJavaScript} does, without the other frames.
 */
export function parseJavaScriptQuickly(text: string, wantsMore: WantsMore): ParsedSections {
  // Where the errors in a list begin and end takes the whole grammar to see.
  if (text.includes('[errors]: [')) return parseJavaScript(text, wantsMore);
  const errors: ParsedError[] = [];
  let start = 0;
  while (errors.length <= MAX_CAUSES) {
    const cause = nextCause(text, start);
    const end = cause < 0 ? text.length : cause;
    const frame = firstFrame(text, start, end);
    const { name, message } = readErrorHeader(text.slice(start, frame).trim());
    const header = { message, frames: [] as StackFrame[], ...(name !== undefined && { name }) };
    const frames = frame === end ? header.frames : readFrames(text, frame, end, wantsMore, header);
    errors.push(name === undefined ? { message, frames } : { name, message, frames });
    if (cause < 0) break;
    start = text.indexOf(': ', cause) + 2;
  }
  return { errors, language: 'javascript' };
}

/** Where a line begins with `caused by: ` or `[cause]: `, or -1. */
function nextCause(text: string, from: number): number {
  for (
    let index = text.indexOf('aused by: ', from);
    index >= 0;
    index = text.indexOf('aused by: ', index + 1)
  ) {
    const first = text.charCodeAt(index - 1) | 32;
    if (first === 99 && index - 1 > from && beginsLine(text, index - 1))
      return earlier(text, from, index - 1);
  }
  return earlier(text, from, -1);
}

function earlier(text: string, from: number, found: number): number {
  for (
    let index = text.indexOf('[cause]: ', from);
    index >= 0;
    index = text.indexOf('[cause]: ', index + 1)
  ) {
    if (index > from && beginsLine(text, index)) return found < 0 ? index : Math.min(index, found);
  }
  return found;
}

/** Where the first line with a call begins, or `end`. */
function firstFrame(text: string, start: number, end: number): number {
  for (
    let index = text.indexOf('at ', start);
    index >= 0 && index < end;
    index = text.indexOf('at ', index + 1)
  ) {
    if (!beginsLine(text, index)) continue;
    const lineEnd = text.indexOf('\n', index);
    const stop = lineEnd < 0 || lineEnd > end ? end : lineEnd;
    if (endsInLineAndColumn(text, stop)) return index;
    if (readV8Frame(text.slice(index + 3, stop).trim(), false) !== undefined) return index;
  }
  return end;
}

/** The same calls come again and again below other messages. Some 2 MB: ten frames have about 1000 characters. */
const recentBlocks = new RecentTexts<readonly StackFrame[]>(2048, 4096);
const recentCycles = new RecentTexts<readonly StackFrame[]>(64, 4096);

function readFrames(
  text: string,
  start: number,
  end: number,
  wantsMore: WantsMore,
  header: { readonly message: string; readonly frames: StackFrame[] },
): readonly StackFrame[] {
  // Of an overflow all frames count: what is known of such a block is more than of others.
  const recent = wantsMore(header, true) ? recentCycles : recentBlocks;
  return recent.recall(text.slice(start, end), (block) => readBlock(block, wantsMore, header));
}

function readBlock(
  block: string,
  wantsMore: WantsMore,
  error: { readonly message: string; readonly frames: StackFrame[] },
): readonly StackFrame[] {
  const { frames } = error;
  for (let start = 0; start < block.length; ) {
    let end = block.indexOf('\n', start);
    if (end < 0) end = block.length;
    const frame = readOwnFrame(block, start, end);
    start = end + 1;
    if (frame === undefined) continue;
    frames.push(frame);
    if (frames.length >= MAX_FRAMES || !wantsMore(error)) break;
  }
  if (frames.length === 0) frames.push(...readFirstDependency(block));
  return frames;
}

/** Where no function of the application is on the stack, the dependency says something. */
function readFirstDependency(block: string): StackFrame[] {
  const at = block.indexOf('node_modules');
  if (at < 0) return [];
  const lineStart = block.lastIndexOf('\n', at) + 1;
  const lineEnd = block.indexOf('\n', at);
  const line = block.slice(lineStart, lineEnd < 0 ? block.length : lineEnd).trim();
  const frame = line.startsWith('at ') ? readV8Frame(line.slice(3), true) : undefined;
  return frame === undefined ? [] : [frame];
}

function readOwnFrame(block: string, lineStart: number, end: number): StackFrame | undefined {
  let start = lineStart;
  while (start < end && block.charCodeAt(start) <= 32) start++;
  if (!block.startsWith('at ', start)) return undefined;
  const line = block.slice(start + 3, end).trim();
  // Most lines of most stacks are calls in a dependency or in Node, which is soon seen.
  if (line.includes('/node_modules/') || line.includes('(node:') || line.startsWith('node:'))
    return undefined;
  const frame = readV8Frame(line, true);
  return frame?.inApp ? frame : undefined;
}
