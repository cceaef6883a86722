import { RecentTexts } from '../recent-texts.ts';
import type { ParsedError, StackFrame, StackLanguage } from '../types.ts';

/** How much of a stack is read: what the wire format carries, so that both ends read the same. */
export const MAX_STACK_LENGTH = 65_536;
/** Frames kept of one error. V8 prints 10 by default, the JVM at most 1024. */
export const MAX_FRAMES = 200;
/** Causes kept of one stack, children of aggregates included. */
export const MAX_CAUSES = 24;
/** A line longer than this is no frame: paths end at 4096 bytes, real ones far below. */
export const MAX_FRAME_LENGTH = 2048;

/** An error while its lines are being read. */
export interface ErrorDraft {
  name?: string;
  message: string;
  readonly frames: StackFrame[];
}

export function newDraft(): ErrorDraft {
  return { message: '', frames: [] };
}

/** A draft as what is handed out. */
export function finish(draft: ErrorDraft): ParsedError {
  return draft.name === undefined
    ? { message: draft.message, frames: draft.frames }
    : { name: draft.name, message: draft.message, frames: draft.frames };
}

/** Parts of a frame; what is not known is left out of the frame. */
export interface FrameParts {
  readonly function?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

export function makeFrame(parts: FrameParts, inApp: boolean, language: StackLanguage): StackFrame {
  const frame: { -readonly [key in keyof StackFrame]: StackFrame[key] } = { inApp, language };
  if (parts.function) frame.function = parts.function;
  if (parts.file) frame.file = parts.file;
  if (parts.line !== undefined && Number.isSafeInteger(parts.line)) frame.line = parts.line;
  if (parts.column !== undefined && Number.isSafeInteger(parts.column)) frame.column = parts.column;
  return frame;
}

/** What a class looks like: `TypeError`, `java.lang.Error`, `Acme\Mail\Error`, `orders.store.Error`. */
const CLASS = /^[A-Za-z_$][\w$.\\]{0,199}$/;
const MAX_CLASS_LENGTH = 260;

/** `Name: message`, `Name [CODE]: message` or `Name` alone. */
export interface Header {
  readonly name?: string;
  readonly message: string;
}

/**
 * Splits an error's first line into class and message. The class must be one word before the first `: `, since
 * messages hold colons too.
 */
export function readHeader(text: string): Header {
  const limit = Math.min(text.length, MAX_CLASS_LENGTH);
  let end = 0;
  // The class ends at a colon, or with the line.
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (code === 58 || code === 10) break;
  }
  if (end === limit && limit < text.length) return { message: text };
  const head = withoutCode(text.slice(0, end).trimEnd());
  if (text.charCodeAt(end) !== 58) {
    return CLASS.test(head) && LOOKS_LIKE_CLASS.test(head)
      ? { name: head, message: text.slice(end + 1).trim() }
      : { message: text };
  }
  const next = text.charCodeAt(end + 1);
  // `ActiveRecord::RecordNotFound: …` holds colons itself.
  if (next === 58) return readScopedHeader(text);
  if (next > 32 || !CLASS.test(head)) return { message: text };
  return { name: head, message: text.slice(end + 1).trim() };
}

/** A word alone on a line is a class only when it is written like one; `Killed` is a message. */
const LOOKS_LIKE_CLASS = /(?:Error|Exception|Exit|Interrupt|Fault|Timeout|Panic)$|^[\w$]+[.\\][\w$.\\]+$/i;

function readScopedHeader(text: string): Header {
  const match = /^([A-Za-z_]\w{0,99}(?:::[A-Za-z_]\w{0,99}){1,8}):\s/.exec(text.slice(0, 600));
  return match?.[1] === undefined
    ? { message: text }
    : { name: match[1], message: text.slice(match[0].length).trim() };
}

/** Node prints `Error [ERR_X]: …`; the code is no part of the class. */
function withoutCode(head: string): string {
  if (!head.endsWith(']')) return head;
  const open = head.indexOf(' [');
  // Of a DOMException the class is what stands in the brackets: `DOMException [AbortError]: …`.
  if (open === 12 && head.startsWith('DOMException')) return head.slice(open + 2, -1);
  return open > 0 ? head.slice(0, open) : head;
}

/** The whole number that `text` holds between two places; undefined when there is anything else. */
export function readNumber(text: string, start = 0, end: number = text.length): number | undefined {
  if (start >= end || end - start > 9) return undefined;
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** A place as it is written: file, line, column. */
export interface Place {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Reads `file:line:column` or `file:line`; undefined when no line stands at the end. */
export function readPlace(text: string): Place | undefined {
  const second = text.lastIndexOf(':');
  if (second <= 0) return undefined;
  const last = readNumber(text, second + 1, text.length);
  if (last === undefined) return undefined;
  const first = text.lastIndexOf(':', second - 1);
  const line = first > 0 ? readNumber(text, first + 1, second) : undefined;
  return line === undefined
    ? { file: text.slice(0, second), line: last }
    : { file: text.slice(0, first), line, column: last };
}

/** Whether only blanks stand between `start` and the beginning of its line. */
export function beginsLine(text: string, start: number): boolean {
  let index = start - 1;
  while (index >= 0 && (text.charCodeAt(index) === 32 || text.charCodeAt(index) === 9)) index--;
  return index < 0 || text.charCodeAt(index) === 10;
}

/** Where a line begins with `words`, but for blanks; -1 when none does. */
export function indexOfLine(text: string, words: string, from = 0): number {
  for (let index = text.indexOf(words, from); index >= 0; index = text.indexOf(words, index + 1)) {
    if (beginsLine(text, index)) return index;
  }
  return -1;
}

/** Lines of a text, each without the carriage return that Windows leaves. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (text.includes('\r')) {
    for (const [index, line] of lines.entries()) {
      if (line.endsWith('\r')) lines[index] = line.slice(0, -1);
    }
  }
  return lines;
}

const ANSI = /\u001b\[[0-9;?]{0,32}[A-Za-z]/g;

/** Colours are for terminals. */
export function withoutAnsi(text: string): string {
  return text.includes('\u001b') ? text.replace(ANSI, '') : text;
}

/**
 * Ruby and PHP list functions written in C under the line that called them: two frames in one place, of which
 * the inner one is the language's own.
 */
export function markNative(frames: StackFrame[]): void {
  for (let index = 0; index + 1 < frames.length; index++) {
    const frame = frames[index] as StackFrame;
    const caller = frames[index + 1] as StackFrame;
    if (frame.line === undefined || frame.line !== caller.line || frame.function === caller.function)
      continue;
    if (frame.inApp && frame.file === caller.file) {
      frames[index] = { ...frame, inApp: false };
    }
  }
}

/** Remembers the frames of lines read lately: the same calls come again and again. */
export function rememberFrames(
  read: (line: string) => StackFrame | undefined,
): (line: string) => StackFrame | undefined {
  const recent = new RecentTexts<StackFrame | 'none'>(1024, 512);
  const remember = (line: string): StackFrame | 'none' => read(line) ?? 'none';
  return (line) => {
    const frame = recent.recall(line, remember);
    return frame === 'none' ? undefined : frame;
  };
}
