import { RecentTexts } from '../recent-texts.ts';
import type { StackFrame } from '../types.ts';
import type { ParsedSections, WantsMore } from './sections.ts';
import { type ErrorDraft, finish, MAX_CAUSES, MAX_FRAMES, newDraft, readHeader } from './text.ts';
import { frameAt, readPlace, readV8Frame } from './v8-frame.ts';

/** Some 2 MB at the very most; a stack of ten frames has about 1000 characters. */
const recentTails = new RecentTexts<{ frames: readonly StackFrame[]; causes: readonly ErrorDraft[] }>(
  2048,
  4096,
);

/**
 * Reads what V8 prints, and what pino, `util.inspect` and libraries make of it: several lines of message,
 * `caused by:`, `[cause]:`, `[errors]: [`.
 */
export function parseJavaScript(text: string, wantsMore?: WantsMore): ParsedSections {
  return new JavaScriptReader(text, wantsMore).run();
}

const CAUSE_MARKERS = ['aused by: ', '[cause]: ', '[errors]: ['] as const;
const CLOSING = /^[\]}),\s]*$/;

class JavaScriptReader {
  readonly #text: string;
  readonly #wantsMore: WantsMore | undefined;
  readonly #errors: ErrorDraft[] = [];
  #current: ErrorDraft = newDraft();
  /** Where the header of the current error stands; the end is -1 as long as it may go on. */
  #headerStart = 0;
  #headerEnd = -1;
  #enough = false;
  /** Inside `[errors]: [ … ]` a line that is no frame begins the next child. */
  #inErrors = false;
  #childExpected = false;
  /** The text from the first frame on, when it is to be remembered. */
  #tail: { readonly text: string; readonly shelf: number } | undefined;
  #done = false;
  #moreErrors: boolean | undefined;

  constructor(text: string, wantsMore: WantsMore | undefined) {
    this.#text = text;
    this.#wantsMore = wantsMore;
    this.#errors.push(this.#current);
  }

