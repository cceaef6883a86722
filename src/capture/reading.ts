import { types } from 'node:util';

/** What an Error carries beyond its own text, read without trusting it: a getter may throw, a proxy be revoked. */
export function read(from: unknown, key: PropertyKey): unknown {
  if (from === null || (typeof from !== 'object' && typeof from !== 'function')) return undefined;
  try {
    return Reflect.get(from, key);
  } catch {
    return undefined;
  }
}

/** The property when it is a string with something in it. */
export function readText(from: unknown, key: PropertyKey): string | undefined {
  const value = read(from, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** True when the object itself, not its prototype, has the property. */
export function hasOwn(from: object, key: PropertyKey): boolean {
  try {
    return Object.hasOwn(from, key);
  } catch {
    return false;
  }
}

/** The own enumerable keys, at most `limit`; none when they cannot be listed. */
export function ownKeys(from: object, limit: number): string[] {
  try {
    return Object.keys(from).slice(0, limit);
  } catch {
    return [];
  }
}

/** True for an array; false, not a throw, for a revoked proxy. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** True for an object that is neither an array nor a revoked proxy. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return !Array.isArray(value);
  } catch {
    return false;
  }
}

/** True for an Error of any realm, a DOMException, or an object that inherits from Error. */
export function isLiveError(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return types.isNativeError(value) || value instanceof Error || isDomException(value);
  } catch {
    return false;
  }
}

/** A DOMException of any realm: its `code` is a number from another age, not an error code. */
export function isDomException(value: unknown): boolean {
  try {
    return Object.prototype.toString.call(value) === '[object DOMException]';
  } catch {
    return false;
  }
}

const STACK_KEYS = ['stack', 'stackTrace', 'stack_trace', 'stacktrace'] as const;

/**
 * The stack as text. Serialisers have several names for it; `Error.prepareStackTrace` may have made it a list
 * of call sites.
 */
export function readStack(from: unknown, limit: number): string | undefined {
  for (const key of STACK_KEYS) {
    const value = read(from, key);
    if (typeof value === 'string' && value !== '') return value.slice(0, limit);
    if (key === 'stack' && isList(value) && value.length > 0) return stackOfSites(from, value);
  }
  return undefined;
}

function stackOfSites(from: unknown, sites: readonly unknown[]): string | undefined {
  try {
    const lines = sites.slice(0, 100).map((site) => (typeof site === 'string' ? site : `    at ${site}`));
    return [`${readText(from, 'name') ?? 'Error'}: ${readText(from, 'message') ?? ''}`, ...lines].join('\n');
  } catch {
    return undefined;
  }
}

/** True for what an Error looks like after another process, or a serialiser, made it plain data. */
export function isErrorLike(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value)) return false;
  if (readStack(value, 1) !== undefined) return true;
  const named = readText(value, 'name') ?? readText(value, 'type');
  return (
    typeof read(value, 'message') === 'string' && (named !== undefined || read(value, 'code') !== undefined)
  );
}
