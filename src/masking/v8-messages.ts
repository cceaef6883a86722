/** What older versions of V8 said, and what they say now: a new Node must not make a new error of an old one. */
const OLD_MESSAGES: readonly (readonly [RegExp, string])[] = [
  [/^Unexpected token \S{1,8} in JSON at position \d+$/, 'Unexpected token \' \', " " is not valid JSON'],
  [/ in JSON at position \d+ \(line \d+ column \d+\)$/, ' in JSON at position 1'],
  [/^Cannot read property '([^']{1,100})' of (\w+)$/, "Cannot read properties of $2 (reading '$1')"],
  [/^Cannot set property '([^']{1,100})' of (\w+)$/, "Cannot set properties of $2 (setting '$1')"],
];

/** The message as the newest V8 would put it. */
export function asNewestV8(message: string): string {
  if (message.length > 300 || !(message.includes(' JSON ') || message.startsWith('Cannot '))) return message;
  for (const [old, newest] of OLD_MESSAGES) {
    if (old.test(message)) return message.replace(old, newest);
  }
  return message;
}
