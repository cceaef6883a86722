import { parseCSharp } from './stacktrace/csharp.ts';
import { parseGo } from './stacktrace/go.ts';
import { parseJava } from './stacktrace/java.ts';
import { parseJavaScript } from './stacktrace/javascript.ts';
import { detectLanguage } from './stacktrace/language.ts';
import { parsePhp } from './stacktrace/php.ts';
import { parsePython } from './stacktrace/python.ts';
import { parseRuby } from './stacktrace/ruby.ts';
import { parseRust } from './stacktrace/rust.ts';
import type { ParsedSections } from './stacktrace/sections.ts';
import { MAX_STACK_LENGTH, readHeader, splitLines, withoutAnsi } from './stacktrace/text.ts';
import type { ParsedStackTrace, StackLanguage } from './types.ts';

type Reader = (lines: readonly string[]) => ParsedSections;

const READERS: Readonly<Record<Exclude<StackLanguage, 'unknown'>, Reader>> = {
  javascript: parseJavaScript,
  python: parsePython,
  java: parseJava,
  go: parseGo,
  rust: parseRust,
  ruby: parseRuby,
  php: parsePhp,
  csharp: parseCSharp,
};

/**
 * Reads a stack trace of any supported language, inferred from the text: class and message of the outermost
 * error, its frames (innermost call first), and the errors that led to it.
 *
 * Never throws, whatever the text; reads at most 65 536 characters of it, in time linear in their number. A text
 * that is no stack is an error without frames whose message is the text.
 */
export function parseStackTrace(text: string): ParsedStackTrace {
  if (typeof text !== 'string') return { language: 'unknown', message: '', frames: [], causes: [] };
  const bounded = withoutAnsi(text.length > MAX_STACK_LENGTH ? text.slice(0, MAX_STACK_LENGTH - 1) : text);
  const lines = splitLines(bounded);
  const language = detectLanguage(lines);
  if (language === 'unknown') {
    return { language, ...readHeader(bounded.trim()), frames: [], causes: [] };
  }
  const [outer, ...causes] = READERS[language](lines).errors;
  return { language, ...(outer ?? { message: '', frames: [] }), causes };
}
