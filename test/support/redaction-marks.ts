import { expect, it } from 'vitest';
import { redact } from '../../src/redaction.ts';

/** What stands between « and », and nothing else, gives way to a placeholder; a text without them stays as it is. */
export function expectRedacted(marked: string, by: (text: string) => string = redact): void {
  const redacted = by(marked.replace(/[«»]/g, ''));
  expect(redacted.replace(/\[REDACTED:[a-z\d-]+\]/g, '«»')).toBe(marked.replace(/«[^»]*»/g, '«»'));
}

/** One test for each text, named by it. */
export function specify(...marked: readonly string[]): void {
  for (const text of marked) {
    it(text.length > 160 ? `${text.slice(0, 160)}…` : text, () => expectRedacted(text));
  }
}
