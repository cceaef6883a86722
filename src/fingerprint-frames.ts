import { isMinified, stablePath } from './stable-path.ts';
import type { StackFrame } from './types.ts';

/** Frames that count at most: the failing function, and its callers where it is anonymous or a helper. */
const MAX_FRAMES = 3;
/** In-app frames that are looked at for those. */
const MAX_LOOKED_AT = 24;

/**
 * The frames that go into a hash, each as `function file`: the application's innermost function, which is the one
 * that failed. Where it has no name, or fails on behalf of others (`assert`, `request`), its caller too.
 *
 * Equal frames count once, so the depth of a recursion does not matter. Of a stack that overflowed, all members
 * of the cycle count, in alphabetic order: where it was cut is chance.
 */
export function fingerprintFrames(frames: readonly StackFrame[], overflowed: boolean): readonly string[] {
  if (overflowed) return cycleOf(frames);
  const kept: string[] = [];
  /** Files in which a frame so far was minified; there is hardly ever more than one. */
  let minified: string[] | undefined;
  let looked = 0;
  for (const frame of frames) {
    if (!frame.inApp) continue;
    if (++looked > MAX_LOOKED_AT) break;
    if (isMinified(frame) && !minified?.includes(frame.file ?? ''))
      minified = [...(minified ?? []), frame.file ?? ''];
    const identity = frameIdentity(frame, minified?.includes(frame.file ?? '') ?? false);
    if (identity === undefined || kept.includes(identity)) continue;
    kept.push(identity);
    if (kept.length === MAX_FRAMES || isTelling(frame)) break;
  }
  return kept;
}

/** Folders below which dependencies stand, each followed by a dependency's name. */
const DEPENDENCY = /[\\/](?:node_modules|(?:site|dist)-packages|vendor|gems)[\\/](?!\.)(@?[\w.-]{1,100})/g;

/**
 * The dependency in whose code the innermost frame stands, of scoped ones the scope: packages are split and merged
 * from version to version, their scope stays. Undefined when no frame stands in one.
 */
export function dependencyOf(frames: readonly StackFrame[]): string | undefined {
  for (const { file } of frames) {
    const name = file === undefined ? undefined : [...file.matchAll(DEPENDENCY)].at(-1)?.[1];
    if (name !== undefined) return name.replace(/-\d[\w.]*$/, '');
  }
  return undefined;
}

/** Whether more frames than these can change what {@link fingerprintFrames} answers. */
export function wantsMoreFrames(frames: readonly StackFrame[]): boolean {
  const last = frames.at(-1);
  return frames.length < MAX_LOOKED_AT && !(last?.inApp && isTelling(last) && !isMinified(last));
}

/** The frames of an overflow that is known are one object, which is looked at once. */
const cycles = new WeakMap<readonly StackFrame[], readonly string[]>();

function cycleOf(frames: readonly StackFrame[]): readonly string[] {
  const known = cycles.get(frames);
  if (known !== undefined) return known;
  const cycle = findCycle(frames);
  cycles.set(frames, cycle);
  return cycle;
}

function findCycle(frames: readonly StackFrame[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const frame of frames) {
    const identity = frame.inApp ? frameIdentity(frame, false) : undefined;
    if (identity !== undefined) counts.set(identity, (counts.get(identity) ?? 0) + 1);
  }
  // What stands in the stack once or twice beside hundreds is the way into the cycle.
  const most = Math.max(0, ...counts.values());
  const members = [...counts.keys()].filter((key) => most < 8 || (counts.get(key) ?? 0) * 4 >= most);
  return members.sort().slice(0, 8);
}

/** Functions that fail on behalf of their caller: which one called is what matters. */
const HELPERS: ReadonlySet<string> = new Set(
  (
    'assert invariant ensure check must fail raise die abort panic throw throwif throwerror request fetch query ' +
    'execute exec call invoke send run get post put rawrequest wrap wrapper createerror makeerror builderror ' +
    'toerror newerror dorequest sendrequest runquery'
  ).split(' '),
);

/** Whether the frame alone says which function failed. */
function isTelling({ function: name, language }: StackFrame): boolean {
  if (name === undefined) return false;
  if (language === 'python' && name.startsWith('<')) return name === '<module>';
  if (language === 'javascript') {
    const known = tellingNames.get(name);
    if (known !== undefined) return known;
    const telling = isTellingJavaScript(name);
    if (tellingNames.size >= MAX_NAMES) tellingNames.clear();
    tellingNames.set(name, telling);
    return telling;
  }
  return !isHelper(name);
}

