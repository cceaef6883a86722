import { types } from 'node:util';
import { placeholder } from './spans.ts';

/** Deeper data is replaced: nothing leaves unseen. */
const MAX_DEPTH = 64;
/** More values are replaced too. */
const MAX_VALUES = 100_000;

/** Written where a value could not be read. */
export const UNREADABLE: string = placeholder('unreadable');

export interface StructureOptions {
  readonly text: (text: string) => string;
  /** The same for the name of a field. */
  readonly name: (name: string) => string;
  /** Replaces the whole value of a secret key. */
  readonly whole: (kind: string, value: unknown) => string;
  /** What the value under a key is, when it is a secret; `parent` is the key of the object that it stands in. */
  readonly kindOf: (name: string, value: unknown, parent?: string) => string | undefined;
}

/** Copies plain data with its strings redacted and the values of secret keys replaced whole. */
export function redactStructure(
  root: unknown,
  { text, name: nameOf, whole, kindOf }: StructureOptions,
): unknown {
  const path = new Set<object>();
  let left = MAX_VALUES;

  const visit = (value: unknown, depth: number, parent?: string): unknown => {
    if (left-- <= 0) return UNREADABLE;
    switch (typeof value) {
      case 'string':
        return text(value);
      case 'number':
        return redactNumber(value, text);
      case 'bigint': {
        const shown = value.toString();
        const redacted = text(shown);
        return redacted === shown ? value : redacted;
      }
      case 'symbol':
        return text(value.toString());
      case 'object':
        return value === null ? null : visitObject(value, depth, parent);
      default:
        return value;
    }
  };

  const visitObject = (value: object, depth: number, parent?: string): unknown => {
    if (depth >= MAX_DEPTH || path.has(value)) return UNREADABLE;
    path.add(value);
    try {
      if (value instanceof Date) return value;
      if (value instanceof URL || value instanceof RegExp) return text(String(value));
      if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return placeholder('binary');
      if (Array.isArray(value)) return visitList(value, depth, parent);
      if (value instanceof Map) return new Map(visitPairs([...value], depth));
      if (value instanceof Set) return new Set([...value].map((entry) => visit(entry, depth + 1)));
      return visitFields(value, depth, parent);
    } catch {
      return UNREADABLE;
    } finally {
      path.delete(value);
    }
  };

  const underKey = (name: string, value: unknown, depth: number, parent?: string): unknown => {
    const kind = kindOf(name, value, parent);
    if (kind === undefined || value === null || typeof value === 'boolean' || isEmpty(value)) {
      return visit(value, depth + 1, name);
    }
    return typeof value === 'function' ? value : whole(kind, value);
  };

  const visitPairs = (pairs: readonly (readonly [unknown, unknown])[], depth: number): [unknown, unknown][] =>
    pairs.map(([name, value]) => [visit(name, depth + 1), underKey(String(name), value, depth)]);

  /** `rawHeaders` and its like: a name, then its value. */
  const visitList = (list: readonly unknown[], depth: number, parent?: string): unknown[] => {
    const kept: unknown[] = [];
    for (let index = 0; index < list.length; index++) {
      const value = read(list, index);
      const name = index > 0 ? read(list, index - 1) : undefined;
      const header =
        typeof name === 'string' && typeof value === 'string' && HEADER.test(name)
          ? kindOf(name, value)
          : undefined;
      kept.push(header === undefined ? visit(value, depth + 1, parent) : whole(header, value));
    }
    return kept;
  };

  const visitFields = (value: object, depth: number, parent?: string): Record<string, unknown> => {
    const kept: Record<string, unknown> = {};
    const pair = pairName(value);
    for (const key of fieldNames(value)) {
      const inner = read(value, key);
      const redacted =
        pair !== undefined && /^val(?:ue)?$/i.test(key)
          ? underKey(pair, inner, depth)
          : underKey(key, inner, depth, parent);
      const own = nameOf(key);
      let name = own;
      for (let count = 2; Object.hasOwn(kept, name); count++) name = `${own} ${count}`;
      // An assignment would set the prototype.
      if (name === '__proto__') {
        Object.defineProperty(kept, name, {
          value: redacted,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else kept[name] = redacted;
    }
    return kept;
  };

  const read = (from: object, key: PropertyKey): unknown => {
    try {
      return Reflect.get(from, key);
    } catch {
      return UNREADABLE;
    }
  };

  const pairName = (value: object): string | undefined => {
    const name = read(value, 'name') ?? read(value, 'key') ?? read(value, 'header');
    return typeof name === 'string' && name.length <= 128 ? name : undefined;
  };

  return visit(root, 0);
}

/** An Error's own text is not enumerable, and would be lost. */
function fieldNames(value: object): string[] {
  const names = Object.keys(value);
  if (!types.isNativeError(value)) return names;
  return [...new Set(['name', 'message', 'stack', ...('cause' in value ? ['cause'] : []), ...names])];
}

const HEADER =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{1,40}(?:key|token|secret|signature)|api-key)$/i;

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0) ||
  (Array.isArray(value) && value.length === 0);

/** Cards are sometimes logged as numbers. */
function redactNumber(value: number, text: (text: string) => string): number | string {
  if (!Number.isSafeInteger(value) || value < 1e13) return value;
  const shown = String(value);
  const redacted = text(shown);
  return redacted === shown ? value : redacted;
}
