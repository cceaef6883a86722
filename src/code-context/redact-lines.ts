import { redact } from '../redaction.ts';

/** What stands for a line of a secret that goes over several. */
const HIDDEN = '[REDACTED:lines]';

/**
 * Redacts lines that belong together and keeps their number, so that those of the file still hold. A secret over
 * several lines, such as a private key, is one word afterwards: the lines that are not found again are hidden whole.
 */
export function redactLines(lines: readonly string[]): readonly string[] {
  const redacted = redact(lines.join('\n')).split('\n');
  if (redacted.length === lines.length) return redacted;
  const left = new Set(redacted);
  return lines.map((line) => {
    if (left.has(line)) return line;
    const alone = redact(line);
    return left.has(alone) ? alone : HIDDEN;
  });
}
