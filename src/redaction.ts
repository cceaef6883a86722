/** Replaces secrets. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/(\/\/[^\s/:@]{0,128}:)[^\s/@]{1,256}@/g, '$1[REDACTED:password]@'],
  [/\b(bearer|basic) [\w.~+/=-]{8,4096}/gi, '$1 [REDACTED:authorization]'],
  [/\beyJ[\w-]{8,4096}\.[\w-]{8,4096}\.[\w-]{0,4096}/g, '[REDACTED:jwt]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[REDACTED:aws-access-key]'],
  [
    /((?:password|passwd|secret|token|api_?key)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&}]{3,512}/gi,
    '$1[REDACTED:secret]',
  ],
  [/\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b/g, '[REDACTED:email]'],
];

/** Replaces secrets in a string, or in every string of plain data; the shape stays. Never throws. */
export function redact<T>(value: T): T {
  try {
    return walk(value, 0) as T;
  } catch {
    return '[REDACTED:unreadable]' as T;
  }
}

function walk(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return RULES.reduce((text, [rule, by]) => text.replace(rule, by), value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 32) return '[REDACTED:unreadable]';
  if (Array.isArray(value)) return value.map((entry) => walk(entry, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, depth + 1)]));
}
