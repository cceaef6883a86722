import { type RepeatKey, repeatKey } from '../repeat-key.ts';

/** How far an error's own fields are looked for. */
const MAX_LENGTH = 16_384;
/** With one of these the error is more than its message and its stack. */
const MORE = ['"cause":', '"aggregateErrors":', '"errors":'] as const;

/**
 * The key of a line whose error is one that pino's own serializer wrote, read without parsing the line; see
 * {@link repeatKey}. Undefined for any other line.
 */
export function lineKey(line: string, errorKey: string): RepeatKey | undefined {
  if (line.length > MAX_LENGTH) return undefined;
  const head = `"${errorKey}":{"type":"`;
  const start = line.indexOf(head);
  if (start < 0) return undefined;
  const type = textAt(line, start + head.length);
  const message = type && textAfter(line, ',"message":"', type.end);
  const stack = message && textAfter(line, ',"stack":"', message.end);
  // Where a text begins with an escape, the masks would see other characters than those that were logged.
  if (!stack || message.text.includes('\\') || type.text.includes('\\')) return undefined;
  for (const more of MORE) if (line.includes(more, stack.end)) return undefined;
  const fields = {
    message: message.text,
    stack: stack.text,
    code: fieldAfter(line, '"code":', stack.end),
    name: `${type.text} ${fieldAfter(line, '"name":', stack.end)}`,
  };
  // The escapes of line breaks serve as well as the line breaks.
  return repeatKey(fields, '\\n');
}

/** A text or a number that stands behind its name somewhere after `from`. */
function fieldAfter(line: string, name: string, from: number): string {
  const at = line.indexOf(name, from);
  if (at < 0) return '';
  const start = at + name.length;
  if (line.charCodeAt(start) === QUOTE) return textAt(line, start + 1)?.text ?? '';
  return /^[^,}]*/.exec(line.slice(start, start + 64))?.[0] ?? '';
}

const QUOTE = 0x22;

interface Found {
  readonly text: string;
  /** Behind the closing quote. */
  readonly end: number;
}

/** The JSON text whose opening quote ends `head`, which has to stand at `from`. */
function textAfter(line: string, head: string, from: number): Found | undefined {
  return line.startsWith(head, from) ? textAt(line, from + head.length) : undefined;
}

function textAt(line: string, from: number): Found | undefined {
  let end = line.indexOf('"', from);
  while (end > 0 && line.charCodeAt(end - 1) === BACKSLASH) end = line.indexOf('"', end + 1);
  return end < 0 ? undefined : { text: line.slice(from, end), end: end + 1 };
}

const BACKSLASH = 0x5c;
