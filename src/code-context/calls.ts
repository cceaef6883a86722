import type { LineRange } from './collector.ts';
import type { FileForm } from './source.ts';

/** One call, or mention of a type, in a piece of code. */
export interface Call {
  readonly name: string;
  /** What stands before the dot: `cart` in `cart.total()`. */
  readonly receiver?: string;
  readonly line: number;
  readonly isNew: boolean;
}

const MAX_CALLS = 400;
const KEYWORDS = new Set(
  'if for while switch catch return function typeof new class throw await yield import require super this self assert print println printf sizeof defer go func fn def match loop elif except with lambda and or not in is raise synchronized instanceof using lock foreach array isset unset echo len make append panic string int constructor'.split(
    ' ',
  ),
);
const CALL =
  /(?:\b(new)\s+)?(?:([A-Za-z_$][\w$]*)\s*(?:\?\.|\.|->|::)\s*)?([A-Za-z_$][\w$]*[?!]?)\s*(?:<[\w$<>, ?.[\]]{0,80}>|::<[\w<>, ]{0,60}>)?\s*\(/g;

/** The calls in some lines of a file, in their order; strings and comments do not count. */
export function callsIn(file: FileForm, range: LineRange): readonly Call[] {
  const calls: Call[] = [];
  const code = file.outline?.code ?? [];
  for (let line = range.startLine; line <= Math.min(range.endLine, code.length); line++) {
    for (const match of (code[line - 1] ?? '').matchAll(CALL)) {
      const [, fresh, receiver, name] = match;
      if (name === undefined || KEYWORDS.has(name) || calls.length >= MAX_CALLS) continue;
      calls.push({ name, ...(receiver !== undefined && { receiver }), line, isNew: fresh !== undefined });
    }
  }
  return calls;
}
