import type { Detector } from './spans.ts';
import { endOfLine } from './values.ts';

/** A value of YAML in a block of its own: `key: |-`, then lines that are indented. */
const BLOCK = /(?:![a-z]{1,16}[ \t]{1,4})?[|>][-+\d]{0,2}[ \t]{0,4}(?:\r?\n|\\{1,8}n)(?=([ \t]{1,64}))/y;
const MAX_BLOCK_LINES = 200;

/** Finds the lines of a block that begins at `at`. Says where it ends; undefined when there is none. */
export function findBlock(
  text: string,
  at: number,
  kind: string,
  found: Parameters<Detector>[1],
): number | undefined {
  BLOCK.lastIndex = at;
  const indent = BLOCK.exec(text)?.[1];
  if (indent === undefined) return undefined;
  let end = BLOCK.lastIndex;
  // Inside JSON the string's end is the last line's.
  const stops = text[end - 1] === 'n' ? '"' : '';
  for (let lines = 0; lines < MAX_BLOCK_LINES && text.startsWith(indent, end); lines++) {
    const start = end + indent.length;
    // Frames of a stack are indented too.
    if (/^[ \t]*at /.test(text.slice(start, start + 64))) break;
    end = endOfLine(text, start, stops);
    while (stops !== '' && text[end] === '"' && text[end - 1] === '\\') end--;
    if (!text.startsWith('$ANSIBLE_VAULT;', start)) found(start, end, kind);
    end += /^(?:\r?\n|\\n)/.exec(text.slice(end, end + 2))?.[0].length ?? 0;
  }
  return end;
}
