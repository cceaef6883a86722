/**
 * JSON on one line, safe to show on a terminal and to send through SQS: `JSON.stringify` already escapes
 * C0 controls and lone surrogates; DEL, the C1 controls, the line separators and the two non-characters that
 * SQS refuses are escaped here.
 */
export function toJsonLine(value: unknown): string {
  if (typeof value === 'string' && isSimple(value)) return `"${value}"`;
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const MAX_SIMPLE = 64;

/** Most ids and names: nothing in them needs an escape. */
function isSimple(text: string): boolean {
  const { length } = text;
  if (length > MAX_SIMPLE) return false;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    // Printable ASCII but for the quotation mark and the backslash.
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false;
  }
  return true;
}
