import { stripVTControlCharacters } from 'node:util';
import { truncate } from '../../src/bounds.ts';
import { visibleText } from '../../src/plain-text.ts';

/** Text from outside on one line, with nothing that a terminal obeys or that reorders it. */
export function oneLine(text: string, most = 2000): string {
  const visible = visibleText(stripVTControlCharacters(text.slice(0, 4 * most)));
  return truncate(visible.replace(/\s+/g, ' ').trim(), most);
}

/**
 * Text as Markdown that shows just this text: whatever could begin markup, a link, an image, HTML or an autolink is
 * escaped (https://spec.commonmark.org/0.31.2/#backslash-escapes), and a word joiner keeps GitHub from notifying
 * whoever is named.
 */
export function markdownText(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]<>()#+\-.!|~@:&$=]/g, (one) => `\\${one}`)
    .replaceAll('\\@', '\\@\u2060');
}

/** Text as a code span of Markdown, parted from what stands in it by a longer row of backticks. */
export function markdownCode(text: string): string {
  const line = oneLine(text) || ' ';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([row]) => row.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${line} ${fence}`;
}

/** Text for a message of SARIF, where `[text](1)` would be a link (SARIF 2.1.0, 3.11.6). */
export function sarifText(text: string): string {
  return oneLine(text).replace(/[\\[\]]/g, (one) => `\\${one}`);
}
