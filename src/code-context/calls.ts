import type { LineRange } from './collector.ts';
import { languageOf } from './languages.ts';
import type { FileForm } from './source.ts';

/** One call, or mention of a type, in a piece of code. */
export interface Call {
  readonly name: string;
  /** What stands before the dot: `cart` in `cart.total()`. */
  readonly receiver?: string;
  readonly line: number;
  readonly isNew: boolean;
  /** How many values are handed over, where the call ends on its line. */
  readonly values: number | undefined;
}

const MAX_CALLS = 400;
/** Words before a parenthesis that call nothing, in any of the languages. */
const KEYWORDS = new Set(
  'if for while switch catch return function typeof throw await yield import require super elif except foreach synchronized func fn def and or not in sizeof'.split(
    ' ',
  ),
);
const CALL =
  /(?:\b(?<fresh>new)\s+)?(?:(?<receiver>[A-Za-z_$][\w$]*)\s*(?:\?\.|\.|->|::)\s*)?(?<name>[A-Za-z_$][\w$]*[?!]?)\s*(?:<[\w$<>, ?.[\]]{0,80}>|::<[\w<>, ]{0,60}>)?\s*(?<open>\()/g;
/** Ruby: a name alone may be a call, of a method in the same file or of what stands before the dot. */
const BARE_CALL =
  /(?:(?<receiver>[A-Za-z_]\w*)\s*(?:&?\.|::)\s*)?(?<name>[a-z_]\w*[?!]?|[A-Z]\w*(?=\s*\()|(?<=\.)[A-Z]\w*)(?!\w*:(?!:))(?<open>\s?\()?/g;
const RUBY_KEYWORDS = new Set(
  'def end do unless elsif else then begin rescue ensure module class self nil true false when case until raise'.split(
    ' ',
  ),
);

/** The calls in some lines of a file, in their order; strings and comments do not count. */
export function callsIn(file: FileForm, range: LineRange): readonly Call[] {
  const calls: Call[] = [];
  const code = file.outline?.code ?? [];
  const isBare = languageOf(file.path)?.bareCalls ?? false;
  for (let line = range.startLine; line <= Math.min(range.endLine, code.length); line++) {
    const text = code[line - 1] ?? '';
    for (const match of text.matchAll(isBare ? BARE_CALL : CALL)) {
      const {
        name,
        fresh,
        open,
        receiver = receiverOfChain(text.slice(0, match.index)),
      } = match.groups ?? {};
      if (name === undefined || KEYWORDS.has(name) || calls.length >= MAX_CALLS) continue;
      if (isBare && RUBY_KEYWORDS.has(name)) continue;
      calls.push({
        name,
        ...(receiver !== undefined && { receiver }),
        line,
        isNew: fresh !== undefined,
        values: open === undefined ? undefined : countValues(text, match.index + match[0].length),
      });
    }
  }
  return calls;
}

/** In `new Cart(id).total()` the call of `total` is one on a `Cart`. */
function receiverOfChain(before: string): string | undefined {
  return /\bnew\s+([\w$]+)\s*\([^()]*\)\s*\S{1,2}\s*$/.exec(before)?.[1];
}

/** The values between the parenthesis before `from` and the one that closes it on the same line. */
export function countValues(text: string, from: number): number | undefined {
  let depth = 0;
  let commas = 0;
  let empty = true;
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === ')' && depth === 0) return empty ? 0 : commas + 1;
    if ('([{<'.includes(char)) depth++;
    else if (')]}'.includes(char) || (char === '>' && text[at - 1] !== '-' && text[at - 1] !== '='))
      depth = Math.max(0, depth - 1);
    else if (char === ',' && depth === 0) commas++;
    if (char.trim() !== '') empty = false;
  }
  return undefined;
}
