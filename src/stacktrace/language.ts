import type { StackLanguage } from '../types.ts';
import { MAX_FRAME_LENGTH } from './text.ts';

/** A language, or a dialect of one that has a reader of its own. */
export type Dialect = StackLanguage | 'gecko';

/** Lines that are looked at before a text counts as no stack at all. */
const MAX_LINES = 2000;

/** Infers the language from the first line that only one language writes. */
export function detectLanguage(text: string): Dialect {
  if (beginsLikeV8(text)) return 'javascript';
  /** `caused by:` and `[errors]:` may stand in a stack without any frame. */
  let hint: Dialect = 'unknown';
  let start = 0;
  for (let count = 0; count < MAX_LINES && start <= text.length; count++) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    if (end - start <= MAX_FRAME_LENGTH) {
      const raw = text.slice(start, end);
      const line = raw.trim();
      const language = languageOf(line) ?? (isGoCall(text, raw, end) ? 'go' : undefined);
      if (language) return language;
      if (hint === 'unknown' && /^(?:\[cause\]: |[cC]aused by: |\[errors\]: \[)/.test(line))
        hint = 'javascript';
    }
    start = end + 1;
  }
  return hint;
}

/** By far the most frequent: V8's frames below a message of one line. */
export function beginsLikeV8(text: string): boolean {
  const lineEnd = text.indexOf('\n');
  if (lineEnd <= 0 || !text.startsWith('    at ', lineEnd + 1)) return false;
  const nextEnd = text.indexOf('\n', lineEnd + 1);
  return endsInLineAndColumn(text, nextEnd < 0 ? text.length : nextEnd);
}

/** `:12:34)` or `:12:34` at the end. */
export function endsInLineAndColumn(text: string, end: number): boolean {
  let index = end - 1;
  if (text.charCodeAt(index) === 13) index--;
  if (text.charCodeAt(index) === 41) index--;
  for (let part = 0; part < 2; part++) {
    const from = index;
    while (text.charCodeAt(index) >= 48 && text.charCodeAt(index) <= 57) index--;
    if (index === from || text.charCodeAt(index) !== 58) return false;
    index--;
  }
  return true;
}

function languageOf(line: string): Dialect | undefined {
  switch (line.charCodeAt(0)) {
    case 97: // at
      if (line.startsWith('at ')) return languageOfCall(line);
      break;
    case 70: // File
      if (/^File "[^"\n]+", line \d/.test(line)) return 'python';
      break;
    case 84: // Traceback
    case 43: // + Exception Group Traceback
      if (line.endsWith('Traceback (most recent call last):')) return 'python';
      break;
    case 103: // goroutine
      if (/^goroutine \d+ \[/.test(line)) return 'go';
      break;
    case 116: // thread
      if (/^thread '[^']*'.* panicked at /.test(line)) return 'rust';
      break;
    case 115: // stack
    case 83:
      if (/^stack backtrace:$/i.test(line)) return 'rust';
      break;
    case 35: // #0
      if (/^#\d+ (?:.+\(\d+\): .|\{main\}$|\[internal function\]: )/.test(line)) return 'php';
      break;
    default:
      break;
  }
  if (line.includes(':in ') && RUBY.test(line)) return 'ruby';
  return line.includes('@') && GECKO.test(line) ? 'gecko' : undefined;
}

const RUBY = /^(?:\d+: )?(?:from )?[^\s:][^:\n]*:\d+:in [`']/;
const GECKO = /^[\w$.<>/*]{0,200}@(?:https?|file|webpack)[^\s]{1,1024}:\d+:\d+$/;

/** Go puts a call's place on the next line, behind a tab. */
function isGoCall(text: string, raw: string, end: number): boolean {
  if (text.charCodeAt(end + 1) !== 9 || raw === '' || raw.charCodeAt(0) <= 32) return false;
  return /^\t[^\s:][^\n:]*\.go:\d/.test(text.slice(end + 1, end + 1200));
}

/** Java, C# and JavaScript all say `at`. */
function languageOfCall(line: string): Dialect | undefined {
  let end = line.length;
  // `util.inspect` puts commas between errors and a brace before their properties.
  while (end > 0 && ', {'.includes(line.charAt(end - 1))) end--;
  const body = line.slice(0, end);
  const place = body.lastIndexOf(' in ');
  const isDotNet = place > 0 && ')]'.includes(body.charAt(place - 1));
  if (/:\d{1,9}\)?$/.test(body)) {
    if (JVM_FILE.test(inLastBrackets(body))) return 'java';
    return isDotNet ? 'csharp' : 'javascript';
  }
  const inner = inLastBrackets(body);
  if (isDotNet && /:line \d{1,9}$/.test(body)) return 'csharp';
  if (/^(?:Native Method|Unknown Source|<generated>)$/.test(inner) || / ~?\[[^[\]]{1,200}\]$/.test(body))
    return 'java';
  if (/^(?:<anonymous>|native|index \d{1,9}|unknown location)$/.test(inner)) return 'javascript';
  if (/^at (?:async )?<anonymous>$/.test(body)) return 'javascript';
  const isCall = /^at [\w.`+<>[\],|$]{1,500} ?\([^()]{0,1000}\)$/.test(body) && body.includes('.');
  return isCall && !/^node:|\.[cm]?[jt]sx?$/.test(inner) ? 'csharp' : undefined;
}

const JVM_FILE = /^[\w$-]{1,200}\.(?:java|kt|kts|scala|groovy|clj):\d{1,9}$/;

/** What stands between the last bracket that opens and one that closes behind it. */
function inLastBrackets(text: string): string {
  const open = text.lastIndexOf('(');
  const close = text.indexOf(')', open);
  return open < 0 || close < 0 ? '' : text.slice(open + 1, close);
}
