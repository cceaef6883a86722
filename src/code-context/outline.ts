import { type Language, languageOf } from './languages.ts';
import { maskNonCode } from './mask.ts';

/** A function or a type in a file. */
export interface Definition {
  readonly kind: 'function' | 'type';
  /** Undefined for a function without a name, such as a callback. */
  readonly name?: string;
  /** The first line, doc comment and annotations not included; 1-based. */
  readonly startLine: number;
  /** The line of its closing brace, or its last line; inclusive. */
  readonly endLine: number;
  /** The definition around it, as an index into the same list; -1 at the top. */
  readonly parent: number;
}

/** The form of a file: what it defines, in the order of the first lines. */
export interface Outline {
  readonly definitions: readonly Definition[];
  /** The file with strings and comments blanked, line by line. */
  readonly code: readonly string[];
}

/** Files beyond this, and minified ones, are not read for their form; a line window serves. */
const MAX_CHARACTERS = 400_000;
const MAX_LINE = 5000;
/** Longest text before a brace that is looked at for a name and a kind. */
const MAX_HEADER = 800;

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

interface Draft {
  kind: Definition['kind'];
  name?: string;
  startLine: number;
  endLine: number;
  parent: number;
}

interface OpenBrace {
  /** The definition that it began, or -1 for a mere block. */
  readonly definition: number;
  /** True for an object or a type literal: the statement goes on behind it. */
  readonly inStatement: boolean;
  readonly parentheses: number;
  readonly start: number;
  readonly startLine: number;
}

