import type { LexicalRules } from './mask.ts';

/** What is known of a language's form. */
export interface Language {
  readonly name: string;
  /** Whether blocks are told by braces or by indentation. */
  readonly blocks: 'braces' | 'indentation';
  /** Ruby closes with a word at the indentation of the opening line. */
  readonly closedBy?: RegExp;
  /** Words at the indentation of the opening line that go on with its block. */
  readonly continuedBy?: RegExp;
  /** A call needs no parentheses. */
  readonly bareCalls?: boolean;
  /** A name, parameters and a brace make a function, without a keyword. */
  readonly bareMethods?: boolean;
  readonly lexical: LexicalRules;
}

const C_LIKE: LexicalRules = {
  lineComments: ['//'],
  blockComment: ['/*', '*/'],
  quotes: '"\'',
  longQuotes: [],
};

const JAVASCRIPT: Language = {
  name: 'javascript',
  blocks: 'braces',
  bareMethods: true,
  lexical: { ...C_LIKE, regexLiterals: true, templates: true },
};
const JVM: Language = {
  name: 'java',
  blocks: 'braces',
  bareMethods: true,
  lexical: { ...C_LIKE, longQuotes: ['"""'] },
};
const PYTHON: Language = {
  name: 'python',
  blocks: 'indentation',
  lexical: { lineComments: ['#'], quotes: '"\'', longQuotes: ['"""', "'''"] },
};
const RUBY: Language = {
  name: 'ruby',
  blocks: 'indentation',
  closedBy: /^\s*end\b/,
  bareCalls: true,
  continuedBy: /^\s*(?:rescue|else|ensure)\b/,
  lexical: {
    lineComments: ['#'],
    quotes: '"\'',
    longQuotes: [],
    heredoc: /<<(?:[~-](["'`]?)|(["'`]?)(?=[A-Z_]))([A-Za-z_]\w{0,60})/y,
  },
};
const GO: Language = { name: 'go', blocks: 'braces', lexical: { ...C_LIKE, longQuotes: ['`'] } };
const RUST: Language = {
  name: 'rust',
  blocks: 'braces',
  lexical: {
    ...C_LIKE,
    quotes: '',
    longQuotes: ['"'],
    characterQuotes: true,
    rawPrefix: /\b[bc]?r(#{0,8})$/,
  },
};
const PHP: Language = {
  name: 'php',
  blocks: 'braces',
  lexical: {
    ...C_LIKE,
    lineComments: ['//', '#'],
    quotes: '',
    longQuotes: ['"', "'"],
    heredoc: /<<<[ \t]?["']?([A-Za-z_]\w{0,60})/y,
  },
};
const CSHARP: Language = {
  name: 'csharp',
  blocks: 'braces',
  bareMethods: true,
  lexical: { ...C_LIKE, longQuotes: ['"""'], verbatim: '@"' },
};
const SWIFT: Language = { name: 'swift', blocks: 'braces', lexical: { ...C_LIKE, longQuotes: ['"""'] } };

const C: Language = { name: 'c', blocks: 'braces', bareMethods: true, lexical: C_LIKE };
const CPP: Language = { ...C, name: 'cpp' };

const BY_EXTENSION: Readonly<Record<string, Language>> = {
  js: JAVASCRIPT,
  mjs: JAVASCRIPT,
  cjs: JAVASCRIPT,
  jsx: JAVASCRIPT,
  ts: JAVASCRIPT,
  mts: JAVASCRIPT,
  cts: JAVASCRIPT,
  tsx: JAVASCRIPT,
  vue: JAVASCRIPT,
  svelte: JAVASCRIPT,
  java: JVM,
  kt: JVM,
  kts: JVM,
  scala: JVM,
  groovy: JVM,
  py: PYTHON,
  pyi: PYTHON,
  rb: RUBY,
  rake: RUBY,
  go: GO,
  rs: RUST,
  php: PHP,
  cs: CSHARP,
  swift: SWIFT,
  c: C,
  h: C,
  cc: CPP,
  cpp: CPP,
  hpp: CPP,
};

/** The language of a file, by its extension; undefined for what is no source of a known one. */
export function languageOf(path: string): Language | undefined {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  return Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined;
}
