import { describe, expect, it } from 'vitest';
import {
  endOfLine,
  isCode,
  isHarmless,
  isSentence,
  looksChosen,
  looksGenerated,
  newLastBare,
  readBare,
  readQuoted,
} from '../../../src/redaction/values.ts';

/** Reads the value that begins at `^`. */
const from = (marked: string): [text: string, at: number] => [marked.replace('^', ''), marked.indexOf('^')];

describe('a quoted value is read', () => {
  for (const [marked, value] of [
    ['x=^"abc" y', 'abc'],
    ["x=^'abc' y", 'abc'],
    ['x=^`abc` y', 'abc'],
    ['^"" y', ''],
    ['^“abc” y', 'abc'],
    ['^‘abc’ y', 'abc'],
    ['^«abc» y', 'abc'],
    ['^&quot;abc&quot; y', 'abc'],
    ['^&#39;abc&#39; y', 'abc'],
    ['^&#x27;abc&#x27; y', 'abc'],
    ['^%22abc%22 y', 'abc'],
    ['^%2522abc%2522 y', 'abc'],
    ['^\\u0022abc\\u0022 y', 'abc'],
    ['^\\x27abc\\x27 y', 'abc'],
    ["^b'abc' y", 'abc'],
    ["^E'abc' y", 'abc'],
    ['^"""abc""" y', 'abc'],
    ["^'''a'b''' y", "a'b"],
    // Over lines where nothing is escaped, as PEM and here-documents are.
    ['^"a\nb" y', 'a\nb'],
    // An escaped quote is content, at its own depth.
    ['^"a\\"b" y', 'a\\"b'],
    ['^"a\\\\" y', 'a\\\\'],
    ['^"a\\\\\\"b" y', 'a\\\\\\"b'],
    ['^\\"abc\\" y', 'abc'],
    ['^\\"a\\\\\\"b\\" y', 'a\\\\\\"b'],
    ['^\\\\\\"abc\\\\\\" y', 'abc'],
    ["^\\'a\"b\\' y", 'a"b'],
    // SQL doubles a quote that is meant.
    ["^'it''s' y", "it''s"],
    ["^'it'', y", 'it'],
    ["^'a''' y", "a''"],
    ['^\\"a""b\\" y', 'a'],
    // One that never closes ends with its line.
    ['^"abc y\nz', 'abc y'],
    ['^\\"abc y\nz', 'abc y'],
    ['^&quot;abc y\nz', 'abc y'],
    ['^“abc y\nz', 'abc y'],
    ['^"""abc y', ''],
  ] as const)
    it(marked, () => {
      const [text, at] = from(marked);
      const read = readQuoted(text, at);
      expect(read?.quoted).toBe(true);
      expect(text.slice(read?.start, read?.end)).toBe(value);
    });

  it('nowhere else', () => {
    for (const marked of ['x ^abc "', '^', '^\\\\abc"']) expect(readQuoted(...from(marked))).toBeUndefined();
  });

  it('no further than 64 KB', () => {
    const long = 'x'.repeat(70_000);
    for (const open of ['"', '\\"', '“', '&quot;']) {
      const read = readQuoted(`${open}${long}`, 0);
      expect(read?.end).toBe(65_536 + open.length);
    }
  });
});

