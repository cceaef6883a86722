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
} from './text.ts';

const FRAME = /^#\d{1,6} (?:(\{main\})|(.{1,1024}?)(?:\((\d{1,9})\))?: (.{1,600}))$/;
const DEPENDENCY = /[\\/]vendor[\\/]|^phar:|^\[internal function\]$/;
/** `in /app/x.php:12` or `in /app/x.php on line 12`, at the end of a message. */
const PLACE = /^ in (\S[^\n]{0,1024}?\.\w{2,8})(?::| on line )(\d{1,9})\s*$/;

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
    if (line.charCodeAt(0) === 35 && line.length <= MAX_FRAME_LENGTH) {
      const match = FRAME.exec(line);
      if (match) {
        if (current.calls.length < MAX_FRAMES) {
          current.calls.push({
            name: match[1] ?? (match[4] as string).replace(/\(.*$/s, ''),
            file: match[2],
            line: match[3] === undefined ? undefined : Number(match[3]),
          });
        }
        continue;
      }
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

function readPhpHeader(text: string, draft: ErrorDraft): { file?: string; line?: number } {
  let rest = text
    .slice(0, 16_384)
    .replace(/^(?:PHP )?(?:Fatal|Parse|Recoverable fatal|Catchable fatal) error: +/, '');
  rest = rest.replace(/^Uncaught /, '');
  // Before PHP 7: exception 'Class' with message 'text' in file:line
  const old =
    /^exception '([\w\\]{1,200})'(?: with message '([\s\S]*)')? in ([^\n]{1,1024}?):(\d{1,9})$/.exec(rest);
  if (old) {
    draft.name = old[1] as string;
    draft.message = old[2] ?? '';
    return { file: old[3] as string, line: Number(old[4]) };
  }
  // Monolog: [object] (Class(code: 0): text at file:line)
  const logged =
    /\[object\] \(([\w\\]{1,200})\(code: [^)]{0,40}\): ([\s\S]*) at ([^\n]{1,1024}?):(\d{1,9})\)$/.exec(rest);
  if (logged) {
    draft.name = logged[1] as string;
    draft.message = logged[2] as string;
    return { file: logged[3] as string, line: Number(logged[4]) };
  }
  const placeAt = rest.lastIndexOf(' in ');
  const place = placeAt < 0 ? null : PLACE.exec(rest.slice(placeAt));
  const body = place ? rest.slice(0, placeAt) : rest;
  const named = /^([A-Za-z_][\w\\]{0,199})(?:: ([\s\S]*))?$/.exec(body);
  if (named?.[2] !== undefined || /(?:Error|Exception)$/.test(named?.[1] ?? '')) {
    draft.name = named?.[1] as string;
    draft.message = callSite(named?.[2] ?? '');
  } else draft.message = callSite(body);
  return place ? { file: place[1] as string, line: Number(place[2]) } : {};
}

/** A TypeError's message names the caller's file and line, which is a frame already. */
const callSite = (message: string): string =>
  message.replace(/,? called in \S[^\n]{0,1024} on line \d{1,9} and defined$/, '').trim();
