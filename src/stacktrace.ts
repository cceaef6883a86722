import { parseCSharp } from './stacktrace/csharp.ts';
import { parseGo } from './stacktrace/go.ts';
import { parseJava } from './stacktrace/java.ts';
import { parseGecko, parseJavaScript } from './stacktrace/javascript.ts';
import { parseJavaScriptQuickly } from './stacktrace/javascript-quick.ts';
import { detectLanguage } from './stacktrace/language.ts';
import { parsePhp } from './stacktrace/php.ts';
import { parsePython } from './stacktrace/python.ts';
import { parseRuby } from './stacktrace/ruby.ts';
import { parseRust } from './stacktrace/rust.ts';
import type { ParsedSections, WantsMore } from './stacktrace/sections.ts';
import {
  finish,
  MAX_STACK_LENGTH,
  newDraft,
  readHeader,
  splitLines,
  withoutAnsi,
} from './stacktrace/text.ts';
import type { ParsedStackTrace } from './types.ts';

/**
 * Reads a stack trace of any supported language, inferred from the text: class and message of the outermost
 * error, its frames (innermost call first), and the errors that led to it.
 *
 * Never throws, whatever the text; reads at most 65 536 characters of it, in time linear in their number. A text
 * that is no stack is an error without frames whose message is the text.
 *
 * @example
 * ```ts
 * parseStackTrace('TypeError: x is not a function\n    at run (/app/src/job.js:3:5)').frames[0]?.file;
 * // '/app/src/job.js'
 * ```
 */
export function parseStackTrace(text: string): ParsedStackTrace {
  const { errors, language } = readStack(text);
  const [outer = finish(newDraft()), ...causes] = errors;
  return { ...outer, language, causes };
}

/**
 * {@link parseStackTrace} for the hash, which needs few frames: with `wantsMore`, the languages with long stacks
 * yield the application's own frames only, and of each error as many as are asked for.
 */
export function readStack(text: string, wantsMore?: WantsMore): ParsedSections {
  if (typeof text !== 'string') return { errors: [], language: 'unknown' };
  const bounded = withoutAnsi(text.length > MAX_STACK_LENGTH ? text.slice(0, MAX_STACK_LENGTH - 1) : text);
  const dialect = detectLanguage(bounded);
  switch (dialect) {
    case 'javascript':
      return wantsMore ? parseJavaScriptQuickly(bounded, wantsMore) : parseJavaScript(bounded);
    case 'gecko':
      return parseGecko(bounded);
    case 'unknown':
      return { language: dialect, errors: [{ ...readHeader(bounded.trim()), frames: [] }] };
    default:
      return READERS[dialect](splitLines(bounded), wantsMore);
  }
}

const READERS = {
  python: parsePython,
  java: parseJava,
  go: parseGo,
  rust: parseRust,
  ruby: parseRuby,
  php: parsePhp,
  csharp: parseCSharp,
} as const satisfies Record<string, (lines: readonly string[], wantsMore?: WantsMore) => ParsedSections>;
