import type { Definition, Draft } from './definition.ts';
import type { Language } from './languages.ts';

const INDENTED_DEFINITION =
  /^\s*(?:async\s+)?(?:(?:private|public|protected|memoize|private_class_method)\s+)?(def|class|module)\s+(?:self\.)?([\w.:?!]+=?|[^\s\w(]{1,4})/;

/** The definitions of a file whose blocks are indented. */
export function byIndentation(
  code: readonly string[],
  lines: readonly string[],
  language: Language,
): Definition[] {
  const found: Draft[] = [];
  /** Definitions that are not over yet, with their indentation. */
  const open: { readonly index: number; readonly indent: number }[] = [];
  let lastLine = 0;
  for (const [index, text] of code.entries()) {
    if (text.trim() === '') {
      // A comment, or the rest of a long string such as a doc string, that stands deeper belongs to what it stands in.
      const raw = lines[index] ?? '';
      if (raw.trim() !== '' && indentOf(raw) > (open.at(-1)?.indent ?? 0)) lastLine = index + 1;
      continue;
    }
    const indent = indentOf(text);
    // `) -> int:` and `end` stand at the definition's own indentation and still belong to it.
    const closes = language.closedBy?.test(text) ?? /^\s*[)\]}]/.test(text);
    const goesOn = language.continuedBy?.test(text) ?? false;
    for (let last = open.at(-1); last && last.indent >= indent; last = open.at(-1)) {
      if (goesOn && last.indent === indent) break;
      const definition = found[last.index];
      if (closes && last.indent === indent) {
        if (definition) definition.endLine = index + 1;
        if (language.closedBy) open.pop();
        break;
      }
      if (definition) definition.endLine = lastLine;
      open.pop();
    }
    const match = INDENTED_DEFINITION.exec(text);
    if (match?.[2] !== undefined) {
      const parent = open.at(-1)?.index ?? -1;
      found.push({
        kind: match[1] === 'def' ? 'function' : 'type',
        name: match[2],
        startLine: index + 1,
        endLine: index + 1,
        parent,
      });
      open.push({ index: found.length - 1, indent });
    }
    lastLine = index + 1;
  }
  for (const { index } of open) {
    const definition = found[index];
    if (definition) definition.endLine = lastLine;
  }
  return found;
}

function indentOf(line: string): number {
  let indent = 0;
  for (const char of line) {
    if (char === ' ') indent++;
    else if (char === '\t') indent += 4;
    else break;
  }
  return indent;
}
