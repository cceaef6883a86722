import { parseDocument, stringify } from 'yaml';
import type { Parsed } from './parse-json.ts';

/** A rule as YAML: that reads best, and can be copied into a file. */
export function writeRule(rule: unknown): string {
  return stringify(rule, { lineWidth: 0 });
}

/** Reads a rule in YAML, or in JSON, which is YAML too. A list of one, as it is copied out of a file, is its rule. */
export function readRule(text: string): Parsed {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) return { ok: false, message: firstLine(error.message) };
  try {
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    return { ok: true, value: Array.isArray(value) && value.length === 1 ? value[0] : value };
  } catch (problem) {
    return { ok: false, message: firstLine(String(problem)) };
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
