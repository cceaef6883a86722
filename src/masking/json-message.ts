import { isRecord } from '../bounds.ts';
import { MASK } from './output.ts';
import { hasDigit } from './recognise.ts';
import { TELLING_JSON_KEYS } from './words.ts';

const MAX_LENGTH = 16_384;
const MAX_ITEMS = 8;
const MAX_DEPTH = 4;

/** Keys under which validators and APIs say which field is wrong, and list what is. */
const FIELD_KEYS = new Set(['path', 'field', 'property', 'instancepath', 'param', 'keyword', 'expected']);
const LIST_KEYS = new Set(['errors', 'error', 'issues', 'details', 'causes', 'violations']);

/**
 * Describes a message that is JSON as a whole, as those of validators are (Zod, Ajv): which fields, which codes and
 * messages, once each. Undefined for any other message.
 *
 * @param mask - Masks a text that tells what happened.
 */
export function describeJson(message: string, mask: (text: string) => string): string | undefined {
  // Anything but a bracket, a brace or a blank in front of one.
  const start = message.charCodeAt(0);
  if (start !== 91 && start !== 123 && !(start <= 32)) return undefined;
  const text = message.trim();
  const first = text.charCodeAt(0);
  if ((first !== 91 && first !== 123) || text.length > MAX_LENGTH) return undefined;
  try {
    return describe(JSON.parse(text), mask, 0);
  } catch {
    return undefined;
  }
}

function describe(value: unknown, mask: (text: string) => string, depth: number): string {
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => describe(item, mask, depth + 1));
    return `[${[...new Set(items)].join()}]`;
  }
  if (!isRecord(value) || depth >= MAX_DEPTH) return MASK;
  const parts = Object.entries(value)
    .slice(0, 2 * MAX_ITEMS)
    .map(([key, inner]) => describeField(key, inner, mask, depth));
  return `{${parts.join()}}`;
}

function describeField(key: string, value: unknown, mask: (text: string) => string, depth: number): string {
  const name = hasDigit(key) ? MASK : key;
  const lower = key.toLowerCase();
  if (LIST_KEYS.has(lower) && typeof value === 'object') return `${name}:${describe(value, mask, depth + 1)}`;
  if (FIELD_KEYS.has(lower) && Array.isArray(value)) {
    const path = value.slice(0, MAX_ITEMS).map((part) => (typeof part === 'string' ? mask(part) : MASK));
    return `${name}:${path.join('.')}`;
  }
  const tells = TELLING_JSON_KEYS.has(lower) || FIELD_KEYS.has(lower);
  return tells && typeof value === 'string' ? `${name}:${mask(value)}` : name;
}
