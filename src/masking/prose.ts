/** How much of a message is looked at. */
const MAX_LENGTH = 8192;
const MAX_LINES = 200;

/**
 * The lines of a message that say what happened: the first two and the last that are prose. Between them stand
 * excerpts of code, dumped values and differences, which change from one occurrence to the next, and after a code
 * excerpt the last line is the error itself (EJS, Prisma, Joi, assert).
 */
export function proseLines(message: string): readonly string[] {
  if (!message.includes('\n')) return message.trim() === '' ? [] : [message];
  const text = message.slice(0, MAX_LENGTH);
  const isDifference = /\n[ \t]{0,16}\+ /.test(text);
  const lines: string[] = [];
  for (const line of text.split('\n', MAX_LINES)) {
    const start = line.trimStart().slice(0, 200);
    if (start === '' || NOT_PROSE.test(start) || (isDifference && start.startsWith('- '))) continue;
    if (lines.length < 3) lines.push(line);
    else lines[2] = line;
  }
  // Nothing but dumps: the first line is better than none.
  return lines.length > 0 ? lines : [message.trim().split('\n', 1)[0] ?? ''];
}

/**
 * Code excerpts (`  3| x`, `>> 3| x`, `→ 49 x`, ` 47   x`), carets, differences (`+ x`), members of a dumped object
 * (`"key": 1`), a value alone, and lines without a single letter or digit.
 */
const NOT_PROSE =
  /^(?:(?:→|>{1,3}|❯|->|\|)?[ \t]{0,8}\d{1,6}(?:[ \t]{0,8}[|│:┃]|\s\s)|(?:→|❯|>{2,3})\s|\+\s|["'][^"']{0,80}["']\s?(?::|\u001b?\[|,?\s*$)|at\s\S+\s\(|[^\p{L}\p{N}]*$)/u;
