import type { StackLanguage } from '../types.ts';
import { MAX_FRAME_LENGTH } from './text.ts';

/** Lines that are looked at before a text counts as no stack at all. */
const MAX_LINES = 2000;

/** Infers the language from the first line that only one language writes. */
export function detectLanguage(lines: readonly string[]): StackLanguage {
  const count = Math.min(lines.length, MAX_LINES);
  /** `caused by:` and Node's bare `Error: x` have no frames, but are a stack of their language. */
  let hint: StackLanguage = 'unknown';
  for (let index = 0; index < count; index++) {
    const raw = lines[index] as string;
    if (raw.length > MAX_FRAME_LENGTH) continue;
    const line = raw.trim();
    const language = languageOf(line, raw, lines[index + 1]);
    if (language) return language;
    if (hint === 'unknown' && /^(?:\[cause\]: |[cC]aused by: |\[errors\]: \[)/.test(line))
      hint = 'javascript';
  }
  return hint;
}

function languageOf(line: string, raw: string, next: string | undefined): StackLanguage | undefined {
  switch (line.charCodeAt(0)) {
    case 97: // a
      return line.startsWith('at ') ? languageOfCall(line) : undefined;
    case 70: // F
      return /^File "[^"\n]+", line \d/.test(line) ? 'python' : undefined;
    case 84: // T
      return line.startsWith('Traceback (most recent call last):') ? 'python' : undefined;
    case 103: // g
      if (/^goroutine \d+ \[/.test(line)) return 'go';
      break;
    case 116: // t
      if (/^thread '[^']*'.* panicked at /.test(line)) return 'rust';
      break;
    case 115: // s
    case 83: // S
      if (/^stack backtrace:$/i.test(line)) return 'rust';
      break;
    case 35: // #
      if (/^#\d+ (?:.+\(\d+\): .|\{main\}$|\[internal function\]: )/.test(line)) return 'php';
      break;
    default:
      break;
  }
  if (line.endsWith("'") || line.endsWith(')')) {
    if (/^(?:\d+: )?(?:from )?[^\s:][^:\n]*:\d+:in [`']/.test(line)) return 'ruby';
  } else if (line.includes(':in `') || line.includes(":in '")) {
    if (/^(?:\d+: )?(?:from )?[^\s:][^:\n]*:\d+:in [`']/.test(line)) return 'ruby';
  }
  if (
    next !== undefined &&
    next.charCodeAt(0) === 9 &&
    raw === raw.trimStart() &&
    GO_PLACE.test(next.slice(0, 1200))
  ) {
    return 'go';
  }
  return GECKO.test(line) ? 'javascript' : undefined;
}

const GO_PLACE = /^\t[^\s:][^\n:]*\.go:\d+/;
const GECKO = /^[\w$.<>/*]{0,200}@(?:https?|file|webpack)[^\s]{1,1024}:\d+:\d+$/;

/** Java, C# and JavaScript all say `at`. */
function languageOfCall(line: string): StackLanguage | undefined {
  const body = line.endsWith(',') || line.endsWith('{') ? line.replace(/[,\s{]+$/, '') : line;
  if (/:\d+\)?$/.test(body)) {
    if (/\([\w$-]+\.(?:java|kt|kts|scala|groovy|clj):\d+\)$/.test(body)) return 'java';
    if (/\)(?: \[0x[0-9a-f]+\])? in .+:\d+$/.test(body)) return 'csharp';
    return 'javascript';
  }
  if (/\((?:Native Method|Unknown Source|<generated>)\)/.test(body) || /\.java:\d+\) ~?\[/.test(body))
    return 'java';
  if (/ in .+:line \d+$/.test(body)) return 'csharp';
  if (
    /^at [\w.`+<>[\],|$]+ ?\([^()]*\)$/.test(body) &&
    !/\((?:<anonymous>|native|index \d+|node:[^)]*|[^)]*\.[cm]?[jt]sx?)\)$/.test(body)
  ) {
    return body.includes('.') ? 'csharp' : undefined;
  }
  if (/\((?:<anonymous>|native|index \d+)\)$/.test(body) || /^at (?:async )?<anonymous>$/.test(body))
    return 'javascript';
  return undefined;
}
