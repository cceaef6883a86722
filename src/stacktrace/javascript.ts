import type { StackFrame } from '../types.ts';
import type { ParsedSections } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  MAX_CAUSES,
  MAX_FRAME_LENGTH,
  MAX_FRAMES,
  makeFrame,
  newDraft,
  readHeader,
  readNumber,
} from './text.ts';

/**
 * Reads what V8 prints, and what pino, `util.inspect` and libraries make of it: async frames, evals, bundles,
 * `[cause]`, `caused by:`, `[errors]`. Firefox and Safari's `fn@file:1:2` is read too.
 */
export function parseJavaScript(lines: readonly string[]): ParsedSections {
  const errors: ErrorDraft[] = [newDraft()];
  let header: string[] = [];
  let current = errors[0] as ErrorDraft;
  let afterFrames = false;
  /** Inside `[errors]: [ … ]` a line that is no frame begins the next child. */
  let childExpected = false;
  let inErrors = false;

  const close = (): void => {
    if (header.length > 0) Object.assign(current, readErrorHeader(header));
    header = [];
  };
  const begin = (firstLine: string): boolean => {
    close();
    if (errors.length > MAX_CAUSES) return false;
    current = newDraft();
    errors.push(current);
    header = [firstLine];
    afterFrames = false;
    childExpected = false;
    return true;
  };

  for (const raw of lines) {
    const line = raw.trimStart();
    if (line.startsWith('at ') || line.includes('@')) {
      const frame = readFrame(line, afterFrames);
      if (frame) {
        if (current.frames.length < MAX_FRAMES) current.frames.push(frame);
        afterFrames = true;
        if (inErrors) childExpected = line.endsWith(',');
        continue;
      }
    }
    const marker = causeMarker(line);
    if (marker >= 0) {
      if (line.startsWith('[errors]') || line.startsWith('errors: [')) {
        inErrors = true;
        const rest = line.slice(marker).trim();
        if (rest === '') {
          childExpected = true;
          afterFrames = true;
        } else if (!begin(rest)) break;
      } else if (!begin(line.slice(marker))) break;
      continue;
    }
    if (childExpected && line !== '' && !CLOSING.test(line)) {
      if (!begin(line)) break;
      continue;
    }
    if (!afterFrames) header.push(raw);
  }
  close();
  for (const draft of errors) draft.message = draft.message.replace(/\s*\{\s*$/, '');
  return { errors: errors.map(finish), language: 'javascript' };
}

const CLOSING = /^[\]}),\s]*$/;

/** Where the text of a cause begins in a line, or -1. */
function causeMarker(line: string): number {
  const first = line.charCodeAt(0);
  // `[cause]: `, `[errors]: [`
  if (first === 91) {
    if (line.startsWith('[cause]: ')) return 9;
    if (line.startsWith('[errors]: [')) return 11;
    return -1;
  }
  // `caused by: `, `Caused by: `
  if ((first === 99 || first === 67) && /^[cC]aused by: /.test(line)) return 11;
  return -1;
}

/** Words that processes and loggers put before the error; they are no class of it. */
const PREFIX =
  /^(?:\(node:\d+\) )?(?:(?:UnhandledPromiseRejectionWarning|uncaughtException|unhandledRejection|Uncaught(?: \(in promise\))?)(?::? |$))+/;

function readErrorHeader(lines: readonly string[]): { name?: string; message: string } {
  let text = lines.join('\n').trim();
  const prefix = PREFIX.exec(text.slice(0, 300));
  if (prefix) {
    text = text.slice(prefix[0].length).trimStart();
    // winston repeats the message before the stack: `uncaughtException: no x\nTypeError: no x`.
    const lineEnd = text.indexOf('\n');
    if (lineEnd > 0 && text.slice(lineEnd + 1).includes(text.slice(0, lineEnd))) {
      const rest = text.slice(lineEnd + 1).trimStart();
      if (ERROR_START.test(rest)) text = rest;
    }
  }
  const header = readHeader(text);
  if (header.name !== undefined) return header;
  // A log line, then the error on a line of its own.
  for (let index = 1; index < lines.length && index < 50; index++) {
    const line = lines[index] as string;
    if (ERROR_START.test(line)) return readHeader(lines.slice(index).join('\n').trim());
  }
  return header;
}

const ERROR_START = /^[A-Za-z_$][\w$.]{0,100}(?:Error|Exception)(?: \[\w{1,60}\])?(?::\s|$)/;

