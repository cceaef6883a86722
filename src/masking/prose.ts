/**
 * The lines of a message that say what happened: the first and the last that are prose. Between them stand
 * excerpts of code, dumped values and differences, which change from one occurrence to the next, and after a
 * code excerpt the last line is the error itself (EJS, Prisma, Joi, assert).
 */
export function proseLines(message: string): readonly string[] {
  if (!message.includes('\n')) return message.trim() === '' ? [] : [message];
  let first: string | undefined;
  let last: string | undefined;
  for (const line of message.slice(0, 8192).split('\n', 200)) {
    if (line.trim() === '' || NOT_PROSE.test(line.slice(0, 200))) continue;
    if (first === undefined) first = line;
    else last = line;
  }
  // Nothing but dumps: the first line is better than none.
  if (first === undefined) return [message.trim().split('\n', 1)[0] ?? ''];
  return last === undefined ? [first] : [first, last];
}

/**
 * Code excerpts (`  3| x`, `>> 3| x`, `→ 49 x`, ` 47   x`), carets, differences (`+ x`, `- x`), members of a
 * dumped object (`"key": 1`), and lines without a single letter or digit.
 */
const NOT_PROSE =
  /^\s*(?:(?:→|>{1,3}|❯|->|\|)?\s*\d{1,6}(?:\s*[|│:┃]|\s{2,})|(?:→|❯|>{2,3})\s|[+-]\s|["'][^"']{0,80}["']\s?(?::|\u001b?\[)|at\s\S+\s\(|[^\p{L}\p{N}]*$)/u;
