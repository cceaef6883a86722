/** The words that call a whole channel, in Slack, Discord or Teams, also where a cut makes them of longer ones; the full-width sign calls nobody. */
const MENTION = /@(?=everyone|here|channel|all|team)/gi;

/** The text with its mentions spelt so that no client takes them for some, and its tabs as wide everywhere. */
export function withoutMentions(text: string): string {
  return text.replace(MENTION, '\uff20').replaceAll('\t', '  ');
}

/**
 * Escapes a text character by character and stops, with an ellipsis, before it grows longer than `length`: an
 * escape sequence is never cut in two.
 *
 * @param length - Characters (UTF-16 code units) of the escaped text.
 */
export function escapeWithin(text: string, length: number, spell: (character: string) => string): string {
  let escaped = '';
  /** What is kept when the text turns out too long: the ellipsis needs room, too. */
  let short = '';
  for (const character of text) {
    const piece = spell(character);
    if (escaped.length + piece.length > length) return `${short}…`;
    escaped += piece;
    if (escaped.length < length) short = escaped;
  }
  return escaped;
}

/** Backticks would end the code that they stand in; this looks the same. */
export function withoutBackticks(text: string): string {
  return text.replaceAll('`', '\u02cb');
}