/** `bare` allows `at name` without a place, which only the lines between other frames may be. */
function readFrame(line: string, bare: boolean): StackFrame | undefined {
  if (line.length > MAX_FRAME_LENGTH) return undefined;
  if (!line.startsWith('at ')) return readGeckoFrame(line);
  let body = line.slice(3).trim();
  if (body.endsWith(',')) body = body.slice(0, -1);
  if (body.endsWith(' {')) body = body.slice(0, -2);
  if (body.startsWith('async ')) body = body.slice(6);
  if (body.endsWith(')')) {
    const open = body.startsWith('(') ? 0 : body.indexOf(' (');
    if (open < 0) return undefined;
    return readPlaced(body.slice(0, open), body.slice(open === 0 ? 1 : open + 2, -1));
  }
  const place = readPlace(body);
  if (place.line !== undefined || body === '<anonymous>' || body === 'native') {
    return frameAt(undefined, place);
  }
  return bare && /^[\w$.<>]{1,200}$/.test(body) ? frameAt(body, {}) : undefined;
}

function readPlaced(name: string, inner: string): StackFrame | undefined {
  if (inner.startsWith('index ')) return makeFrame({ function: name }, false, 'javascript');
  // `eval at f (/app/x.js:1:2), <anonymous>:3:4`: the code that called eval is the one to look at.
  const origin = inner.startsWith('eval at ') ? evalOrigin(inner) : inner;
  const place = readPlace(origin);
  if (place.line === undefined && !NO_PLACE.test(origin)) return undefined;
  return frameAt(name, place);
}

const NO_PLACE = /^(?:<anonymous>|native|unknown location|unknown|node:.*|.*\.(?:[cm]?[jt]sx?|node|wasm))$/;

function evalOrigin(inner: string): string {
  let from = inner.lastIndexOf('eval at ');
  if (from < 0) from = 0;
  const open = inner.indexOf(' (', from);
  const end = open < 0 ? -1 : inner.indexOf(')', open);
  return end < 0 ? '<anonymous>' : inner.slice(open + 2, end);
}

interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** `file:line:column`, also `"file":line:column` as templates print it. */
function readPlace(text: string): Place {
  const second = text.lastIndexOf(':');
  if (second <= 0) return {};
  const last = readNumber(text.slice(second + 1));
  if (last === undefined) return {};
  const first = text.lastIndexOf(':', second - 1);
  const line = first > 0 ? readNumber(text.slice(first + 1, second)) : undefined;
  return line === undefined
    ? { file: cleanFile(text.slice(0, second)), line: last }
    : { file: cleanFile(text.slice(0, first)), line, column: last };
}

function frameAt(name: string | undefined, place: Place): StackFrame {
  const fn = name === undefined ? undefined : cleanFunction(name);
  const glue = name !== undefined && GLUE.has(name);
  const file = place.file === '<anonymous>' || place.file === 'native' ? undefined : place.file;
  const inApp = file !== undefined && isInApp(file) && !glue;
  return makeFrame({ function: fn, file, line: place.line, column: place.column }, inApp, 'javascript');
}

/** `fn@https://host/x.js:1:2` as Firefox and Safari print it. */
function readGeckoFrame(line: string): StackFrame | undefined {
  const at = line.indexOf('@');
  if (at < 0 || at > 200 || !/^[\w$.<>/*]*$/.test(line.slice(0, at))) return undefined;
  const place = readPlace(line.slice(at + 1).trim());
  return place.column === undefined ? undefined : frameAt(line.slice(0, at) || undefined, place);
}

/** The place without scheme, query and quotes. */
function cleanFile(raw: string): string {
  let file = raw;
  if (file.startsWith('async ')) file = file.slice(6);
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

/** `async Object.foo [as bar]` → `foo`. */
function cleanFunction(raw: string): string | undefined {
  let name = raw;
  const alias = name.indexOf(' [as ');
  if (alias > 0) name = name.slice(0, alias);
  if (name.startsWith('async ')) name = name.slice(6);
  if (name.startsWith('new ')) name = name.slice(4);
  else if (name.startsWith('get ') || name.startsWith('set ')) name = name.slice(4);
  name = name.replace(RECEIVER, '');
  return name === '' || name === '<anonymous>' || name === 'eval' ? undefined : name;
}

/** Helpers that compilers write into the application's own files (TypeScript, Babel, esbuild, webpack). */
const GLUE = new Set([
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
  /(?:^|[\\/])(?:node_modules|bower_components|\.pnpm|\.yarn|jspm_packages)[\\/]|^(?:node:|internal\/|ext:|bun:|webpack\/|(?:\(webpack\))|<)|[\\/]\.pnp\.[cm]?js$|^\/var\/runtime\/|^(?:\/var\/task\/|\/opt\/)?node:|regenerator-runtime|[\\/](?:tslib|core-js)[\\/]/;

/** Node before 16 printed its own files without a scheme: `events.js:198:13`. */
const OLD_NODE =
  /^(?:_?(?:assert|async_hooks|buffer|child_process|cluster|console|crypto|dgram|dns|domain|events|fs|http2?|https|module|net|os|path|process|punycode|querystring|readline|repl|stream|string_decoder|timers|tls|url|util|v8|vm|zlib)|_(?:http|stream|tls)_[a-z]+|bootstrap_node|node)\.js$/;

function isInApp(file: string): boolean {
  return !FOREIGN.test(file) && !OLD_NODE.test(file);
}