  run(): ParsedSections {
    const text = this.#text;
    let next = 0;
    for (let lineStart = 0; lineStart <= text.length; lineStart = next) {
      let end = text.indexOf('\n', lineStart);
      if (end < 0) end = text.length;
      next = end + 1;
      let start = lineStart;
      while (start < end && text.charCodeAt(start) <= 32) start++;
      while (end > start && text.charCodeAt(end - 1) <= 32) end--;
      if (!this.#line(start, end) || this.#done) break;
      if (this.#enough && !this.#hasMore(next)) break;
    }
    this.#closeHeader(text.length);
    if (this.#tail !== undefined) {
      const { text: tail, shelf } = this.#tail;
      recentTails.put(shelf, tail, { frames: this.#errors[0]?.frames ?? [], causes: this.#errors.slice(1) });
    }
    return { errors: this.#errors, language: 'javascript' };
  }

  /**
   * The same calls come again and again below other messages: what stands from the first frame on is remembered.
   * True when it was known.
   */
  #recall(start: number): boolean {
    if (this.#wantsMore === undefined || this.#errors.length > 1 || this.#text.length > 8192) return false;
    if (this.#wantsMore(this.#current, true)) return false;
    const tail = this.#text.slice(start);
    const shelf = recentTails.shelfOf(tail);
    const known = recentTails.find(shelf, tail);
    if (known === undefined) {
      this.#tail = { text: tail, shelf };
      return false;
    }
    this.#current.frames.push(...known.frames);
    this.#errors.push(...known.causes);
    return true;
  }

  /** Whether another error comes; what is left is searched once. */
  #hasMore(from: number): boolean {
    this.#moreErrors ??= CAUSE_MARKERS.some((marker) => this.#text.includes(marker, from));
    return this.#moreErrors;
  }

  /** False when no more errors are kept. */
  #line(start: number, end: number): boolean {
    const text = this.#text;
    const first = text.charCodeAt(start);
    if (first === 97 && text.startsWith('at ', start) && this.#frame(start, end)) return true;
    const marker = start === end ? 0 : causeMarker(text, start, first);
    if (marker > 0) {
      const isList = text.charCodeAt(start + 1) === 101;
      if (isList) this.#inErrors = true;
      this.#closeHeader(start);
      if (isList && start + marker >= end) {
        this.#childExpected = true;
        return true;
      }
      return this.#begin(start + marker);
    }
    if (this.#childExpected && !CLOSING.test(text.slice(start, end))) return this.#begin(start);
    return true;
  }

  #frame(start: number, end: number): boolean {
    const text = this.#text;
    if (this.#headerEnd >= 0 && this.#enough) {
      if (this.#inErrors) this.#childExpected = text.charCodeAt(end - 1) === 44;
      return true;
    }
    if (this.#wantsMore !== undefined && isForeignCall(text, start, end)) {
      if (this.#endsHeader(start)) return true;
      if (this.#inErrors) this.#childExpected = text.charCodeAt(end - 1) === 44;
      return true;
    }
    const frame = readV8Frame(text.slice(start + 3, end).trimStart(), this.#headerEnd >= 0);
    if (!frame) return false;
    if (this.#endsHeader(start)) return true;
    if (this.#inErrors) this.#childExpected = text.charCodeAt(end - 1) === 44;
    const { frames } = this.#current;
    if (this.#wantsMore) {
      if (!frame.inApp) return true;
      frames.push(frame);
      this.#enough = !this.#wantsMore(this.#current);
    } else if (frames.length < MAX_FRAMES) frames.push(frame);
    return true;
  }

  /** At the first frame of an error. True when all from here on is known already. */
  #endsHeader(start: number): boolean {
    if (this.#headerEnd >= 0) return false;
    this.#closeHeader(start);
    this.#done = this.#recall(start);
    return this.#done;
  }

  #begin(headerStart: number): boolean {
    if (this.#errors.length > MAX_CAUSES) return false;
    this.#current = newDraft();
    this.#errors.push(this.#current);
    this.#headerStart = headerStart;
    this.#headerEnd = -1;
    this.#enough = false;
    this.#childExpected = false;
    return true;
  }

  #closeHeader(end: number): void {
    if (this.#headerEnd >= 0) return;
    this.#headerEnd = end;
    const header = readErrorHeader(this.#text.slice(this.#headerStart, end).trim());
    this.#current.message = header.message;
    if (header.name !== undefined) this.#current.name = header.name;
  }
}

/** A call in a dependency or in Node, told by its look: most lines of most stacks are. */
function isForeignCall(text: string, start: number, end: number): boolean {
  const line = text.slice(start, end);
  const last = line.charCodeAt(line.length - 1);
  if (last !== 41 && !(last >= 48 && last <= 57) && last !== 44) return false;
  return line.includes('/node_modules/') || line.includes('(node:') || line.startsWith('at node:');
}

/** How many characters a marker in front of a cause takes; 0 for none. */
function causeMarker(text: string, start: number, first: number): number {
  // `[cause]: `, `[errors]: [`
  if (first === 91)
    return text.startsWith('[cause]: ', start) ? 9 : text.startsWith('[errors]: [', start) ? 11 : 0;
  // `caused by: `, `Caused by: `
  return (first === 99 || first === 67) && text.startsWith('aused by: ', start + 1) ? 11 : 0;
}

/** Words that processes and loggers put before the error; they are no class of it. */
const PREFIX =
  /^(?:\(node:\d+\) )?(?:(?:UnhandledPromiseRejectionWarning|uncaughtException|unhandledRejection|Uncaught(?: \(in promise\))?)(?::? |$))+/;
const ERROR_START = /^[A-Za-z_$][\w$.]{0,100}(?:Error|Exception)(?: \[\w{1,60}\])?(?::\s|$)/;

function readErrorHeader(header: string): { name?: string; message: string } {
  let text = header;
  const first = text.charCodeAt(0) | 32;
  if (first === 117 || first === 40) {
    const prefix = PREFIX.exec(text.slice(0, 300));
    if (prefix) text = withoutRepetition(text.slice(prefix[0].length).trimStart());
  }
  // `util.inspect` opens the properties of an error without frames behind its message.
  if (text.endsWith('{')) text = text.slice(0, -1).trimEnd();
  const parsed = readHeader(text);
  if (parsed.name !== undefined || !text.includes('\n')) return parsed;
  // A log line, then the error on a line of its own.
  const lines = text.split('\n', 50);
  const start = lines.findIndex((line, index) => index > 0 && ERROR_START.test(line.slice(0, 300)));
  if (start < 0) return parsed;
  const offset = lines.slice(0, start).reduce((sum, line) => sum + line.length + 1, 0);
  return readHeader(text.slice(offset));
}

/** winston repeats the message before the stack: `uncaughtException: no x\nTypeError: no x`. */
function withoutRepetition(text: string): string {
  const lineEnd = text.indexOf('\n');
  if (lineEnd <= 0) return text;
  const rest = text.slice(lineEnd + 1).trimStart();
  return ERROR_START.test(rest.slice(0, 300)) && rest.includes(text.slice(0, lineEnd)) ? rest : text;
}

/** Reads the stacks of Firefox and Safari: `fn@https://host/x.js:1:2`. */
export function parseGecko(text: string): ParsedSections {
  const draft = newDraft();
  const header: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const at = line.length > 2048 ? -1 : line.indexOf('@');
    const place =
      at < 0 || at > 200 || /[^\w$.<>/*]/.test(line.slice(0, at)) ? undefined : readPlace(line.slice(at + 1));
    if (place?.column === undefined) {
      if (draft.frames.length === 0) header.push(raw);
    } else if (draft.frames.length < MAX_FRAMES)
      draft.frames.push(frameAt(line.slice(0, at) || undefined, place));
  }
  Object.assign(draft, readErrorHeader(header.join('\n').trim()));
  return { errors: [finish(draft)], language: 'javascript' };
}
