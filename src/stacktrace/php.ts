import type { ParsedSections } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  MAX_CAUSES,
  MAX_FRAME_LENGTH,
  MAX_FRAMES,
  makeFrame,
  markNative,
  newDraft,
  type Place,
  readNumber,
  readPlace,
} from './text.ts';

const DEPENDENCY = /[\\/]vendor[\\/]|^phar:|^\[internal function\]$/;
interface Call {
  readonly name: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/**
 * Reads PHP's fatal errors, `(string) $exception` and Monolog's traces. A PHP line says where a function was
 * *called*; frames are shifted by one so that each names the file of its own code, as in other languages.
 */
export function parsePhp(lines: readonly string[]): ParsedSections {
  const sections: { header: string[]; calls: Call[] }[] = [{ header: [], calls: [] }];
  let current = sections[0] as { header: string[]; calls: Call[] };
  for (const raw of lines) {
    const line = raw.trim();
    const call = line.charCodeAt(0) === 35 ? readCall(line) : undefined;
    if (call) {
      if (current.calls.length < MAX_FRAMES) current.calls.push(call);
      continue;
    }
    if (current.calls.length > 0 && /^(?:Next |PHP |Fatal error: )/.test(line)) {
      if (sections.length > MAX_CAUSES) break;
      current = { header: [line.replace(/^Next /, '')], calls: [] };
      sections.push(current);
    } else if (current.calls.length === 0 && !/^(?:Stack trace:|\[stacktrace\]|thrown in )/.test(line)) {
      current.header.push(line);
    }
  }
  // PHP prints the first cause first and says `Next` for what it led to.
  return { errors: sections.map(toDraft).reverse().map(finish), language: 'php' };
}

/** `#0 /app/x.php(12): Class->method(…)`, `#1 [internal function]: f()`, `#2 {main}`. */
function readCall(line: string): Call | undefined {
  const number = line.length > MAX_FRAME_LENGTH ? null : /^#\d{1,6} /.exec(line);
  if (!number) return undefined;
  const rest = line.slice(number[0].length);
  if (rest === '{main}') return { name: rest, file: undefined, line: undefined };
  const placed = rest.indexOf('): ');
  const open = placed < 0 ? -1 : rest.lastIndexOf('(', placed);
  const lineNumber = open < 0 ? undefined : readNumber(rest, open + 1, placed);
  if (lineNumber !== undefined) {
    return { name: withoutArguments(rest.slice(placed + 3)), file: rest.slice(0, open), line: lineNumber };
  }
  const colon = rest.indexOf(': ');
  return colon < 0
    ? undefined
    : { name: withoutArguments(rest.slice(colon + 2)), file: rest.slice(0, colon), line: undefined };
}

function withoutArguments(call: string): string {
  const open = call.indexOf('(');
  return open < 0 ? call : call.slice(0, open);
}

function toDraft(section: {
  readonly header: readonly string[];
  readonly calls: readonly Call[];
}): ErrorDraft {
  const draft = newDraft();
  const place = readPhpHeader(section.header.join('\n').trim(), draft);
  let file = place.file;
  let line = place.line;
  for (const call of section.calls) {
    const inApp = file !== undefined && !DEPENDENCY.test(file);
    draft.frames.push(makeFrame({ function: call.name, file, line }, inApp, 'php'));
    file = call.file;
    line = call.line;
  }
  markNative(draft.frames);
  return draft;
}

function readPhpHeader(text: string, draft: ErrorDraft): Partial<Place> {
  let rest = text
    .slice(0, 16_384)
    .replace(/^(?:PHP )?(?:Fatal|Parse|Recoverable fatal|Catchable fatal) error: +/, '');
  rest = rest.replace(/^Uncaught /, '');
  return readOldHeader(rest, draft) ?? readLoggedHeader(rest, draft) ?? readNewHeader(rest, draft);
}

/** Before PHP 7: `exception 'Class' with message 'text' in file:line`. */
function readOldHeader(text: string, draft: ErrorDraft): Place | undefined {
  const start = /^exception '([\w\\]{1,200})'(?: with message ')?/.exec(text);
  const at = start ? text.lastIndexOf(' in ') : -1;
  const place = start && at >= start[0].length - 1 ? readPlace(text.slice(at + 4)) : undefined;
  if (!start || !place) return undefined;
  draft.name = start[1] as string;
  draft.message = text.slice(start[0].length, at).replace(/'$/, '');
  return place;
}

/** Monolog: `[object] (Class(code: 0): text at file:line)`. */
function readLoggedHeader(text: string, draft: ErrorDraft): Place | undefined {
  const from = text.indexOf('[object] (');
  const start =
    from < 0
      ? null
      : /^\[object\] \(([\w\\]{1,200})\(code: [^)]{0,40}\): /.exec(text.slice(from, from + 300));
  const at = text.lastIndexOf(' at ');
  const place = start && text.endsWith(')') ? readPlace(text.slice(at + 4, -1)) : undefined;
  if (!start || !place || at < from + start[0].length) return undefined;
  draft.name = start[1] as string;
  draft.message = text.slice(from + start[0].length, at);
  return place;
}

/** `Class: text in file:line`, `Class: text in file on line 12`. */
function readNewHeader(text: string, draft: ErrorDraft): Partial<Place> {
  const at = text.lastIndexOf(' in ');
  const found = at < 0 ? undefined : readPlace(text.slice(at + 4).replace(/ on line (?=\d{1,9}$)/, ':'));
  const place = found && /\.\w{2,8}$/.test(found.file) ? found : undefined;
  const body = place ? text.slice(0, at) : text;
  const colon = body.indexOf(': ');
  const name = colon < 0 ? body : body.slice(0, colon);
  const isName = /^[A-Za-z_][\w\\]{0,199}$/.test(name) && (colon >= 0 || /(?:Error|Exception)$/.test(name));
  if (isName) draft.name = name;
  draft.message = withoutCallSite(isName ? (colon < 0 ? '' : body.slice(colon + 2)) : body);
  return place ?? {};
}

/** A TypeError's message names the caller's file and line, which is a frame already. */
function withoutCallSite(message: string): string {
  const at = message.endsWith(' and defined') ? message.lastIndexOf(' called in ') : -1;
  return (at < 0 ? message : message.slice(0, at)).replace(/,$/, '').trim();
}