describe('a value without quotes is read', () => {
  for (const [marked, value] of [
    ['^abc', 'abc'],
    ['^abc def', 'abc'],
    ['^abc\tdef', 'abc'],
    ['^abc\u2028def', 'abc'],
    ['^abc"', 'abc'],
    ["^abc'", 'abc'],
    ['^abc`', 'abc'],
    ['^abc<br>', 'abc'],
    ['^abc>', 'abc'],
    // An escaped quote, line end or slash ends it, another escape is content.
    ['^abc\\" y', 'abc'],
    ['^abc\\n y', 'abc'],
    ['^abc\\r y', 'abc'],
    ['^abc\\t y', 'abc'],
    ['^abc\\', 'abc'],
    ['^abc\\d y', 'abc\\d'],
    // What separates pairs ends it only where something else begins.
    ['^a,b c', 'a,b'],
    ['^a,b=1', 'a'],
    ['^a, b=1', 'a'],
    ['^a;b:1', 'a'],
    ['^a;b c', 'a;b'],
    ['^a&b=1', 'a'],
    ['^a&amp;b=1', 'a'],
    ['^a&b', 'a&b'],
    ['^a|b', 'a|b'],
    ['^a| b', 'a'],
    ['^a,', 'a'],
    ['^a,"b"', 'a'],
    ['^a) b', 'a'],
    ['^a)b', 'a)b'],
    ['^a).b', 'a'],
    ['^a]:b', 'a'],
    ['^a}[0]', 'a'],
    ['^a)(b)', 'a'],
    ['^a}{b}', 'a'],
    ['^a)}', 'a'],
    ['^a#b', 'a#b'],
    ['^a%26b', 'a%26b'],
  ] as const)
    it(marked, () => {
      const [text, at] = from(marked);
      const read = readBare(text, at);
      expect(read?.quoted).toBe(false);
      expect(text.slice(read?.start, read?.end)).toBe(value);
    });

  it('up to the next pair of a query string', () => {
    const read = (text: string, place: 'query' | 'encoded') => text.slice(0, readBare(text, 0, place)?.end);
    expect(read('a%26b&c', 'query')).toBe('a%26b');
    expect(read('a#b', 'query')).toBe('a');
    for (const end of ['%26', '%2526', '%252526', '%20', '%22', '%23', '%0A', '%0a'])
      expect(read(`ab%3Dc${end}d`, 'encoded')).toBe('ab%3Dc');
    expect(read('a#b', 'encoded')).toBe('a#b');
    expect(read('a%0Db', 'encoded')).toBe('a%0Db');
  });

  it('not at all where it is empty', () => {
    for (const text of ['', ' a', '"a"', ', b']) expect(readBare(text, 0)).toBeUndefined();
  });

  it('only once, however many keys stand in it', () => {
    const text = 'a=a=a=a b';
    const last = newLastBare();
    expect(readBare(text, 2, 'text', last)?.end).toBe(7);
    Object.assign(last, { end: 5 });
    expect(readBare(text, 4, 'text', last)).toEqual({ start: 4, end: 5, quoted: false });
    // The same stretch ends elsewhere in a query string; before or behind it nothing is known.
    for (const [start, place] of [
      [4, 'query'],
      [2, 'text'],
      [5, 'text'],
    ] as const) {
      Object.assign(last, { start: 2, end: 5, place: 'text' });
      expect(readBare(text, start, place, last)?.end).toBe(7);
    }
  });

  it('no further than some 64 KB', () => {
    const text = 'x,'.repeat(70_000);
    expect(readBare(text, 0)?.end).toBeLessThan(66_000);
  });
});

describe('a line ends', () => {
  for (const [text, end] of [
    ['abc\ndef', 3],
    ['abc\r\ndef', 3],
    ['abc\\ndef', 3],
    ['abc\\rdef', 3],
    ['abc\\def', 7],
    ['abc\\', 4],
    ['abc"def', 7],
  ] as const)
    it(JSON.stringify(text), () => expect(endOfLine(text, 0)).toBe(end));

  it('at a sign that is asked for', () => expect(endOfLine('abc"def', 0, '"')).toBe(3));
  it('after 64 KB', () => expect(endOfLine('x'.repeat(70_000), 0)).toBe(65_536));
});

describe('what stands where a value would is no secret', () => {
  for (const value of [
    '',
    ' ',
    'a',
    ' a ',
    'none',
    'NULL',
    'undefined',
    'required.',
    '(missing)',
    'expired!?',
    'invalid,',
    'authentication',
    '****',
    'sk-****abcd',
    '••',
    '●●',
    '██',
    'ab…',
    'sixteen characte**',
    '[FILTERED]',
    '<redacted>',
    '{hidden}',
    '((not set))',
    '[REDACTED:password]',
    '[REDACTED:email#12]',
    'xxx',
    'XXXX',
    '...',
    '---',
    '___',
    '###',
    `\${NAME}`,
    `\${name:-fallback}`,
    `\${NAME`,
    '{{ name }}',
    '{{name',
    '#{name}',
    '#{name',
    '$NAME',
    '$(NAME)',
    '$1',
    '$123',
    '%s',
    '%d',
    '%o',
    '?',
    '???',
    '%NAME%',
    '@name',
    ':name',
    'your-api-key',
    '<your_token>',
    'my_password.',
    'MY-SECRET',
  ])
    it(JSON.stringify(value), () => expect(isHarmless(value)).toBe(true));
});

describe('what stands where a value would may be a secret', () => {
  for (const value of [
    '1',
    'ab',
    'hunter2',
    'nonesuch',
    'a required',
    'xx',
    'XX',
    '..',
    'xxxa',
    'axxx',
    'XXXXa',
    '*1',
    'a*b',
    'a•b',
    'a●b',
    'a█b',
    'seventeen charact**',
    '[FILTERED',
    'a[FILTERED]',
    '[FILTERED]a',
    '[a1]',
    `\${NAME}a`,
    `a\${NAME}`,
    '{{name}}a',
    '#{name}a',
    '$1a',
    '$1234',
    '%sa',
    'a%s',
    '????',
    '%NAME%a',
    '@name!',
    ':name!',
    ':1',
    'not-your-key',
    'your-key-1',
    'yours',
  ])
    it(JSON.stringify(value), () => expect(isHarmless(value)).toBe(false));
});

