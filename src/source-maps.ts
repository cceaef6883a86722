import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { LRUCache } from 'lru-cache';
import { RecentTexts } from './recent-texts.ts';

/** Reading and decoding a map blocks; a larger one is left alone. */
const MAX_MAP_BYTES = 8 * 1024 * 1024;
/** The comment that names the map stands at the end of a file. */
const TAIL_BYTES = 4096;
/** Lines of one stack that are looked at. */
const MAX_LINES = 200;
/** Files that are opened for one stack; the others wait for the next one. */
const MAX_NEW_FILES = 8;

/** Decoded maps take some ten times their text; only the texts are counted here. */
const maps = new LRUCache<string, TraceMap | 'none'>({ max: 500, maxSize: 2 * MAX_MAP_BYTES });
const places = new LRUCache<string, OriginalPlace | 'none'>({ max: 4000 });
const stacks = new RecentTexts<string>(512, 8192);

/** `at f (/app/dist/x.js:1:2)`, `at async file:///app/dist/x.mjs:1:2` */
const FRAME =
  /^(\s{1,32}at (?:async )?)(?:([^\n(]{1,200}) \()?((?:file:\/\/\/|\/|[A-Za-z]:[\\/])[^\n():]{1,1024}\.[cm]?js):(\d{1,9}):(\d{1,9})(\)?,?)$/;

/**
 * Maps the frames of a V8 stack back to the sources that the application was written in, where source maps are at
 * hand: inline, or in the file that the code's `sourceMappingURL` comment names. A stack without such frames comes
 * back as it is. Run with `--enable-source-maps`, Node has done the work already.
 *
 * Synchronous, never throws. Reads regular files with absolute paths only, no map larger than 8 MB, and what it has
 * read is kept within bounds for the life of the process.
 */
export function resolveStackTrace(stack: string): string {
  if (typeof stack !== 'string' || !stack.includes('js:')) return stack;
  return stacks.recall(stack, resolveLines);
}

function resolveLines(stack: string): string {
  const lines = stack.split('\n');
  const budget = { newFiles: MAX_NEW_FILES };
  let changed = false;
  for (let index = 0; index < Math.min(lines.length, MAX_LINES); index++) {
    const line = lines[index] as string;
    if (line.length > 2048 || !line.includes('at ')) continue;
    const frame = FRAME.exec(line);
    if (!frame) continue;
    const resolved = resolveFrame(frame, lines[index + 1], budget);
    if (resolved === undefined) continue;
    lines[index] = resolved;
    changed = true;
  }
  return changed ? lines.join('\n') : stack;
}

interface Budget {
  newFiles: number;
}

function resolveFrame(frame: RegExpExecArray, below: string | undefined, budget: Budget): string | undefined {
  const [, lead = '', name, file = '', line = '', column = '', end = ''] = frame;
  const place = originalPlace(file, Number(line), Number(column), budget);
  if (place === undefined) return undefined;
  const comma = end.endsWith(',') ? ',' : '';
  const original = name === undefined ? undefined : originalName(name, below, budget);
  return original === undefined
    ? `${lead}${place.text}${comma}`
    : `${lead}${original} (${place.text})${comma}`;
}

/**
 * A minified function's own name is nowhere in a map, but the map knows the name by which the caller called it: at
 * the caller's place in the code.
 */
function originalName(name: string, caller: string | undefined, budget: Budget): string | undefined {
  const last = name.replace(/ \[as [^\]]*\]$/, '').replace(/^new /, '');
  const dot = last.lastIndexOf('.');
  // Of `o.sum` the method has kept its name, and the class has lost it.
  if (last.length - dot > 3) return dot === 1 || dot === 2 ? last.slice(dot + 1) : name;
  const frame = caller === undefined || caller.length > 2048 ? null : FRAME.exec(caller);
  return frame
    ? originalPlace(frame[3] as string, Number(frame[4]), Number(frame[5]), budget)?.name
    : undefined;
}

interface OriginalPlace {
  /** `file:line:column` */
  readonly text: string;
  readonly name?: string;
}

function originalPlace(
  file: string,
  line: number,
  column: number,
  budget: Budget,
): OriginalPlace | undefined {
  const key = `${file}:${line}:${column}`;
  const known = places.get(key);
  if (known !== undefined) return known === 'none' ? undefined : known;
  const path = pathOf(file);
  const map = path === undefined ? 'none' : mapOf(path, budget);
  if (map === undefined) return undefined;
  const place = map === 'none' || path === undefined ? undefined : look(map, path, line, column);
  places.set(key, place ?? 'none');
  return place;
}

