/** How much of a value is kept. Everything beyond is cut and marked, never refused. */
export interface Bounds {
  /** Levels of nesting. @defaultValue 6 */
  readonly depth?: number;
  /** Keys of one object, or entries of one array. @defaultValue 64 */
  readonly entries?: number;
  /** Characters of one string. @defaultValue 4096 */
  readonly stringLength?: number;
  /** Values in all. @defaultValue 512 */
  readonly values?: number;
}

const CUT = '[cut]';

/**
 * Copies any value as plain JSON data within bounds. Never throws: getters, `toJSON` and proxies that do are
 * shown as `[unreadable]`; cycles, functions and symbols as what they are; BigInt as its digits.
 */
export function toPlain(value: unknown, bounds: Bounds = {}): unknown {
  const { depth = 6, entries = 64, stringLength = 4096, values = 512 } = bounds;
  const flat = copyFlat(value, Math.min(entries, values), stringLength);
  if (flat) return flat;
  const path = new Set<object>();
  let left = values;

  const copy = (input: unknown, level: number): unknown => {
    if (left-- <= 0) return CUT;
    switch (typeof input) {
      case 'string':
        return truncate(input, stringLength);
      case 'number':
        return Number.isFinite(input) ? input : String(input);
      case 'bigint':
        return truncate(input.toString(), stringLength);
      case 'boolean':
        return input;
      case 'undefined':
        return undefined;
      case 'symbol':
        return truncate(input.toString(), stringLength);
      case 'function':
        return '[function]';
      case 'object':
        return input === null ? null : copyObject(input, level);
    }
  };

  const copyObject = (input: object, level: number): unknown => {
    if (path.has(input)) return '[circular]';
    if (level >= depth) return Array.isArray(input) ? '[array]' : '[object]';
    path.add(input);
    try {
      if (input instanceof Date) return Number.isNaN(input.getTime()) ? 'Invalid Date' : input.toISOString();
      if (ArrayBuffer.isView(input)) return `[${input.byteLength} bytes]`;
      if (Array.isArray(input)) return copyArray(input, level);
      return copyEntries(input, level);
    } catch {
      return '[unreadable]';
    } finally {
      path.delete(input);
    }
  };

  const copyArray = (input: readonly unknown[], level: number): unknown[] => {
    const kept: unknown[] = [];
    for (let index = 0; index < Math.min(input.length, entries); index++) {
      kept.push(read(input, index, level) ?? null);
    }
    if (input.length > entries) kept.push(`[${input.length - entries} more]`);
    return kept;
  };

  const copyEntries = (input: object, level: number): Record<string, unknown> => {
    const iterable =
      input instanceof Map ? Object.fromEntries(input) : input instanceof Set ? [...input] : input;
    if (Array.isArray(iterable)) return copyArray(iterable, level) as unknown as Record<string, unknown>;
    const kept: Record<string, unknown> = {};
    const keys = Object.keys(iterable);
    for (const key of keys.slice(0, entries)) {
      const inner = read(iterable, key, level);
      if (inner === undefined) continue;
      if (key === '__proto__') {
        // An assignment would set the prototype.
        Object.defineProperty(kept, key, {
          value: inner,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else {
        kept[truncate(key, 256)] = inner;
      }
    }
    if (keys.length > entries) kept['[more]'] = keys.length - entries;
    return kept;
  };

  const read = (from: object, key: PropertyKey, level: number): unknown => {
    try {
      return copy(Reflect.get(from, key), level + 1);
    } catch {
      return '[unreadable]';
    }
  };

  return copy(value, 0);
}

/** Copies what most contexts are, at once: a plain object of short texts, numbers and booleans. Undefined for any other. */
function copyFlat(value: unknown, entries: number, stringLength: number): unknown {
  try {
    if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
    const keys = Object.keys(value);
    if (keys.length > entries) return undefined;
    const kept: Record<string, unknown> = {};
    for (const key of keys) {
      const inner = value[key];
      const isPlain =
        typeof inner === 'string'
          ? inner.length <= stringLength && inner.isWellFormed()
          : typeof inner === 'boolean' || Number.isFinite(inner);
      if (!isPlain || key.length > 256 || key === '__proto__' || !key.isWellFormed()) return undefined;
      kept[key] = inner;
    }
    return kept;
  } catch {
    return undefined;
  }
}

/** Cuts a string to at most `length` characters, marks the cut, and mends surrogates that stand alone. */
export function truncate(value: string, length: number): string {
  if (value.length <= length) return value.isWellFormed() ? value : value.toWellFormed();
  return `${value.slice(0, Math.max(0, length - 1)).toWellFormed()}…`;
}

/** True for an object that is not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