/** A process calls few functions; when it calls more, starting again is cheap. */
const MAX_NAMES = 2000;
const tellingNames = new Map<string, boolean>();

function isTellingJavaScript(name: string): boolean {
  const dot = name.lastIndexOf('.');
  if (name.length - dot <= 3) return false;
  if (name.endsWith('<anonymous>')) return dot > 2 && !RUNTIME_RECEIVER.test(name);
  return !isHelper(name);
}

const isHelper = (name: string): boolean => HELPERS.has(name.slice(name.lastIndexOf('.') + 1).toLowerCase());

/**
 * The frame as it goes into a hash: `function file`, or the file alone for a function without a name. Undefined
 * for a frame that a newer compiler no longer makes.
 */
function frameIdentity(frame: StackFrame, minified: boolean): string | undefined {
  const name = minified ? unminifiedName(frame.function) : stableFunction(frame);
  if (name === undefined) return undefined;
  const file = frame.file === undefined ? '' : stablePath(frame.file);
  if (name === '') return file === '' ? undefined : file;
  return file === '' ? name : `${name} ${file}`;
}

/** Minifiers rename variables and classes, but keep the names of methods. */
function unminifiedName(raw: string | undefined): string {
  const name = raw === undefined ? '' : raw.slice(raw.lastIndexOf('.') + 1);
  return name.length <= 2 || name.startsWith('<') ? '' : name;
}

/** Timers and events call anonymous functions on objects of Node's. */
const RUNTIME_RECEIVER = /^(?:Immediate|Timeout|Socket|Server|EventEmitter|process|Promise)\.<anonymous>$/;

/** A function's name without what compilers add or count; empty when it has none. */
function stableFunction(frame: StackFrame): string | undefined {
  let name = frame.function ?? '';
  if (name.length > 300) name = name.slice(0, 300);
  switch (frame.language) {
    case 'javascript':
      if (name.endsWith('<anonymous>') && RUNTIME_RECEIVER.test(name)) return '';
      // Bundles have few lines: there a short name is a minifier's, however far to the left it stands.
      if ((frame.line ?? 1000) <= BUNDLE_LINES && MINIFIED_NAME.test(name)) return unminifiedName(name);
      // Bundlers put a line in front of a class that mentions itself.
      if (name.charCodeAt(0) === 95) name = name.replace(/^_+(?=[A-Z])/, '');
      // Of a function on a function, V8 before 13 prints `Function.create`, since then `router.create`.
      if (name.includes('.')) name = name.replace(LOWER_RECEIVERS, '');
      break;
    case 'python':
      // Python 3.12 inlines comprehensions: their frames are gone.
      if (/^<(?:list|dict|set)comp>$|^<genexpr>$/.test(name)) return undefined;
      if (name === '<lambda>') return '';
      break;
    case 'java':
      // `lambda$sum$0`, `$$Lambda$14/0x0008`.
      if (name.includes('$')) {
        name = name.replace(/lambda\$(\w{1,200}?)\$\d+/g, '$1').replace(/\$\$Lambda[$/\w]*/g, '$$Lambda');
      }
      break;
    case 'go':
      // Closures are numbered: `main.run.func2`, `main.run.func2.1`, `main.run.gowrap1`.
      name = withoutClosure(name).replace('[...]', '');
      break;
    case 'rust':
      name = name.replace(/::\{\{?closure\}?\}|::\{closure#\d+\}/g, '');
      break;
    default:
      break;
  }
  return DIGIT.test(name) ? name.replace(COMPILER_NUMBER, '') : name;
}

const LOWER_RECEIVERS = /^(?:[a-z$_][\w$]*\.)+(?=[\w$])/;
const BUNDLE_LINES = 20;
const MINIFIED_NAME = /^[\w$]{1,2}(?:\.|$)/;

function withoutClosure(name: string): string {
  const at = name.search(/\.(?:func|gowrap)\d/);
  return at < 0 ? name : name.slice(0, at);
}

const DIGIT = /\d/;
/** Kotlin's `load$2.invokeSuspend`, Babel's `_callee3`, ids in generated names. */
const COMPILER_NUMBER = /(?<=[$_.#]|callee)\d+(?=$|[^A-Za-z0-9])|\d{4,}/g;
