import { describe, expect, it } from 'vitest';
import { beginsToken, escapeLength, isLetter, isWord } from '../../../src/redaction/boundaries.ts';
import { ibanEnd } from '../../../src/redaction/ibans.ts';
import { byName } from '../../../src/redaction/names.ts';
import { eachIdentifier, eachTokenStart, trigrams } from '../../../src/redaction/scan.ts';

describe('an escape before a word', () => {
  /** Where the word begins that `|` would part from its escape. */
  for (const marked of [
    '\\n|password',
    '\\r|password',
    '\\t|password',
    '\\b|password',
    '\\f|password',
    '\\v|password',
    '\\u0026|password',
    '\\u00fA|password',
    '\\x26|password',
    '\\xFa|password',
    '%3D|password',
    '%af|password',
    '%AF|password',
  ])
    it(`is no part of it: ${marked}`, () => {
      const text = marked.replace('|', '');
      expect(escapeLength(text, 1)).toBe(marked.indexOf('|') - 1);
      expect(beginsToken(text, marked.indexOf('|'))).toBe(true);
    });

  for (const text of [
    'npassword',
    '\\dpassword',
    '\\u002_password',
    '\\u002gpassword',
    '\\u002Gpassword',
    '\\u002@password',
    '\\u002`password',
    '\\x2gpassword',
    '%3gpassword',
    '%3@password',
    '%3',
  ])
    it(`is not in ${text}`, () => expect(escapeLength(text, 1)).toBe(0));
});

describe('a token begins', () => {
  for (const marked of ['|abc', ' |abc', '_|abc', '"|abc', '\n|abc', '=|abc'])
    it(JSON.stringify(marked), () =>
      expect(beginsToken(marked.replace('|', ''), marked.indexOf('|'))).toBe(true),
    );
  for (const marked of ['a|bc', '1|bc', 'Z|bc', 'z|bc', '%3|bc', 'n|bc'])
    it(`not in ${marked}`, () =>
      expect(beginsToken(marked.replace('|', ''), marked.indexOf('|'))).toBe(false));
});

it('letters and words are those of ASCII', () => {
  const matching = (test: (code: number) => boolean): string =>
    Array.from({ length: 256 }, (_, code) => code)
      .filter(test)
      .map((code) => String.fromCharCode(code))
      .join('');
  expect(matching(isLetter)).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
  expect(matching(isWord)).toBe('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz');
});

describe('identifiers with one of the letters looked for', () => {
  const found = (text: string, marks = 'key pw_'): string[] => {
    const names: string[] = [];
    eachIdentifier(text, trigrams(marks), (start, end) => {
      names.push(text.slice(start, end));
      return end;
    });
    return names;
  };

  for (const [text, names] of [
    ['key', ['key']],
    ['a key, API_KEY=1', ['key', 'API_KEY']],
    ['x-api-key: 1', ['x-api-key']],
    ['db.key2 = 1', ['db.key2']],
    ['$key', ['$key']],
    ['clé.keyé', ['clé.keyé']],
    ['key. Key..', ['key', 'Key']],
    ['k e y, kex', []],
    ['pw', ['pw']],
    ['dbpw=1', ['dbpw']],
    ['pwd', []],
    ['\\nkey', ['key']],
    ['\\u0026key=1', ['key']],
    ['%26key=1', ['key']],
    ['key=key', ['key', 'key']],
    ['keykey', ['keykey']],
  ] as const)
    it(JSON.stringify(text), () => expect(found(text)).toEqual(names));

  it('are followed for 64 characters to either side', () => {
    const [name] = found(`${'a'.repeat(100)}key${'b'.repeat(100)}`);
    expect(name).toBe(`${'a'.repeat(64)}key${'b'.repeat(61)}`);
  });

  it('are not looked for again in what was read', () => {
    const visited: number[] = [];
    eachIdentifier('key=key=key key', trigrams('key'), (start, end) => {
      visited.push(start);
      return start === 0 ? 11 : end;
    });
    expect(visited).toEqual([0, 12]);
  });
});