function look(map: TraceMap, path: string, line: number, column: number): OriginalPlace | undefined {
  try {
    const found = originalPositionFor(map, { line: Math.max(1, line), column: Math.max(0, column - 1) });
    if (found.source === null) return undefined;
    const source = sourcePath(found.source, path);
    const text = `${source}:${found.line}:${found.column + 1}`;
    return found.name === null || !/^[\w$]{1,100}$/.test(found.name) ? { text } : { text, name: found.name };
  } catch {
    return undefined;
  }
}

/** What a bundler made up (`webpack://…`) stays as it is. */
function sourcePath(source: string, path: string): string {
  if (source.startsWith('file://')) return pathOf(source) ?? source;
  return /^[a-z][a-z-]*:\/\//i.test(source) || isAbsolute(source) ? source : resolve(dirname(path), source);
}

function pathOf(file: string): string | undefined {
  try {
    return file.startsWith('file://') ? fileURLToPath(file) : file;
  } catch {
    return undefined;
  }
}

/** Undefined when the file may be read another time only. */
function mapOf(path: string, budget: Budget): TraceMap | 'none' | undefined {
  const known = maps.get(path);
  if (known !== undefined) return known;
  // Dependencies are not the application's code, and mostly not compiled from what their maps name.
  if (!path.includes('node_modules') && budget.newFiles-- <= 0) return undefined;
  const raw = path.includes('node_modules') ? undefined : readMap(path);
  const map = raw === undefined ? 'none' : decode(raw);
  maps.set(path, map, { size: map === 'none' ? 1 : Math.max(1, raw?.text.length ?? 1) });
  return map;
}

interface RawMap {
  readonly text: string;
  /** What its sources are relative to. */
  readonly path: string;
}

function decode(raw: RawMap): TraceMap | 'none' {
  try {
    return new TraceMap(raw.text, raw.path);
  } catch {
    return 'none';
  }
}

function readMap(path: string): RawMap | undefined {
  try {
    const url = mappingUrl(path);
    if (url === undefined) return undefined;
    if (url.startsWith('data:')) {
      const text = fromDataUrl(url);
      return text === undefined ? undefined : { text, path };
    }
    if (/^[a-z][a-z+.-]+:/i.test(url)) return undefined;
    const file = resolve(dirname(path), decodeURIComponent(url));
    return isReadable(file) ? { text: readFileSync(file, 'utf8'), path: file } : undefined;
  } catch {
    return undefined;
  }
}

/** A device or a pipe would block, and an endless file never end. */
function isReadable(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= MAX_MAP_BYTES;
}

const COMMENT = '# sourceMappingURL=';

/** The address in the last `//# sourceMappingURL=` comment; without one, `<file>.map` when it is there. */
function mappingUrl(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) return undefined;
  const tail = readTail(path, stats.size);
  let at = tail.lastIndexOf(COMMENT);
  if (at >= 0) return firstWord(tail, at + COMMENT.length);
  // An inline map fills the last line, further than the tail reaches.
  if (!tail.trimEnd().includes('\n') && stats.size > TAIL_BYTES && stats.size <= MAX_MAP_BYTES) {
    const text = readFileSync(path, 'utf8');
    at = text.lastIndexOf(COMMENT);
    if (at >= 0) return firstWord(text, at + COMMENT.length);
  }
  return isReadable(`${path}.map`) ? `${path}.map` : undefined;
}

function firstWord(text: string, start: number): string {
  const end = text.slice(start).search(/\s/);
  return end < 0 ? text.slice(start) : text.slice(start, start + end);
}

function readTail(path: string, size: number): string {
  const length = Math.min(size, TAIL_BYTES);
  const buffer = Buffer.alloc(length);
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, buffer, 0, length, size - length);
    return buffer.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}

function fromDataUrl(url: string): string | undefined {
  const comma = url.indexOf(',');
  if (comma < 0 || !/^data:application\/json/.test(url)) return undefined;
  const data = url.slice(comma + 1);
  return url.slice(0, comma).endsWith(';base64')
    ? Buffer.from(data, 'base64').toString('utf8')
    : decodeURIComponent(data);
}
