import type { StackFrame } from '../types.ts';
import type { ParsedSections } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  indexOfLine,
  MAX_FRAME_LENGTH,
  MAX_FRAMES,
  makeFrame,
  newDraft,
} from './text.ts';

const CALL = /^([^\s({]{0,500}(?:\(\*?[\w.[\]]{1,200}\)[^\s({]{0,300})?)\([^\n]*\)$/;
const PLACE = /^\s+(\/?[^\s:][^\n]{0,1024}?\.(?:go|s)):(\d{1,9})(?: \+0x[0-9a-f]+)?\s*$/;
/** Where Go itself and modules are installed. */
const FOREIGN_FILE =
  /^\/usr\/(?:local\/|lib\/)?go[^/]*\/src\/|\/(?:libexec|sdk\/go[\d.]+|hostedtoolcache\/go\/[^/]+\/[^/]+)\/src\/|\/pkg\/mod\/|\/vendor\/|^_cgo/;
/** Packages of the standard library; those of an application have its module in front. */
const FOREIGN_PACKAGE =
  /^(?:runtime|testing|net|net\/\w+|reflect|sync|syscall|os|io|bufio|encoding\/\w+|database\/sql|context|time|log|fmt|str(?:conv|ings)|bytes|errors|crypto\/\w+|(?:html|text)\/template|regexp|sort|slices|maps|internal\/[\w/]{1,100})\./;

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
  // A receiver such as `(*T)` stands in front of the name, the arguments behind it.
  const call = CALL.exec(name);
  if (call?.[1]) name = call[1];
  else if (name.endsWith(')')) return undefined;
  const file = place[1] as string;
  const inApp = !creator && !FOREIGN_FILE.test(file) && !FOREIGN_PACKAGE.test(name);
  return makeFrame({ function: name.trim(), file, line: Number(place[2]) }, inApp, 'go');
}

/** `panic: …`, with the runtime's additions cut: `[recovered]`, the signal, a second `panic:`. */
function readGoHeader(lines: readonly string[], draft: ErrorDraft): void {
  const text = lines.join('\n').trim();
  const name = (['panic', 'fatal error'] as const).find((word) => indexOfLine(text, `${word}: `) >= 0);
  if (name === undefined) {
    draft.message = text;
    return;
  }
  draft.name = name;
  let message = text.slice(indexOfLine(text, `${name}: `) + name.length + 2);
  const signal = message.indexOf('\n[signal ');
  if (signal >= 0) message = message.slice(0, signal);
  const again = message.indexOf('\n\tpanic: ');
  if (again >= 0) message = message.slice(0, again);
  message = message.replace(/ \[recovered(?:, repanicked)?\]/, '').trim();
  // `panic(err)` prints the type of what is not an error or a string: `main.E{…}`, `&errors.errorString{s:"x"}`.
  draft.message = message;
}
