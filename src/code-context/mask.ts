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
}

/** Before these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX =
  /(?:[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do))\s*$/;

/**
 * Replaces the text of comments and strings by blanks, so that braces and words in the rest are code. Line breaks
 * and length stay as they are. One pass; on code that is none, it masks too much or too little, never fails.
 */
export function maskNonCode(text: string, rules: LexicalRules): string {
  const out: string[] = [];
  let kept = 0;
  let index = 0;
  /** Depths of braces at which a template's expression ends. */
  const templates: number[] = [];
  let depth = 0;

  const blank = (from: number, to: number): void => {
    out.push(text.slice(kept, from), text.slice(from, to).replace(/[^\n]/g, ' '));
    kept = to;
    index = to;
  };
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
    else if (rules.verbatim !== undefined && text.startsWith(rules.verbatim, index)) {
      blank(index, verbatimEnd(text, index + rules.verbatim.length));
    } else if (rules.blockComment && text.startsWith(rules.blockComment[0], index)) {
      blank(index, after(rules.blockComment[1], index + rules.blockComment[0].length));
    } else if (rules.templates && char === '`') blank(index, templateEnd(index + 1));
    else if (rules.templates && char === '}' && templates.at(-1) === depth - 1) {
      templates.pop();
      depth--;
      blank(index, templateEnd(index + 1));
    } else if (rules.characterQuotes && char === "'") {
      const character = /^'(?:\\[^\n]{1,10}?|[^\\'\n])'/.exec(text.slice(index, index + 14));
      if (character) blank(index, index + character[0].length);
      else index++;
    } else {
      const long = rules.longQuotes.find((quote) => text.startsWith(quote, index));
      if (long !== undefined) blank(index, stringEnd(long, index + long.length, text.length));
      else if (rules.quotes.includes(char)) blank(index, stringEnd(char, index + 1, lineEnd(index)));
      else if (
        rules.regexLiterals &&
        char === '/' &&
        BEFORE_REGEX.test(text.slice(Math.max(0, index - 40), index))
      ) {
        blank(index, regexEnd(text, index, lineEnd(index)));
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
  ];
  const characters = [...new Set([...firsts, ...more].join(''))].map((char) => `\\${char}`);
  return new RegExp(`[${characters.join('')}]`, 'g');
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
