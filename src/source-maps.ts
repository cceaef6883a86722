import { fileURLToPath } from 'node:url';
import { LRUCache } from 'lru-cache';
import { RecentTexts } from './recent-texts.ts';
import { isKnown, type MappedCode, readMappedCode } from './source-maps/mapped-code.ts';
import type { ErrorLog } from './types.ts';

/** Lines of one stack that are looked at. */
const MAX_LINES = 200;
const MAX_LINE_LENGTH = 2048;
/** Files that are read for one stack; the others wait for the next one. */
const MAX_NEW_FILES = 8;

/** `at f (/app/dist/x.js:1:2)`, `at async file:///app/dist/x.mjs:1:2` */
const FRAME =
  /^(\s{1,32}at (?:async )?)(?:([^\n(]{1,200}) \()?((?:file:\/\/\/|\/|[A-Za-z]:[\\/])[^\n():]{1,1024}\.[cm]?js):(\d{1,9}):(\d{1,9})(\)?,?)$/;

/** Empty for a place that no map knows. */
const places = new LRUCache<string, string>({ max: 4000 });
const stacks = new RecentTexts<string>(512, 8192);

/**
 * Maps the frames of a V8 stack back to the sources that the application was written in, where source maps are at
 * hand: in the code's file, or beside it. A stack without such frames comes back as it is. Under
 * `--enable-source-maps` Node has done the work already.
 *
 * Synchronous, never throws. Reads regular files with absolute paths only, none larger than 8 MB and none of a
 * dependency; what it has read is kept, within bounds, for the life of the process.
 */
export function resolveStackTrace(stack: string): string {
  if (typeof stack !== 'string' || !stack.includes('js:')) return stack;
  return stacks.recall(stack, resolveLines);
}

/** The error with the frames of its stack led back to the sources; itself when there is nothing to lead back. */
export function withSourceFrames(errorLog: ErrorLog): ErrorLog {
  const { stackTrace } = errorLog;
  const resolved = stackTrace === undefined ? undefined : resolveStackTrace(stackTrace);
  return resolved === undefined || resolved === stackTrace ? errorLog : { ...errorLog, stackTrace: resolved };
}

function resolveLines(stack: string): string {
  const lines = stack.split('\n');
  const frames = lines.slice(0, MAX_LINES + 1).map(readFrame);
  const budget = { newFiles: MAX_NEW_FILES };
  let changed = false;
  for (const [index, frame] of frames.slice(0, MAX_LINES).entries()) {
    const resolved = frame && resolveFrame(frame, frames[index + 1], budget);
    if (resolved === undefined) continue;
    lines[index] = resolved;
    changed = true;
  }
  return changed ? lines.join('\n') : stack;
}

interface Frame {
  /** Indentation, `at` and `async`. */
  readonly lead: string;
  readonly name: string | undefined;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `,` between the members of an AggregateError. */
  readonly tail: string;
}

interface Budget {
  newFiles: number;
}

function readFrame(text: string): Frame | undefined {
  const match = text.length > MAX_LINE_LENGTH || !text.includes('at ') ? null : FRAME.exec(text);
  if (!match) return undefined;
  const [, lead = '', name, file = '', line, column, end = ''] = match;
  return { lead, name, file, line: Number(line), column: Number(column), tail: end.endsWith(',') ? ',' : '' };
}

function resolveFrame(frame: Frame, caller: Frame | undefined, budget: Budget): string | undefined {
  const place = originalPlace(frame, budget);
  if (place === undefined) return undefined;
  const name = frame.name === undefined ? undefined : originalName(frame, caller, budget);
  return name === undefined
    ? `${frame.lead}${place}${frame.tail}`
    : `${frame.lead}${name} (${place})${frame.tail}`;
}

function originalPlace(frame: Frame, budget: Budget): string | undefined {
  const key = `${frame.file}:${frame.line}:${frame.column}`;
  const known = places.get(key);
  if (known !== undefined) return known || undefined;
  const code = codeOf(frame, budget);
  if (code === 'later') return undefined;
  const place = code?.originalPlace(frame.line, frame.column);
  places.set(key, place ?? '');
  return place;
}

/**
 * A minified function's own name is nowhere in a map. But the map knows what the caller, one frame further down,
 * called it; and where the caller is not on the stack, what stands where the function begins.
 */
function originalName(frame: Frame, caller: Frame | undefined, budget: Budget): string | undefined {
  const name = frame.name ?? '';
  const alias = name.indexOf(' [as ');
  const called = (alias < 0 ? name : name.slice(0, alias)).replace(/^new /, '');
  const dot = called.lastIndexOf('.');
  // Of `o.sum` the method has kept its name, and the class has lost it.
  if (called.length - dot > 3) return dot === 1 || dot === 2 ? called.slice(dot + 1) : name;
  const last = called.slice(dot + 1);
  const isNew = name.startsWith('new ');
  const atCaller =
    caller && mappedCode(caller, budget)?.nameOfCallee(caller.line, caller.column, last, isNew);
  return atCaller ?? mappedCode(frame, budget)?.nameOfFunction(frame.line, frame.column, last);
}

function mappedCode(frame: Frame, budget: Budget): MappedCode | undefined {
  const code = codeOf(frame, budget);
  return code === 'later' ? undefined : code;
}

/** `later` when enough files were read for this stack. */
function codeOf({ file }: Frame, budget: Budget): MappedCode | undefined | 'later' {
  // Dependencies are not the application's code, and mostly not compiled from what their maps name.
  if (file.includes('node_modules')) return undefined;
  const path = pathOf(file);
  if (path === undefined) return undefined;
  if (!isKnown(path) && budget.newFiles-- <= 0) return 'later';
  return readMappedCode(path);
}

function pathOf(file: string): string | undefined {
  try {
    return file.startsWith('file://') ? fileURLToPath(file) : file;
  } catch {
    return undefined;
  }
}
