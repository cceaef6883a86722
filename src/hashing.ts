import { createHash } from 'node:crypto';
import { frameIdentity, minifiedFiles } from './frame-identity.ts';
import { proseLines } from './masking/prose.ts';
import { maskText } from './masking.ts';
import { withoutAnsi } from './stacktrace/text.ts';
import { parseStackTrace } from './stacktrace.ts';
import type {
  ErrorHash,
  ErrorLog,
  FingerprintPart,
  NormalizedErrorLog,
  ParsedError,
  StackFrame,
} from './types.ts';

/** Version of what goes into the hash. Hashes of different versions are not comparable. */
export const FINGERPRINT_VERSION = 1;

/** In-app frames that count at most: the failing function, and its callers where it is anonymous or a helper. */
const MAX_FRAME_PARTS = 3;

/** Options of {@link hashErrorLog} and {@link normalizeErrorLog}. */
export interface FingerprintOptions {
  /** Replaces the default parts of the hash. */
  readonly fingerprint?: readonly string[];
}

export function hashErrorLog(
  errorLog: ErrorLog,
  options?: FingerprintOptions,
): { errorHash: ErrorHash; normalized: NormalizedErrorLog } {
  const normalized = normalizeErrorLog(errorLog, options);
  const text = normalized.parts.map((part) => `${part.kind}\u0000${part.value}`).join('\u0001');
  return {
    errorHash: createHash('sha256').update(`${FINGERPRINT_VERSION}\u0001${text}`).digest('hex'),
    normalized,
  };
}

export function normalizeErrorLog(errorLog: ErrorLog, options?: FingerprintOptions): NormalizedErrorLog {
  const parts = options?.fingerprint?.length ? customParts(options.fingerprint) : defaultParts(errorLog);
  return { fingerprintVersion: FINGERPRINT_VERSION, parts };
}

function customParts(fingerprint: readonly string[]): FingerprintPart[] {
  return fingerprint.map((value) => ({ kind: 'custom', value: text(value), reason: 'given with the event' }));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Subject {
  readonly name: string;
  readonly message: string;
  readonly frames: readonly StackFrame[];
  readonly causes: readonly ParsedError[];
}

function defaultParts(errorLog: ErrorLog): FingerprintPart[] {
  const subject = unwrap(subjectOf(errorLog));
  const parts: FingerprintPart[] = [];
  const add = (kind: FingerprintPart['kind'], value: string, reason: string): void => {
    if (value !== '') parts.push({ kind, value, reason });
  };
  add('class', subject.name, 'the class');
  const message = maskMessage(subject.message);
  add('message', message, 'the message');
  const code = text(errorLog.code);
  if (code !== '' && !subject.message.includes(code) && !/\d{6}|[\s/]/.test(code))
    add('code', code.slice(0, 64), 'the code');
  const seen = new Set<string>([`${subject.name}: ${message}`]);
  let root: ParsedError | undefined;
  for (const cause of subject.causes) {
    const header = `${className(cause.name)}: ${maskMessage(cause.message)}`;
    root = cause;
    if (header === ': ' || seen.has(header)) continue;
    seen.add(header);
    add('cause', header, 'a cause');
  }
  const frames = frameParts(subject.frames, OVERFLOW.test(`${subject.name} ${message}`));
  const rootFrames = root === undefined ? [] : frameParts(root.frames);
  for (const frame of rootFrames.slice(0, 1))
    if (!frames.includes(frame)) add('frame', frame, 'the top frame of the root cause');
  for (const frame of frames) add('frame', frame, 'an in-app frame');
  return parts;
}

function maskMessage(message: string): string {
  return proseLines(withoutAnsi(message))
    .map((line) => maskText(line))
    .join('\n');
}

function subjectOf(errorLog: ErrorLog): Subject {
  const message = text(errorLog?.message);
  const stackText = text(errorLog?.stackTrace) || (message.includes('\n') ? message : '');
  const given = text(errorLog?.name);
  if (stackText === '') return { name: className(given), message, frames: [], causes: [] };
  const stack = parseStackTrace(stackText);
  return {
    name: chooseName(stack.name, given),
    message: stack.message !== '' ? stack.message : message,
    frames: stack.frames,
    causes: stack.causes,
  };
}

const GENERIC = /^(?:error|exception|err|object|fatal error|panic)?$/i;

function chooseName(fromStack: string | undefined, given: string): string {
  const header = className(fromStack);
  if (!GENERIC.test(header)) return header;
  const name = className(given);
  return name.length > 2 && !GENERIC.test(name) ? name : header;
}

/** The class without its package: `java.lang.IllegalStateException` → `IllegalStateException`. */
function className(name: string | undefined): string {
  if (name === undefined) return '';
  const match = /[^.:\\+/\s]+$/.exec(name.slice(-256));
  return match?.[0] ?? '';
}

/** An AggregateError whose children are all alike is one of them. */
function unwrap(subject: Subject): Subject {
  if (subject.name !== 'AggregateError' || subject.causes.length === 0) return subject;
  const headers = new Set(subject.causes.map((cause) => `${cause.name}: ${maskMessage(cause.message)}`));
  const child = subject.causes[0] as ParsedError;
  if (headers.size > 1) return subject;
  return {
    name: className(child.name),
    message: child.message,
    frames: subject.frames.some((frame) => frame.inApp) ? subject.frames : child.frames,
    causes: subject.causes.slice(1),
  };
}

/** Functions that fail on behalf of their caller: which one called is what matters. */
const HELPER =
  /^(?:\w+\.)?(?:assert|invariant|ensure|check|must|fail|raise|die|abort|panic|throw(?:If|Error|\w*Error)?|(?:create|make|build|to)\w*Error|request|fetch|query|execute|exec|call|invoke|send|run|get|post|put|rawRequest|wrap(?:per)?)$/i;

const isTelling = (identity: string): boolean => {
  const space = identity.indexOf(' ');
  return space > 0 && !HELPER.test(identity.slice(0, space));
};

const OVERFLOW = /stack ?(?:size|level|overflow)|recursion ?(?:error|depth)|infinite recursion|nesting level/i;

function frameParts(frames: readonly StackFrame[], overflowed = false): string[] {
  const minified = minifiedFiles(frames);
  const distinct: string[] = [];
  const counts = new Map<string, number>();
  for (const frame of frames) {
    if (!frame.inApp) continue;
    const identity = frameIdentity(frame, frame.file !== undefined && (minified?.has(frame.file) ?? false));
    if (identity === undefined) continue;
    const count = (counts.get(identity) ?? 0) + 1;
    counts.set(identity, count);
    if (count === 1) distinct.push(identity);
  }
  if (overflowed) {
    // The stack was cut anywhere in its cycle: the members count, not which of them is on top.
    const most = Math.max(...counts.values());
    return distinct.filter((identity) => most < 3 || (counts.get(identity) ?? 0) * 4 >= Math.max(most, 8)).sort();
  }
  const telling = distinct.findIndex((identity) => isTelling(identity));
  return distinct.slice(0, Math.min(MAX_FRAME_PARTS, telling < 0 ? distinct.length : telling + 1));
}
