import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { LRUCache } from 'lru-cache';

/** Reading and decoding block; a larger file is left alone. */
const MAX_BYTES = 8 * 1024 * 1024;
/** How far behind the place of a call the name stands that is called: `new e(`, `await this.e(`. */
const MAX_CALL = 120;
/** How far in front of a place the beginning of its function is looked for. */
const MAX_FUNCTION = 100_000;
/** What stands around the name where a function is defined. */
const DEFINITIONS = [
  ['function ', '('],
  ['function*', '('],
  ['', '=('],
  ['', '=async('],
  ['', '=async '],
  ['', '=function'],
] as const;
const COMMENT = '# sourceMappingURL=';
const NAME = /^[\w$]{1,100}$/;

/** Decoded maps take some ten times their text; only the texts are counted here. */
const known = new LRUCache<string, MappedCode | 'unmapped'>({ max: 500, maxSize: 2 * MAX_BYTES });

/** A file of generated code together with its source map. */
export class MappedCode {
  readonly #path: string;
  readonly #map: TraceMap;
  readonly #text: string;
  #lines: readonly string[] | undefined;

  constructor(path: string, text: string, map: TraceMap) {
    this.#path = path;
    this.#text = text;
    this.#map = map;
  }

  /** `file:line:column` in the source; undefined where the map says nothing. Lines and columns begin at 1. */
  originalPlace(line: number, column: number): string | undefined {
    const found = this.#find(line, column);
    const path = typeof found?.source === 'string' ? this.#sourcePath(found.source) : undefined;
    return path === undefined ? undefined : `${path}:${found?.line}:${(found?.column ?? 0) + 1}`;
  }

  /** What the source calls the function that the code calls `called` at a place, or the class in `new called`. */
  nameOfCallee(line: number, column: number, called: string, isNew: boolean): string | undefined {
    const call = this.#line(line).slice(column - 1, column - 1 + MAX_CALL);
    const index = isNew ? indexOfClass(call) : indexOfCall(call, called);
    return index < 0 ? undefined : this.#nameAt(line, column + index);
  }

  /** What the source calls the function around a place, which the code calls `name`: its definition stands before. */
  nameOfFunction(line: number, column: number, name: string): string | undefined {
    const from = Math.max(0, column - 1 - MAX_FUNCTION);
    const before = this.#line(line).slice(from, column - 1);
    const places = DEFINITIONS.map(([front, behind]) => {
      const index = before.lastIndexOf(front + name + behind);
      const isWhole = index >= 0 && (front !== '' || !/[\w$.]/.test(before.charAt(index - 1)));
      return isWhole ? index + front.length : -1;
    });
    const found = Math.max(...places);
    return found < 0 ? undefined : this.#nameAt(line, from + found + 1);
  }

  #line(line: number): string {
    this.#lines ??= this.#text.split('\n');
    return this.#lines[line - 1] ?? '';
  }

  #nameAt(line: number, column: number): string | undefined {
    const name = this.#find(line, column)?.name;
    return typeof name === 'string' && NAME.test(name) ? name : undefined;
  }

  /** A map may name sources that it does not list, or hold what is no mapping: then it leads nowhere. */
  #find(line: number, column: number): ReturnType<typeof originalPositionFor> | undefined {
    try {
      return originalPositionFor(this.#map, at(line, column));
    } catch {
      return undefined;
    }
  }

  /** What a bundler made up (`webpack://…`) stays as it is. */
  #sourcePath(source: string): string | undefined {
    if (source.startsWith('file://')) return localPath(source);
    const isWhole = /^[a-z][a-z-]*:\/\//i.test(source) || isAbsolute(source);
    return isWhole ? source : resolve(dirname(this.#path), source);
  }
}

/** Undefined for a file of another host. */
function localPath(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** A class has two names, its own and the one by which others know it: only the latter stands in `new e(`. */
const indexOfClass = (call: string): number => /^new\s+(?=[\w$])/.exec(call)?.[0].length ?? -1;

function indexOfCall(call: string, called: string): number {
  for (let index = call.indexOf(called); index >= 0; index = call.indexOf(called, index + 1)) {
    if (!/[\w$]/.test(call.charAt(index - 1)) && call.charAt(index + called.length) === '(') return index;
  }
  return -1;
}

const at = (line: number, column: number) => ({ line: Math.max(1, line), column: Math.max(0, column - 1) });

/** True when the file was looked at before, so that asking for it costs nothing. */
export const isKnown = (path: string): boolean => known.has(path);

/**
 * The code in a file with its map: inline, or in the file that the code's `sourceMappingURL` comment names, or in
 * `<file>.map`. Undefined when it has none, or when one of them is not a regular file of at most 8 MB.
 */
export function readMappedCode(path: string): MappedCode | undefined {
  const found = known.get(path);
  if (found !== undefined) return found === 'unmapped' ? undefined : found;
  const { code, size } = load(path);
  known.set(path, code ?? 'unmapped', { size });
  return code;
}

function load(path: string): { readonly code?: MappedCode; readonly size: number } {
  try {
    const text = readText(path);
    const raw = text === undefined ? undefined : readMap(path, text);
    if (text === undefined || raw === undefined) return { size: 1 };
    return {
      code: new MappedCode(path, text, new TraceMap(raw.json, raw.path)),
      size: text.length + raw.json.length,
    };
  } catch {
    return { size: 1 };
  }
}

interface RawMap {
  readonly json: string;
  /** What its sources are relative to. */
  readonly path: string;
}

function readMap(path: string, text: string): RawMap | undefined {
  const start = text.lastIndexOf(COMMENT);
  const url = start < 0 ? `${path}.map` : (/^\S*/.exec(text.slice(start + COMMENT.length))?.[0] ?? '');
  if (url.startsWith('data:')) {
    const json = fromDataUrl(url);
    return json === undefined ? undefined : { json, path };
  }
  // Nothing is fetched.
  if (/^[a-z][a-z+.-]+:/i.test(url)) return undefined;
  const file = resolve(dirname(path), start < 0 ? url : decodeURIComponent(url));
  const json = readText(file);
  return json === undefined ? undefined : { json, path: file };
}

/** A device or a pipe would block, and an endless file never end. */
function readText(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() && stats.size <= MAX_BYTES ? readFileSync(file, 'utf8') : undefined;
}

function fromDataUrl(url: string): string | undefined {
  const comma = url.indexOf(',');
  if (comma < 0 || !url.startsWith('data:application/json')) return undefined;
  const data = url.slice(comma + 1);
  return url.slice(0, comma).endsWith(';base64')
    ? Buffer.from(data, 'base64').toString('utf8')
    : decodeURIComponent(data);
}
