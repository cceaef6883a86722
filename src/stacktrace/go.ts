import type { StackFrame } from '../types.ts';
import type { ParsedSections } from './sections.ts';
import { type ErrorDraft, finish, MAX_FRAME_LENGTH, MAX_FRAMES, makeFrame, newDraft } from './text.ts';

const PLACE = /^\s+(\/?[^\s:][^\n]{0,1024}?\.(?:go|s)):(\d{1,9})(?: \+0x[0-9a-f]+)?\s*$/;
const RUNTIME_FILE =
  /(?:^|\/)(?:go|golang|go[\d.]+|libexec|sdk\/go[\d.]+)\/src\/(?:runtime|net|sync|reflect|testing|os|io|syscall|internal|bufio|encoding|database|context|time|log|fmt|strings|errors|crypto|html|text|archive|compress|container|sort|strconv|bytes|math|mime|path|regexp|unicode|slices|maps|runtime\.go|[a-z]+)\/|\/pkg\/mod\/|\/vendor\/|^_cgo/;

/**
 * Reads Go's goroutine dumps (the first, running goroutine only) and the `%+v` of `pkg/errors`: a function, then
 * below it, indented, its place.
 */
export function parseGo(lines: readonly string[]): ParsedSections {
  const draft = newDraft();
  const header: string[] = [];
  let goroutines = 0;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    if (/^goroutine \d{1,12} \[/.test(line)) {
      if (++goroutines > 1) break;
      continue;
    }
    const frame = readFrame(line, lines[index + 1]);
    if (frame) {
      // What stands above `panic(…)` is the recovery that printed the stack, not what went wrong.
      if (frame.function === 'panic' || frame.function === 'runtime.gopanic') draft.frames.length = 0;
      else if (draft.frames.length < MAX_FRAMES) draft.frames.push(frame);
      index++;
    } else if (goroutines === 0 && draft.frames.length === 0) header.push(line);
  }
  readGoHeader(header, draft);
  return { errors: [finish(draft)], language: 'go' };
}

function readFrame(line: string, below: string | undefined): StackFrame | undefined {
  if (below === undefined || line === '' || /^\s/.test(line)) return undefined;
  if (line.length > MAX_FRAME_LENGTH || below.length > MAX_FRAME_LENGTH) return undefined;
  const place = PLACE.exec(below);
  if (!place) return undefined;
  const creator = line.startsWith('created by ');
  let name = creator ? line.slice(11).replace(/ in goroutine \d{1,12}$/, '') : line;
  // Arguments are the last parentheses; a receiver such as `(*T)` stands further left.
  if (name.endsWith(')')) {
    const open = name.lastIndexOf('(');
    if (open > 0) name = name.slice(0, open);
    else return undefined;
  }
  // Arguments that hold parentheses or braces: cut at the first one that follows a name.
  const nested = /^([^\s({]*(?:\(\*?[\w.[\]]{1,200}\)[^\s({]*)?)[({]/.exec(name);
  if (nested?.[1]) name = nested[1];
  const file = place[1] as string;
  const inApp = !RUNTIME_FILE.test(file) && !/^(?:runtime|testing)[./]/.test(name) && !creator;
  return makeFrame({ function: name.trim(), file, line: Number(place[2]) }, inApp, 'go');
}

/** `panic: …`, with the runtime's additions cut: `[recovered]`, the signal, a second `panic:`. */
function readGoHeader(lines: readonly string[], draft: ErrorDraft): void {
  const text = lines.join('\n').trim();
  const match = /(?:^|\n)\s*(panic|fatal error): /.exec(text.slice(0, 8192));
  if (!match) {
    draft.message = text;
    return;
  }
  draft.name = match[1] as string;
  let message = text.slice(match.index + match[0].length);
  const signal = message.indexOf('\n[signal ');
  if (signal >= 0) message = message.slice(0, signal);
  const again = message.indexOf('\n\tpanic: ');
  if (again >= 0) message = message.slice(0, again);
  message = message.replace(/ \[recovered(?:, repanicked)?\]/, '').trim();
  // `panic(err)` prints the type of what is not an error or a string: `main.E{…}`, `&errors.errorString{s:"x"}`.
  draft.message = message;
}
