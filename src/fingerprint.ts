import { dependencyOf, fingerprintFrames, wantsMoreFrames } from './fingerprint-frames.ts';
import { describeJson } from './masking/json-message.ts';
import { MASK, type MaskNote } from './masking/output.ts';
import { proseLines } from './masking/prose.ts';
import { asNewestV8 } from './masking/v8-messages.ts';
import { maskText } from './masking.ts';
import { stablePath } from './stable-path.ts';
import type { WantsMore } from './stacktrace/sections.ts';
import { withoutAnsi } from './stacktrace/text.ts';
import { readStack } from './stacktrace.ts';
import type { ErrorLog, FingerprintPart, ParsedError } from './types.ts';

/** Receives the parts of a fingerprint, in order. */
export interface PartSink {
  /** What was masked is only noted where someone will read it. */
  readonly notes?: MaskNote[];
  add(kind: FingerprintPart['kind'], value: string, why: PartReason): void;
}

/** Why a part is in. */
export type PartReason =
  | 'given'
  | 'class'
  | 'message'
  | 'code'
  | 'cause'
  | 'cause frame'
  | 'frame'
  | 'cycle'
  | 'file'
  | 'dependency';

/** Causes that count; a longer chain is a loop or a hostile text. */
const MAX_CAUSES = 8;

/** The error as the fingerprint sees it: what the stack says, and where it says nothing, what the fields say. */
interface Subject {
  readonly name: string;
  readonly message: string;
  readonly frames: ParsedError['frames'];
  readonly causes: readonly ParsedError[];
}

/**
 * Hands the parts of an error's fingerprint to `sink`: class, masked message, code, masked causes, the failing
 * functions of the error and of its root cause. Never throws, also when the fields are not what the types say.
 */
export function collectParts(errorLog: ErrorLog, sink: PartSink): void {
  const subject = unwrapAggregate(subjectOf(errorLog));
  const { name, causes } = subject;
  if (name !== '') sink.add('class', name, 'class');
  const message = maskMessage(subject.message, sink.notes);
  if (message !== '') sink.add('message', message, 'message');
  const code = stableCode(textOf(errorLog?.code));
  if (code !== '' && !subject.message.includes(code)) sink.add('code', code, 'code');
  if (causes.length > 0) addCauses(causes, `${name}: ${message}`, sink);

  const overflowed = isOverflow(name, subject.message);
  const frames = fingerprintFrames(subject.frames, overflowed);
  const root = causes.at(-1);
  const rootFrame = root === undefined ? undefined : fingerprintFrames(root.frames, false)[0];
  if (rootFrame !== undefined && !frames.includes(rootFrame)) sink.add('frame', rootFrame, 'cause frame');
  for (const frame of frames) sink.add('frame', frame, overflowed ? 'cycle' : 'frame');

  if (frames.length === 0 && rootFrame === undefined) addLocation(errorLog, subject, sink);
}

/** Where no function of the application is known: the file that is named, or the dependency in which it arose. */
function addLocation(errorLog: ErrorLog, { frames, causes }: Subject, sink: PartSink): void {
  const file = textOf(errorLog?.filePath);
  if (file !== '') {
    sink.add('location', stablePath(file), 'file');
    return;
  }
  const dependency = dependencyOf(frames) ?? dependencyOf(causes.flatMap((cause) => cause.frames));
  if (dependency !== undefined) sink.add('location', dependency, 'dependency');
}

function addCauses(causes: readonly ParsedError[], outer: string, sink: PartSink): void {
  const seen = new Set([outer, ': ']);
  for (const cause of causes.slice(0, MAX_CAUSES)) {
    const header = causeHeader(cause, sink.notes);
    if (!seen.has(header)) sink.add('cause', header, 'cause');
    seen.add(header);
  }
}

const causeHeader = (cause: ParsedError, notes?: MaskNote[]): string =>
  `${className(cause.name)}: ${maskMessage(cause.message, notes)}`;

/** The masked lines of a message that say what happened. */
function maskMessage(message: string, notes?: MaskNote[]): string {
  const plain = withoutKeys(withoutAnsi(message));
  const json = describeJson(plain, (text) => maskText(text, notes));
  if (json !== undefined) return json;
  if (!plain.includes('\n')) return maskText(asNewestV8(plain), notes);
  const lines = proseLines(plain).map((line) => maskText(line, notes));
  // A line of which nothing is left, such as a path alone, says nothing.
  return lines.filter((line) => line !== MASK).join('\n') || MASK;
}

/** A key in PEM form is one secret of many lines. */
function withoutKeys(message: string): string {
  const start = message.indexOf('-----BEGIN ');
  if (start < 0) return message;
  const footer = message.indexOf('-----END ', start);
  const end = footer < 0 ? -1 : message.indexOf('-----', footer + 9);
  return `${message.slice(0, start)}[REDACTED]${end < 0 ? '' : message.slice(end + 5)}`;
}

