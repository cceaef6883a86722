import type { Definition, Draft } from './definition.ts';
import { isInStatement, readHeader } from './headers.ts';
import type { Language } from './languages.ts';

/** Longest text before a brace that is looked at for a name and a kind. */
const MAX_HEADER = 800;

interface OpenBrace {
  /** The definition that it began, or -1 for a mere block. */
  readonly definition: number;
  /** True for an object or a type literal: the statement goes on behind it. */
  readonly inStatement: boolean;
  readonly parentheses: number;
  readonly start: number;
  readonly startLine: number;
}

/** The definitions of a file whose blocks stand in braces. */
export function byBraces(masked: string, text: string, language: Language): Definition[] {
  const found: Draft[] = [];
  const open: OpenBrace[] = [];
  let parentheses = 0;
  let line = 1;
  /** Where the statement began whose brace may come. */
  let start = 0;
  let startLine = 1;
  const restart = (index: number): void => {
    start = index + 1;
    startLine = line;
  };

  for (let index = 0; index < masked.length; index++) {
    const char = masked.charCodeAt(index);
    if (char === NEWLINE) line++;
    else if (char === OPEN_PARENTHESIS) parentheses++;
    else if (char === CLOSE_PARENTHESIS) parentheses = Math.max(0, parentheses - 1);
    else if (char === SEMICOLON) {
      if (parentheses === 0) restart(index);
    } else if (char === OPEN_BRACE) {
      const from = Math.max(start, index - MAX_HEADER);
      const header = readHeader(masked.slice(from, index), text.slice(from, index), language);
      if (header) {
        const before = masked.slice(start, from + header.at);
        found.push({
          kind: header.kind,
          ...(header.name !== '' && { name: header.name }),
          startLine: startLine + countLines(before),
          endLine: line,
          parent: open.findLast((one) => one.definition >= 0)?.definition ?? -1,
        });
      }
      open.push({
        definition: header ? found.length - 1 : -1,
        inStatement: !header && (parentheses > 0 || isInStatement(masked.slice(from, index).trimEnd())),
        parentheses,
        start,
        startLine,
      });
      parentheses = 0;
      restart(index);
    } else if (char === CLOSE_BRACE) {
      const opened = open.pop();
      const definition = found[opened?.definition ?? -1];
      if (definition) definition.endLine = line;
      parentheses = opened?.parentheses ?? 0;
      if (opened?.inStatement) {
        start = opened.start;
        startLine = opened.startLine;
      } else restart(index);
    }
  }
  // A brace that is never closed: the file is not what it seems; what it began ends with the file.
  for (const one of open) {
    const definition = found[one.definition];
    if (definition) definition.endLine = line;
  }
  return found;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

const NEWLINE = 10;
const OPEN_PARENTHESIS = 40;
const CLOSE_PARENTHESIS = 41;
const SEMICOLON = 59;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
