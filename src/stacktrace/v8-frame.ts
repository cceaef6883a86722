import type { StackFrame } from '../types.ts';
import { MAX_FRAME_LENGTH, makeFrame, type Place, readPlace } from './text.ts';

/**
 * Reads one call as V8 prints it behind `at `: async, `new`, `[as x]`, eval, native, with or without a place.
 * Undefined for what is no call.
 *
 * @param bare - Accept a name without a place, which only a line between other calls may be.
 */
export function readV8Frame(line: string, bare: boolean): StackFrame | undefined {
  if (line.length > MAX_FRAME_LENGTH) return undefined;
  let end = line.length;
  // `util.inspect` puts commas between errors and a brace before their properties.
  if (line.charCodeAt(end - 1) === 123 && line.charCodeAt(end - 2) === 32) end -= 2;
  else if (line.charCodeAt(end - 1) === 44) end--;
  const start = line.startsWith('async ') ? 6 : 0;
  const body = start === 0 && end === line.length ? line : line.slice(start, end);
  if (body.charCodeAt(body.length - 1) !== 41) return readUnnamed(body, bare);
  let open = body.indexOf(' (');
  if (open < 0) open = body.startsWith('(') ? -1 : body.indexOf('](');
  if (open < 0 && body.charCodeAt(0) !== 40) return undefined;
  const name = open <= 0 ? undefined : body.slice(0, body.charCodeAt(open) === 93 ? open + 1 : open);
  return readPlaced(name, body.slice(open + 2, -1));
}

function readUnnamed(body: string, bare: boolean): StackFrame | undefined {
  const place = readPlace(body);
  if (place !== undefined) return frameAt(undefined, place);
  if (body === '<anonymous>' || body === 'native') return frameAt(undefined, NOWHERE);
  return bare && /^[\w$.<>]{1,200}$/.test(body) ? frameAt(body, NOWHERE) : undefined;
}

function readPlaced(name: string | undefined, inner: string): StackFrame | undefined {
  if (inner.startsWith('index ')) return makeFrame({ function: name }, false, 'javascript');
  // `eval at f (/app/x.js:1:2), <anonymous>:3:4`: the code that called eval is the one to look at.
  const origin = inner.startsWith('eval at ') ? evalOrigin(inner) : inner;
  const place = readPlace(origin);
  if (place !== undefined) return frameAt(name, place);
  return NO_PLACE.test(origin) ? frameAt(name, NOWHERE) : undefined;
}

const NO_PLACE = /^(?:<anonymous>|native|unknown location|unknown|node:.*|.*\.(?:[cm]?[jt]sx?|node|wasm))$/;

function evalOrigin(inner: string): string {
  const from = Math.max(0, inner.lastIndexOf('eval at '));
  const open = inner.indexOf(' (', from);
  const end = open < 0 ? -1 : inner.indexOf(')', open);
  return end < 0 ? '<anonymous>' : inner.slice(open + 2, end);
}

const NOWHERE: Place = { file: '' };

export function frameAt(name: string | undefined, place: Place): StackFrame {
  const { file, foreign } = fileInfo(place.file);
  const inApp = !foreign && !(name !== undefined && GLUE.has(name));
  const fn = name === undefined ? undefined : cleanFunction(name);
  return makeFrame({ function: fn, file, line: place.line, column: place.column }, inApp, 'javascript');
}

interface FileInfo {
  /** Without scheme, query and quotes; empty for none. */
  readonly file: string;
  /** Not the application's own. */
  readonly foreign: boolean;
}

/** A process sees few files; when it sees more, starting again is cheap. */
const MAX_FILES = 2000;
const files = new Map<string, FileInfo>();
const NO_FILE: FileInfo = { file: '', foreign: true };

function fileInfo(raw: string): FileInfo {
  if (raw === '' || raw === '<anonymous>' || raw === 'native') return NO_FILE;
  const known = files.get(raw);
  if (known) return known;
  const file = cleanFile(raw);
  const info = { file, foreign: FOREIGN.test(file) || OLD_NODE.test(file) };
  if (files.size >= MAX_FILES) files.clear();
  files.set(raw, info);
  return info;
}

function cleanFile(raw: string): string {
  let file = raw;
  if (file.startsWith('"') && file.endsWith('"')) file = file.slice(1, -1);
  if (file.startsWith('file://')) file = fromFileUrl(file.slice(7));
  else if (file.startsWith('webpack'))
    file = file.replace(/^webpack(?:-internal)?:\/\/(?:[\w@.-]*\/)?(?:\.\/)?/, '');
  const query = file.indexOf('?');
  return query > 0 ? file.slice(0, query) : file;
}

function fromFileUrl(path: string): string {
  const file = /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
  if (!file.includes('%')) return file;
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

/** Receivers that say nothing about whose function it is. */
const RECEIVER = /^(?:Object|Module|Function|exports|module\.exports|global|globalThis|window)\.(?=.)/;

/** `new Object.foo [as bar]` → `foo`. */
function cleanFunction(raw: string): string | undefined {
  let name = raw;
  if (name.includes(' ')) {
    const alias = name.indexOf(' [as ');
    if (alias > 0) name = name.slice(0, alias);
    if (name.startsWith('new ') || name.startsWith('get ') || name.startsWith('set ')) name = name.slice(4);
  }
  if (name.includes('.')) name = name.replace(RECEIVER, '');
  return name === '' || name === '<anonymous>' || name === 'eval' ? undefined : name;
}

/** Helpers that compilers write into the application's own files (TypeScript, Babel, esbuild, webpack). */
const GLUE: ReadonlySet<string> = new Set([
  '__awaiter',
  '__generator',
  '__async',
  '__await',
  'step',
  'fulfilled',
  'rejected',
  'adopt',
  'verb',
  'Object.next',
  'Object.throw',
  'asyncGeneratorStep',
  '_next',
  '_throw',
  'tryCatch',
  'Generator.next',
  'Generator.throw',
  'Generator.invoke',
  'Generator._invoke',
  '_callee$',
  '__webpack_require__',
  '__webpack_exec__',
  '__require',
  '__require2',
  '__init',
  '__commonJS',
  '_asyncToGenerator',
]);

/** Places that are not the application's: Node itself, dependencies, bundler and function runtimes. */
const FOREIGN =
  /^(?:node:|internal\/|ext:|bun:|webpack\/|\(webpack\)|<|\/var\/runtime\/)|(?:^|[\\/])(?:node_modules|bower_components|\.pnpm|\.yarn|jspm_packages|tslib|core-js|regenerator-runtime)[\\/]|[\\/]\.pnp\.[cm]?js$/;

/** Node before 16 printed its own files without a scheme: `events.js:198:13`. */
const OLD_NODE =
  /^(?:_?(?:assert|async_hooks|buffer|child_process|cluster|console|crypto|dgram|dns|domain|events|fs|http2?|https|module|net|os|path|process|punycode|querystring|readline|repl|stream|string_decoder|timers|tls|url|util|v8|vm|zlib)|_(?:http|stream|tls)_[a-z]+|bootstrap_node|node)\.js$/;