function subjectOf(errorLog: ErrorLog): Subject {
  const message = textOf(errorLog?.message);
  const given = textOf(errorLog?.name);
  const stack = textOf(errorLog?.stackTrace) || (message.includes('\n') ? message : '');
  if (stack === '') return { name: className(given), message, frames: [], causes: [] };
  const { errors } = readStack(stack, wantsMore);
  const [outer, ...causes] = errors;
  return {
    name: chooseName(outer?.name, given),
    message: outer === undefined || outer.message === '' ? message : outer.message,
    frames: outer?.frames ?? [],
    causes,
  };
}

/** Of a stack that overflowed, enough frames to see the cycle. */
const MAX_CYCLE_FRAMES = 48;

/** Few frames are enough, but of a stack that overflowed it takes more. */
const wantsMore: WantsMore = (error, all = false) =>
  isOverflow(error.name ?? '', error.message)
    ? all || error.frames.length < MAX_CYCLE_FRAMES
    : !all && wantsMoreFrames(error.frames);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Names that say only that it is an error. */
const GENERIC: ReadonlySet<string> = new Set([
  '',
  'error',
  'exception',
  'err',
  'object',
  'fatal error',
  'panic',
]);

/** The class in the stack, unless it is a general one and the logged name says more. */
function chooseName(fromStack: string | undefined, given: string): string {
  const header = className(fromStack);
  if (given === '' || given === 'AggregateError' || !GENERIC.has(header.toLowerCase())) return header;
  const name = className(given);
  // A minifier leaves one or two letters of a class.
  return name.length > 2 && !GENERIC.has(name.toLowerCase()) ? name : header;
}

/** The class without its package: `java.lang.IllegalStateException` → `IllegalStateException`. */
function className(name: string | undefined): string {
  if (name === undefined) return '';
  for (let index = name.length - 1; index >= 0; index--) {
    const code = name.charCodeAt(index);
    // . : \ + /
    if (code === 46 || code === 58 || code === 92 || code === 43 || code === 47)
      return name.slice(index + 1, index + 200);
  }
  return name.slice(0, 200);
}

/** A code names a kind of failure (`ECONNREFUSED`, `P2002`, `-2147467259`); what looks like an id does not count. */
function stableCode(code: string): string {
  if (code === '' || code.length > 64 || /[\s/]/.test(code)) return '';
  return /^-?\d{1,11}$|^0x[0-9a-f]{1,8}$/i.test(code) || !/(?:\d\D*){6}/.test(code) ? code : '';
}

/** An AggregateError whose children are all alike is one of them. */
function unwrapAggregate(subject: Subject): Subject {
  if (subject.name !== 'AggregateError' || subject.causes.length === 0) return subject;
  const [child, ...others] = subject.causes as readonly [ParsedError, ...ParsedError[]];
  const header = causeHeader(child);
  if (others.some((other) => causeHeader(other) !== header)) return subject;
  const isOwn = subject.frames.some((frame) => frame.inApp);
  return {
    name: className(child.name),
    message: child.message,
    frames: isOwn ? subject.frames : child.frames,
    causes: isOwn ? subject.causes : [],
  };
}

/** Classes under which a stack that ran over is reported; by the message where they have other uses too. */
const OVERFLOWS: ReadonlyMap<string, 'always' | 'by message'> = new Map([
  ['RecursionError', 'always'],
  ['StackOverflowError', 'always'],
  ['SystemStackError', 'always'],
  ['RangeError', 'by message'],
  ['InternalError', 'by message'],
  ['Error', 'by message'],
  ['fatal error', 'by message'],
  ['panic', 'by message'],
  ['', 'by message'],
]);
const OVERFLOW =
  /stack ?(?:size|level|overflow)|overflowed its stack|too much recursion|recursion depth|nesting level/i;

/** The last answer: of one error it is asked for several times. */
let last = { name: '', message: '', overflowed: false };

/** Whether the stack itself ran over. */
function isOverflow(name: string, message: string): boolean {
  if (last.message !== message || last.name !== name)
    last = { name, message, overflowed: judge(name, message) };
  return last.overflowed;
}

function judge(name: string, message: string): boolean {
  const judged = OVERFLOWS.get(className(name));
  if (judged !== 'by message') return judged !== undefined;
  // Most messages have none of these words, and a search for a word is much faster than the expression.
  if (!message.includes('stack') && !message.includes('recursion') && !message.includes('nesting'))
    return false;
  return OVERFLOW.test(message.length > 200 ? message.slice(0, 200) : message);
}
