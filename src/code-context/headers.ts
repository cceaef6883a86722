import type { Definition } from './definition.ts';
import type { Language } from './languages.ts';

/** After these a brace begins a value or a type. */
const VALUE_FOLLOWS = /[<:=,(|&?[]$/;

/** Whether the statement goes on behind the brace that follows. */
export function isInStatement(before: string): boolean {
  return VALUE_FOLLOWS.test(before) || GO_EMPTY_TYPE.test(before);
}

/** What the text before an opening brace begins, and where in that text. */
export interface Header {
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

/** Reads what the text before an opening brace begins; undefined when that is no definition. */
export function readHeader(masked: string, original: string, language: Language): Header | undefined {
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
