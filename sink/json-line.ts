/** Most ids and names: nothing in them needs an escape. */
const SIMPLE = /^[\w ./:#@-]{0,128}$/;

/**
 * JSON on one line, safe to show on a terminal and to send through SQS: `JSON.stringify` already escapes
 * C0 controls and lone surrogates; DEL, the C1 controls, the line separators and the two non-characters that
 * SQS refuses are escaped here.
 */
export function toJsonLine(value: unknown): string {
  if (typeof value === 'string' && SIMPLE.test(value)) return `"${value}"`;
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
