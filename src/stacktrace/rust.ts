import type { StackFrame } from '../types.ts';
import type { ParsedSections } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  MAX_CAUSES,
  MAX_FRAME_LENGTH,
  MAX_FRAMES,
  makeFrame,
  newDraft,
  readNumber,
} from './text.ts';

const SYMBOL = /^\s*\d{1,6}:\s+(?:0x[0-9a-f]+ - )?(\S.{0,600})$/;
const PLACE = /^\s+at (\S.{0,1024}?):(\d{1,9})(?::(\d{1,9}))?\s*$/;
const RUNTIME =
  /^<?(?:std|core|alloc|__rustc|backtrace|rust_begin_unwind|rust_panic|_?main$|__libc|_start|start_thread|clone|tokio|futures|hyper|actix|axum|tower|rayon|anyhow|eyre|color_eyre|test)(?:::|_|$|>| as )/;
const RUNTIME_FILE = /^\/rustc\/|[\\/](?:\.cargo|rustlib|library[\\/](?:std|core|alloc))[\\/]/;
/** The panic's own place; the old form has the message in front of it. */
const PANIC =
  /^thread '[^'\n]{0,200}'(?: \(\d+\))? panicked at (?:'([\s\S]*)', )?([^\n]{1,1024}?):(\d{1,9}):(\d{1,9}):?(?:\n|$)/;

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

function readPanic(header: readonly string[], draft: ErrorDraft): void {
  const text = header.join('\n').trim();
  const at = text.indexOf("thread '");
  const panic = at < 0 ? null : PANIC.exec(text.slice(at));
  if (!panic) {
    draft.message = text.replace(/^Error: /, '');
    return;
  }
  draft.name = 'panic';
  const rest = text.slice(at + panic[0].length);
  const note = rest.indexOf('\nnote: ');
  draft.message = (panic[1] ?? (note >= 0 ? rest.slice(0, note) : rest.replace(/^note: .*/, ''))).trim();
  if (draft.frames.every((frame) => !frame.inApp)) {
    draft.frames.unshift(
      makeFrame(
        { file: panic[2], line: Number(panic[3]), column: Number(panic[4]) },
        !RUNTIME_FILE.test(panic[2] as string),
        'rust',
      ),
    );
  }
}