/** After these a brace begins a value or a type. */
const VALUE_FOLLOWS = /[<:=,(|&?[]$/;

function isInStatement(before: string): boolean {
  return VALUE_FOLLOWS.test(before) || GO_EMPTY_TYPE.test(before);
}

function byBraces(masked: string, text: string, language: Language): Definition[] {
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

const NEWLINE = 10;
const OPEN_PARENTHESIS = 40;
const CLOSE_PARENTHESIS = 41;
const SEMICOLON = 59;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** What the text before an opening brace begins, and where in that text. */
interface Header {
  readonly kind: Definition['kind'];
  /** Empty for a function without a name. */
  readonly name: string;
  readonly at: number;
}

const TYPE =
  /(?:^|[\s;}])(?:(?:abstract|final|sealed|static|public|private|protected|internal|export|default|data|partial|pub)\s+)*(?:class|interface|enum|struct|trait|namespace|object|record|impl|extension|protocol|mod)\b\s*(?:<[^>]{0,80}>\s*)?([\w$.:]+)[^=()]{0,300}$/;
/** `interface{}` inside a signature; as a declaration it has a name before it. */
const GO_EMPTY_TYPE = /[\])\s*,.(](?:interface|struct)$/;
const GO_TYPE = /(?:^|\s)type\s+(\w+)(?:\[[^\]]{0,100}\])?\s+(?:struct|interface)$/;
const KEYWORD_FUNCTION =
  /\b(?:async\s+)?(?:(?:function|fn|fun)\b\s*[*&]?|func\b\s*(?:\([^)]{0,200}\)\s*)?)\s*((?!func\b)[\w$.]+)?\s*(?:[<[][^(]{0,200})?\(/g;
/** `name(parameters)` at the end, with what may follow it before a body: a return type, `throws`, constraints. */
const BARE_METHOD =
  /(?:^|[\s.~#*&>,])((?!(?:if|for|while|switch|catch|return|new|else|throw|function|super|this|foreach|using|lock|when|with|synchronized|fixed|do|try)\b)[\w$]+|\[[^\]]{0,60}\])\s*(?:<(?:[^()<>]|<(?:[^()<>]|<[^()<>]{0,80}>){0,80}>){0,120}>)?\s*\((?:[^()]|\((?:[^()]|\([^()]{0,300}\)){0,600}\)){0,600}\)\s*(?:(?:throws|where|const|noexcept|override|:)[^=()]{0,300})?$/;
/** The same where the return type is a function's; it could swallow an overload, so it is tried second. */
const BARE_METHOD_OF_FUNCTION =
  /(?:^|[\s.~#*&>,])((?!(?:if|for|while|switch|catch|return|new|else|throw|function|super|this|foreach|using|lock|when|with|synchronized|fixed|do|try)\b)[\w$]+|\[[^\]]{0,60}\])\s*(?:<(?:[^()<>]|<(?:[^()<>]|<[^()<>]{0,80}>){0,80}>){0,120}>)?\s*\((?:[^()]|\((?:[^()]|\([^()]{0,300}\)){0,600}\)){0,600}\)\s*:[^=]{0,300}$/;
/** `fn f<F>(f: F)\nwhere\n    F: Fn(),` ends with a comma and still begins a body. */
const RUST_CONSTRAINTS = /\bwhere\s[^{}]{1,600},$/;
/** What a constructor hands on (C#) or begins with (C++): `: base(a)`, `: x_(x), y_(y)`. */
const INITIALIZERS =
  /\)\s*:\s*[\w:]{1,80}\s*[({](?:[^(){}]|\([^()]{0,300}\)){0,600}[)}](?:\s*,\s*[\w:]{1,80}\s*[({](?:[^(){}]|\([^()]{0,300}\)){0,300}[)}]){0,20}$/;
/** A block of a statement: code without semicolons may have a call before it. */
const CONTROL =
  /\b(?:if|for|while|switch|catch|foreach|using|lock|with|synchronized|fixed)\s*(?:await\s*)?\((?:[^()]|\((?:[^()]|\([^()]{0,300}\)){0,600}\)){0,600}\)$|\b(?:else|try|do|finally)$/;
/** On one line before a name, these make it a call and no method. A C# type may end with a question mark. */
const VALUE_BEFORE = /(?:[=&|+]|(?:^|\s)\?)[^\S\n]*$/;
const ANONYMOUS_CLASS = /\bnew\s+(?:[\w$]{1,60}\s*\.\s*){0,10}$/;

function readHeader(masked: string, original: string, language: Language): Header | undefined {
  const text = masked.trimEnd();
  if (text === '' || (VALUE_FOLLOWS.test(text) && !RUST_CONSTRAINTS.test(text))) return undefined;
  const type = TYPE.exec(text) ?? GO_TYPE.exec(text);
  if (type?.[1] !== undefined && type[1] !== '')
    return { kind: 'type', name: type[1], at: firstWord(text, type.index) };
  if (GO_EMPTY_TYPE.test(text)) return undefined;
  const keywords = [...text.matchAll(KEYWORD_FUNCTION)];
  // A parameter may itself be of a function's type; that one has no name.
  const keyword = keywords.findLast((match) => match[1] !== undefined) ?? keywords.at(-1);
  if (keyword) {
    if (keyword[1] !== undefined) return { kind: 'function', name: keyword[1], at: keyword.index };
    return named(text, original, keyword.index);
  }
  if (!language.bareMethods) return undefined;
  if (text.endsWith('=>') || text.endsWith('->')) return named(text, original, arrowStart(text));
  if (CONTROL.test(text)) return undefined;
  const initializers = INITIALIZERS.exec(text);
  const signature = initializers ? text.slice(0, initializers.index + 1) : text;
  const method = BARE_METHOD.exec(signature) ?? BARE_METHOD_OF_FUNCTION.exec(signature);
  if (!method?.[1]) return undefined;
  const before = text.slice(0, method.index + 1);
  if (ANONYMOUS_CLASS.test(before) || VALUE_BEFORE.test(before)) return undefined;
  return { kind: 'function', name: method[1], at: firstWord(text, method.index) };
}

function firstWord(text: string, from: number): number {
  const at = text.slice(from).search(/\S/);
  return at < 0 ? from : from + at;
}

/** A function without a name of its own has that of what it is assigned or handed to. */
function named(text: string, original: string, at: number): Header {
  const before = text.slice(0, at);
  const assigned =
    /([\w$]+)\s*(?::[^=\n]{1,80})?[=:]\s*(?:async\s*)?(?:[\w.]{1,40}\(\s*)?(?:async\s*)?$/.exec(before);
  if (assigned?.[1] !== undefined) return { kind: 'function', name: assigned[1], at: assigned.index };
  // Routes, jobs and tests are known by their first argument: `app.get('/x', …`.
  const call = /([\w$.]{1,60})\(\s*(['"`])([^'"`\n]{1,60})\2\s*,[^;{}]{0,200}$/.exec(original.slice(0, at));
  if (call) return { kind: 'function', name: `${call[1]}(${call[3]})`, at: call.index };
  return { kind: 'function', name: '', at };
}

/** Where the parameters of an arrow function begin whose arrow ends the text. */
function arrowStart(text: string): number {
  let at = text.length - 2;
  while (at > 0 && /\s/.test(text.charAt(at - 1))) at--;
  if (text[at - 1] !== ')') {
    while (at > 0 && /[\w$]/.test(text.charAt(at - 1))) at--;
    return at;
  }
  let depth = 0;
  for (; at > 0; at--) {
    if (text[at - 1] === ')') depth++;
    else if (text[at - 1] === '(' && --depth === 0) return at - 1;
  }
  return at;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

const INDENTED_DEFINITION =
  /^\s*(?:async\s+)?(?:(?:private|public|protected|memoize|private_class_method)\s+)?(def|class|module)\s+(?:self\.)?([\w.:?!]+=?|[^\s\w(]{1,4})/;

function byIndentation(code: readonly string[], lines: readonly string[], language: Language): Definition[] {
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
