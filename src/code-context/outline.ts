import { byBraces } from './braces.ts';
import type { Definition } from './definition.ts';
import { byIndentation } from './indentation.ts';
import { languageOf } from './languages.ts';
import { maskNonCode } from './mask.ts';

/** The form of a file: what it defines, in the order of the first lines. */
export interface Outline {
  readonly definitions: readonly Definition[];
  /** The file with strings and comments blanked, line by line. */
  readonly code: readonly string[];
}

/** Files beyond this, and minified ones, are not read for their form; a line window serves. */
const MAX_CHARACTERS = 400_000;
const MAX_LINE = 5000;

/**
 * Finds the functions and types of a file by its braces or its indentation, after blanking strings and comments.
 * It knows no grammar: what it takes for a function begins like one and has a body. Undefined where the language
 * is not known or the file is too large.
 */
export function outlineOf(path: string, text: string): Outline | undefined {
  const language = languageOf(path);
  if (!language || text.length > MAX_CHARACTERS) return undefined;
  const lines = text.split('\n');
  if (lines.some((line) => line.length > MAX_LINE)) return undefined;
  const masked = maskNonCode(text, language.lexical);
  const code = masked.split('\n');
  const definitions =
    language.blocks === 'braces' ? byBraces(masked, text, language) : byIndentation(code, lines, language);
  return { definitions, code };
}

/** The innermost definition of a kind whose lines hold `line`. */
export function enclosing(
  outline: Outline,
  line: number,
  kind: Definition['kind'] = 'function',
): Definition | undefined {
  let found: Definition | undefined;
  for (const definition of outline.definitions) {
    if (definition.startLine > line) break;
    if (definition.kind === kind && definition.endLine >= line) found = definition;
  }
  return found;
}