describe('a sentence of a validator is told from a passphrase', () => {
  it('by its words', () => {
    for (const value of [
      'must be at least 8 characters',
      'is required',
      "can't be blank",
      'too short',
      'does not match',
      "doesn't match",
      'Invalid value',
      'was expected here',
    ])
      expect(isSentence(value)).toBe(true);
    for (const value of ['required', ' required ', 'correct horse battery staple', 'mustard pie'])
      expect(isSentence(value)).toBe(false);
  });

  it('by the first 400 characters', () => {
    expect(isSentence(`${'x '.repeat(196)}required`)).toBe(true);
    expect(isSentence(`${'x '.repeat(200)}required`)).toBe(false);
  });
});

describe('code is told from a value', () => {
  const code = (text: string, end = text.length) => isCode(text, { start: 0, end, quoted: false });
  for (const text of [
    'process.env.TOKEN',
    'process.env.TOKEN;',
    'config.get("a")',
    'tokens[0]',
    'req?.body.password',
    '$scope.password),',
  ])
    it(text, () => expect(code(text)).toBe(true));
  for (const text of ['abc.def1', 'hunter2', 'a.b.c!', 'abc', '-a(b', '.a.b'])
    it(`not ${text}`, () => expect(code(text)).toBe(false));

  it('by the bracket behind it', () => {
    expect(code('getToken()', 8)).toBe(true);
    expect(code('get-token()', 9)).toBe(true);
  });
});

describe('what a program made is told', () => {
  for (const value of ['a1b2c3d4', 'AbcdefghijklmnopqrstuvwX', 'a/b+c=1d']) {
    it(value, () => expect(looksGenerated(value, 8)).toBe(true));
  }
  for (const value of [
    'a1b2c3d',
    '12345678',
    'abcdefgh',
    'Abcdefghijklmnopqrstuvw',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    'abcdefghijklmnopqrstuvwxyz',
    'abcdefghijklmnopqrstuvwxyZ',
    'Abcdefghijklmnopqrstuvwxyz',
    'a1b2 c3d4',
    'a1b2"c3d4',
    '{a1b2c3d4}',
    'https://a1b2c3d4',
    'http:a1b2c3d4',
    'wss://a1b2c3d4',
    'ws://a1b2c3d4',
    's3://a1b2c3d4',
    'a1b2c3d4.js',
    'a1b2c3d4.html',
  ])
    it(`not ${value}`, () => expect(looksGenerated(value, 8)).toBe(false));

  it('whatever it resembles', () => {
    for (const value of ['xhttps:a1b2c3d4', 'a1b2c3d4.j', 'a1b2c3d4.htmlx', 'a1b2.js.c3d4', 'a1b2c3d4.JS'])
      expect(looksGenerated(value, 8)).toBe(true);
  });

  it('up to 64 KB', () => {
    expect(looksGenerated('a1'.repeat(32_768), 8)).toBe(true);
    expect(looksGenerated('a1'.repeat(32_769), 8)).toBe(false);
  });
});

describe('what a person chose as a password is told', () => {
  for (const value of [
    'abc12',
    'hunter2',
    'correct!',
    'p@ssword',
    'sha256x',
    'xsha256',
    'v1.2x',
    '100mx',
    'x100m',
  ]) {
    it(value, () => expect(looksChosen(value)).toBe(true));
  }
  for (const value of [
    'abc1',
    'abcdef',
    '12345',
    '12!45',
    'sha256',
    'SHA-512',
    'bcrypt',
    'argon2id',
    'argon2',
    'pbkdf2',
    'base64',
    'utf-8',
    'utf8',
    'oauth2',
    'http/2',
    'http2',
    'v1.2.3',
    'v20',
    '10:30:00',
    '12/31',
    '5000ms',
    '3600s',
    '12345m',
    '100%',
    'a/b1c',
    'f(x1)y',
    '<a1bcd>',
    '{a1bcd}',
    'a\\b1c',
  ])
    it(`not ${value}`, () => expect(looksChosen(value)).toBe(false));

  it('up to 128 characters', () => {
    expect(looksChosen('a1'.repeat(64))).toBe(true);
    expect(looksChosen(`${'a1'.repeat(64)}a`)).toBe(false);
  });
});
