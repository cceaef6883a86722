import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/settings.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const editions = { English: read('README.md'), Korean: read('README.ko.md') };
const scripts = new Set(Object.keys(JSON.parse(read('package.json')).scripts));

const fences = (text: string) => [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
const withoutFences = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, '');
/** The levels of the headings, in their order; their words are the translator's. */
const headings = (text: string) => withoutFences(text).match(/^#+(?= )/gm) ?? [];
/** What a reader copies: code, commands and configuration, without the comments, which are translated. */
const code = (text: string) =>
  fences(text)
    .filter(([, language]) => language !== '')
    .map(([, language, body = '']) => [language, body.replace(/\s*(?:#|\/\/) .*$/gm, '').trim()]);
/** Names that are the same in every language: settings, commands, exports. */
const names = (text: string) =>
  new Set([...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, name]) => name));
const links = (text: string) =>
  [...withoutFences(text).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => target);

describe.each(Object.entries(editions))('the %s README', (_, text) => {
  it('names only scripts that there are', () => {
    const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !scripts.has(script))).toEqual([]);
  });

  it('links only to files that there are', () => {
    expect(links(text).filter((target) => !existsSync(target))).toEqual([]);
  });
});

describe('the English README', () => {
  it('names every setting', () => {
    const missing = Object.entries(settings).filter(
      ([option, { env }]) =>
        !editions.English.includes(option) && !env.some((name) => editions.English.includes(name)),
    );
    expect(missing.map(([option]) => option)).toEqual([]);
  });
});

describe('the Korean README', () => {
  it('has the headings of the English one', () => {
    expect(headings(editions.Korean)).toEqual(headings(editions.English));
  });

  it('has its commands and code', () => {
    expect(code(editions.Korean)).toEqual(code(editions.English));
  });

  it('names the same settings, commands and exports', () => {
    const [english, korean] = [names(editions.English), names(editions.Korean)];
    expect([...english].filter((name) => !korean.has(name))).toEqual([]);
    expect([...korean].filter((name) => !english.has(name))).toEqual([]);
  });
});