describe('a token can begin', () => {
  const starts = (text: string): string[] => {
    const found: string[] = [];
    eachTokenStart(text, (start) => {
      found.push(text.slice(start));
      return -1;
    });
    return found;
  };
  for (const [text, found] of [
    ['abc', ['abc']],
    ['a b', ['a b', 'b']],
    ['_a-b', ['a-b', 'b']],
    ['éa', ['a']],
    ['a\\nb', ['a\\nb', 'b']],
    ['\\u0026b', ['b']],
    ['%3Db', ['b']],
    ['%zb', ['zb']],
    ['\u001b[31mb', ['b']],
    ['\u001b[1;31mb', ['b']],
    ['\\u001b[31mb', ['b']],
    ['\\x1B[31mb', ['b']],
    ['\u001b[31nb', ['31nb']],
    ['[31mb', ['31mb']],
    ['a[31mb', ['a[31mb', '31mb']],
    [`\u001b[${'1'.repeat(20)}mb`, [`${'1'.repeat(20)}mb`]],
  ] as const)
    it(JSON.stringify(text), () => expect(starts(text)).toEqual(found));

  it('again where the one before it ended', () => {
    const found: number[] = [];
    eachTokenStart('abcd efgh', (start) => {
      found.push(start);
      return start === 0 ? 2 : -1;
    });
    expect(found).toEqual([0, 5]);
  });
});

describe('an IBAN', () => {
  /** The registry's own examples (ISO 13616). */
  for (const text of [
    'DE89370400440532013000',
    'GB29NWBK60161331926819',
    'GB29 NWBK 6016 1331 9268 19',
    'GB29-NWBK-6016-1331-9268-19',
    'GB29%20NWBK%206016%201331%209268%2019',
    'GB29+NWBK+6016+1331+9268+19',
    'gb29nwbk60161331926819',
    'NO9386011117947',
    'FR1420041010050500013M02606',
    'MT84MALT011000012345MTLCAST001S',
    'NO9386011117947, NO93',
  ])
    it(`is ${text}`, () => expect(text.slice(0, ibanEnd(text, 0))).toBe(text.split(',')[0]));

  for (const text of [
    'DE88370400440532013000',
    'DE8937040044053201300',
    'DE893704004405320130000',
    'DE89370400440532013000x',
    'DE89370400440532013000_',
    'XX89370400440532013000',
    'DEX9370400440532013000',
    'DE8X370400440532013000',
    'GB29  NWBK60161331926819',
    'GB29/NWBK60161331926819',
    'GB29_NWBK60161331926819',
    'GB29%21NWBK60161331926819',
    'GB29NWBK6016133192681 ',
    'GB29NWBK-',
    'DE89',
    'DE',
  ])
    it(`is not ${text}`, () => expect(ibanEnd(text, 0)).toBe(-1));
});

describe('what was worked out for a name', () => {
  it('is not worked out again', () => {
    const asked: string[] = [];
    const lengthOf = byName((name) => {
      asked.push(name);
      return name === 'none' ? undefined : name.length;
    });
    for (const name of ['a', 'bc', 'a', 'none', 'none']) lengthOf(name);
    expect(asked).toEqual(['a', 'bc', 'none']);
    expect(lengthOf('bc')).toBe(2);
    expect(lengthOf('none')).toBeUndefined();
  });

  it('is kept for a thousand names of up to 64 characters', () => {
    let asked = 0;
    const count = byName(() => ++asked);
    for (let index = 0; index < 1000; index++) count(`name ${index}`);
    expect(count('name 0')).toBe(1);
    count('one more');
    expect(count('name 0')).toBe(1002);
    count('x'.repeat(64));
    count('x'.repeat(64));
    expect(asked).toBe(1003);
    count('x'.repeat(65));
    count('x'.repeat(65));
    expect(asked).toBe(1005);
  });
});
