import type { StackFrame } from '../types.ts';
import { readErrorHeader } from './javascript-header.ts';
import type { ParsedSections, WantsMore } from './sections.ts';
import { type ErrorDraft, finish, MAX_CAUSES, MAX_FRAMES, newDraft, readPlace, splitLines } from './text.ts';
import { frameAt, readV8Frame } from './v8-frame.ts';

/**
 * Reads what V8 prints, and what pino, `util.inspect` and libraries make of it: several lines of message,
 * `caused by:`, `[cause]:`, `[errors]: [`.
 */
export function parseJavaScript(text: string, wantsMore?: WantsMore): ParsedSections {
  const errors: ErrorDraft[] = [newDraft()];
  let current = errors[0] as ErrorDraft;
  let header: string[] = [];
  let headerOpen = true;
  /** Inside `[errors]: [ … ]` a line that is no frame begins the next child. */
  let inErrors = false;
  let childExpected = false;
  let enough = false;

  const closeHeader = (): void => {
    if (headerOpen) Object.assign(current, readErrorHeader(header.join('\n').trim()));
    headerOpen = false;
  };
  const begin = (firstLine: string): boolean => {
    closeHeader();
    if (errors.length > MAX_CAUSES) return false;
    current = newDraft();
    errors.push(current);
    header = [firstLine];
    headerOpen = true;
    childExpected = false;
    enough = false;
    return true;
  };

  for (const raw of splitLines(text)) {
    const line = raw.trim();
    const isCall = line.startsWith('at ');
    const frame: StackFrame | undefined =
      isCall && !enough ? readV8Frame(line.slice(3).trimStart(), !headerOpen) : undefined;
    if (frame) {
      closeHeader();
      const isWanted = wantsMore === undefined || frame.inApp;
      if (isWanted && current.frames.length < MAX_FRAMES) current.frames.push(frame);
      enough = wantsMore !== undefined && frame.inApp && !wantsMore(current);
    }
    if (frame || (isCall && enough)) {
      if (inErrors) childExpected = line.endsWith(',');
      continue;
    }
    const marker = /^(?:\[cause\]: |[cC]aused by: |(\[errors\]: \[))/.exec(line);
    if (marker) {
      const rest = line.slice(marker[0].length);
      inErrors ||= marker[1] !== undefined;
      if (marker[1] !== undefined && rest === '') {
        closeHeader();
        childExpected = true;
      } else if (!begin(rest)) break;
    } else if (childExpected && !CLOSING.test(line)) {
      if (!begin(line)) break;
    } else if (headerOpen) header.push(raw);
  }
  closeHeader();
  return { errors: errors.map(finish), language: 'javascript' };
}

const CLOSING = /^[\]}),\s]*$/;

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
