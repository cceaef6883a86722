/** How a language writes what is no code. */
export interface LexicalRules {
  /** What begins a comment to the end of the line. */
  readonly lineComments: readonly string[];
  /** What begins and ends a comment of several lines. */
  readonly blockComment?: readonly [string, string];
  /** Quotes whose text may not span lines. */
  readonly quotes: string;
  /** Quotes whose text may, longest first. */
  readonly longQuotes: readonly string[];
  /** What begins a string in which a doubled quote stands for one, and a backslash for itself. */
  readonly verbatim?: string;
  /** A single quote may also begin a lifetime (`'a`): only what looks like a character is masked. */
  readonly characterQuotes?: boolean;
  /** `/…/` is a regular expression where an operand is expected. */
  readonly regexLiterals?: boolean;
  /** `${…}` inside a backtick string is code. */
  readonly templates?: boolean;
  /** What stands right before the quote of a string without escapes; its group is what stands behind the last quote, too. */
  readonly rawPrefix?: RegExp;
  /** What begins a string of whole lines, sticky; its last group is the word that ends it. */
  readonly heredoc?: RegExp;
}

/** Before these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX =
  /(?:[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do))\s*$/;

/** Stands where a string begins: the rest of it is blank, but it is an operand all the same. */
const OPERAND = '"';

/**
 * Replaces the text of comments and strings by blanks, so that braces and words in the rest are code; of a string a
 * quote is left where it begins. Line breaks and length stay as they are. One pass; on code that is none, it masks
 * too much or too little, never fails.
 */
export function maskNonCode(text: string, rules: LexicalRules): string {
  const out: string[] = [];
  let kept = 0;
  let index = 0;
  /** Depths of braces at which a template's expression ends. */
  const templates: number[] = [];
  let depth = 0;
  const unended = new Set<string>();

  const blank = (from: number, to: number, first = ''): void => {
    out.push(text.slice(kept, from), first, text.slice(from + first.length, to).replace(/[^\n]/g, ' '));
    kept = to;
    index = to;
  };
  const blankString = (to: number): void => blank(index, to, OPERAND);
  const lineEnd = (from: number): number => {
    const end = text.indexOf('\n', from);
    return end < 0 ? text.length : end;
  };
  const after = (mark: string, from: number): number => {
    const at = text.indexOf(mark, from);
    return at < 0 ? text.length : at + mark.length;
  };
  /** The end of a string that began before `from`; an escaped quote does not end it. */
  const stringEnd = (quote: string, from: number, limit: number): number => {
    for (let at = from; at < limit; at++) {
      if (text[at] === '\\') at++;
      else if (text.startsWith(quote, at)) return at + quote.length;
    }
    return limit;
  };
  /** The end of a template's text: its closing backtick, or the `${` of an expression. */
  const templateEnd = (from: number): number => {
    for (let at = from; at < text.length; at++) {
      if (text[at] === '\\') at++;
      else if (text[at] === '`') return at + 1;
      else if (text[at] === '$' && text[at + 1] === '{') {
        templates.push(depth++);
        return at + 2;
      }
    }
    return text.length;
  };

  const marks = marksOf(rules);
  while (index < text.length) {
    marks.lastIndex = index;
    const mark = marks.exec(text);
    if (!mark) break;
    index = mark.index;
    const char = mark[0];
    const comment = rules.lineComments.find((mark) => text.startsWith(mark, index));
    if (comment !== undefined) blank(index, lineEnd(index));
    else if (char === '<') {
      const [from, to] = heredocLines(text, index, rules.heredoc, unended) ?? [index, index];
      if (to > from) blank(from, to);
      else index++;
    } else if (rules.verbatim !== undefined && text.startsWith(rules.verbatim, index)) {
      blankString(verbatimEnd(text, index + rules.verbatim.length));
    } else if (rules.blockComment && text.startsWith(rules.blockComment[0], index)) {
      blank(index, after(rules.blockComment[1], index + rules.blockComment[0].length));
    } else if (rules.templates && char === '`') blankString(templateEnd(index + 1));
    else if (rules.templates && char === '}' && templates.at(-1) === depth - 1) {
      templates.pop();
      depth--;
      blank(index, templateEnd(index + 1));
    } else if (rules.characterQuotes && char === "'") {
      const character = /^'(?:\\[^\n]{1,10}?|[^\\'\n])'/.exec(text.slice(index, index + 14));
      if (character) blankString(index + character[0].length);
      else index++;
    } else {
      const long = rules.longQuotes.find((quote) => text.startsWith(quote, index));
      const raw = rules.rawPrefix?.exec(text.slice(Math.max(0, index - 12), index));
      if (raw && char === '"') blankString(after(`"${raw[1] ?? ''}`, index + 1));
      else if (long !== undefined) blankString(stringEnd(long, index + long.length, text.length));
      else if (rules.quotes.includes(char)) blankString(stringEnd(char, index + 1, lineEnd(index)));
      else if (
        rules.regexLiterals &&
        char === '/' &&
        BEFORE_REGEX.test(text.slice(Math.max(0, index - 40), index))
      ) {
        blankString(regexEnd(text, index, lineEnd(index)));
      } else {
        if (char === '{') depth++;
        else if (char === '}') depth--;
        index++;
      }
    }
  }
  out.push(text.slice(kept));
  return out.join('');
}

/** The characters at which something may begin; everything between them is code and is skipped at once. */
function marksOf(rules: LexicalRules): RegExp {
  const firsts = [
    ...rules.lineComments,
    rules.blockComment?.[0] ?? '',
    rules.verbatim ?? '',
    ...rules.longQuotes,
  ].map((mark) => mark.charAt(0));
  const more = [
    rules.quotes,
    rules.characterQuotes ? "'" : '',
    rules.regexLiterals ? '/' : '',
    rules.templates ? '`{}' : '',
    rules.heredoc ? '<' : '',
  ];
  const characters = [...new Set([...firsts, ...more].join(''))].map((char) => `\\${char}`);
  return new RegExp(`[${characters.join('')}]`, 'g');
}

/** Lines that are looked through for the end of a string: on code that is none, each of many may have no end. */
const MAX_HEREDOC_LINES = 400;

/**
 * From the end of the line on which a string of whole lines begins to the end of the word that ends it.
 *
 * @param unended - Words that end nothing from here on, as far as was found out.
 */
function heredocLines(
  text: string,
  index: number,
  begins: RegExp | undefined,
  unended: Set<string>,
): readonly [number, number] | undefined {
  if (!begins) return undefined;
  begins.lastIndex = index;
  const word = begins.exec(text)?.at(-1);
  const from = text.indexOf('\n', index);
  if (word === undefined || from < 0 || unended.has(word)) return undefined;
  let lines = 0;
  for (let at = from; at >= 0 && lines < MAX_HEREDOC_LINES; at = text.indexOf('\n', at + 1), lines++) {
    const start = at + 1 + (/^[ \t]{0,200}/.exec(text.slice(at + 1, at + 201))?.[0].length ?? 0);
    if (text.startsWith(word, start) && !/\w/.test(text.charAt(start + word.length))) {
      return [from, start + word.length];
    }
  }
  unended.add(word);
  return undefined;
}

function verbatimEnd(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at < 0 ? text.length : at + 1;
}

function regexEnd(text: string, start: number, limit: number): number {
  let inClass = false;
  for (let at = start + 1; at < limit; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return at + 1;
  }
  return start + 1;
}
