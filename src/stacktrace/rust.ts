import type { StackFrame } from '../types.ts';
import type { ParsedSections } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  indexOfLine,
  MAX_CAUSES,
  MAX_FRAME_LENGTH,
  MAX_FRAMES,
  makeFrame,
  newDraft,
  readNumber,
  readPlace,
} from './text.ts';

const SYMBOL = /^\s*\d{1,6}:\s+(?:0x[0-9a-f]+ - )?(\S.{0,600})$/;
const PLACE = /^\s+at (\S.{0,1024}?):(\d{1,9})(?::(\d{1,9}))?\s*$/;
const RUNTIME =
  /^<?(?:std|core|alloc|__rustc|backtrace|rust_begin_unwind|rust_panic|_?main$|__libc|_start|start_thread|clone|tokio|futures|hyper|actix|axum|tower|rayon|anyhow|eyre|color_eyre|test)(?:::|_|$|>| as )/;
const RUNTIME_FILE = /^\/rustc\/|[\\/](?:\.cargo|rustlib|library[\\/](?:std|core|alloc))[\\/]/;
/** Reads Rust's panics with or without backtrace, and the `Caused by:` lists of anyhow and eyre. */
export function parseRust(lines: readonly string[]): ParsedSections {
  const draft = newDraft();
  const causes: ErrorDraft[] = [];
  const header: string[] = [];
  let inCauses = false;
  let inTrace = false;
  let symbol: string | undefined;
  const keep = (frame: StackFrame): void => {
    if (draft.frames.length < MAX_FRAMES) draft.frames.push(frame);
  };

  for (const line of lines) {
    if (/^stack backtrace:$/i.test(line.trim())) {
      inTrace = true;
      continue;
    }
    if (inTrace && line.length <= MAX_FRAME_LENGTH) {
      const place = symbol === undefined ? undefined : PLACE.exec(line);
      if (symbol !== undefined && place) {
        keep(frameOf(symbol, place[1], Number(place[2]), readNumber(place[3] ?? '')));
        symbol = undefined;
        continue;
      }
      const named = SYMBOL.exec(line);
      if (named) {
        if (symbol !== undefined) keep(frameOf(symbol));
        symbol = named[1];
      }
      continue;
    }
    if (line.trim() === 'Caused by:') inCauses = true;
    else if (!inCauses) header.push(line);
    else if (line.trim() !== '' && causes.length < MAX_CAUSES) {
      causes.push({ message: line.trim().replace(/^\d{1,3}: /, ''), frames: [] });
    }
  }
  if (symbol !== undefined) keep(frameOf(symbol));
  readPanic(header, draft);
  return { errors: [draft, ...causes].map(finish), language: 'rust' };
}

function frameOf(symbol: string, file?: string, line?: number, column?: number): StackFrame {
  // Symbols end in a hash that changes with each build.
  const name = symbol.trim().replace(/::h[0-9a-f]{16}$/, '');
  const inApp = !RUNTIME.test(name) && !(file !== undefined && RUNTIME_FILE.test(file));
  return makeFrame({ function: name, file, line, column }, inApp, 'rust');
}

/** `thread 'main' panicked at src/a.rs:1:2:` and the message below; before 1.73 `… at 'message', src/a.rs:1:2`. */
function readPanic(header: readonly string[], draft: ErrorDraft): void {
  const text = header.join('\n').trim();
  const thread = text.indexOf("thread '");
  const panicked = thread < 0 ? -1 : text.indexOf(' panicked at ', thread);
  const rest = panicked < 0 ? '' : text.slice(panicked + 13);
  const quoted = rest.startsWith("'") ? rest.lastIndexOf("', ") : -1;
  const lineStart = quoted < 0 ? 0 : quoted + 3;
  const lineEnd = rest.indexOf('\n', lineStart);
  const place = readPlace(
    (lineEnd < 0 ? rest.slice(lineStart) : rest.slice(lineStart, lineEnd)).replace(/:$/, ''),
  );
  if (!place) {
    draft.message = text.replace(/^Error: /, '');
    return;
  }
  draft.name = 'panic';
  draft.message =
    quoted < 0 ? withoutNote(lineEnd < 0 ? '' : rest.slice(lineEnd + 1)) : rest.slice(1, quoted);
  if (draft.frames.every((frame) => !frame.inApp)) {
    draft.frames.unshift(makeFrame(place, !RUNTIME_FILE.test(place.file), 'rust'));
  }
}

function withoutNote(message: string): string {
  const note = indexOfLine(message, 'note: ');
  return (note < 0 ? message : message.slice(0, note)).trim();
}
