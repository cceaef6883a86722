import { hash } from 'node:crypto';
import { collectParts, type PartReason, type PartSink } from './fingerprint.ts';
import type { MaskNote } from './masking/output.ts';
import { RecentTexts } from './recent-texts.ts';
import type { ErrorHash, ErrorLog, FingerprintPart, NormalizedErrorLog } from './types.ts';

/** Version of what goes into the hash. Hashes of different versions are not comparable. */
export const FINGERPRINT_VERSION = 1;

/** Options of {@link hashErrorLog} and {@link normalizeErrorLog}. */
export interface FingerprintOptions {
  /** Replaces the default parts of the hash. */
  readonly fingerprint?: readonly string[];
}

/** What {@link hashErrorLog} answers. */
export interface HashedErrorLog {
  /** Equal for two occurrences of one error, whatever their ids, paths, times and line numbers. */
  readonly errorHash: ErrorHash;
  /** What went into the hash, readable; worked out when it is asked for. */
  readonly normalized: NormalizedErrorLog;
}

/**
 * The fingerprint of an error: the SHA-256 of its class, its masked message, its causes and the function that
 * failed. Two occurrences of one error have the same, in whatever deploy and process; see
 * {@link normalizeErrorLog} for what goes in.
 *
 * Synchronous, never throws, linear in the size of its input.
 *
 * @example
 * ```ts
 * hashErrorLog({ message: 'order 12 not found' }).errorHash === hashErrorLog({ message: 'order 7 not found' }).errorHash;
 * ```
 */
export function hashErrorLog(errorLog: ErrorLog, options?: FingerprintOptions): HashedErrorLog {
  const message = options?.fingerprint?.length ? undefined : errorLog?.message;
  const mark = typeof message === 'string' ? markOf(message, errorLog.stackTrace) : 0;
  if (typeof message === 'string' && mark !== 0) {
    const known = recent.find(mark, message, (hashed) => hashed.isOf(errorLog));
    if (known !== undefined) return known;
  }
  const sink = new HashSink();
  collect(errorLog, options, sink);
  const hashed = new Hashed(hash('sha256', sink.text, 'hex'), errorLog, options?.fingerprint);
  if (typeof message === 'string') recent.put(mark, message, hashed);
  return hashed;
}

/** What goes into the hash of an error, readable, with the reason for each part. */
export function normalizeErrorLog(errorLog: ErrorLog, options?: FingerprintOptions): NormalizedErrorLog {
  const sink = new ReasonSink();
  collect(errorLog, options, sink);
  return { fingerprintVersion: FINGERPRINT_VERSION, parts: sink.parts };
}

function collect(errorLog: ErrorLog, options: FingerprintOptions | undefined, sink: PartSink): void {
  const given = options?.fingerprint;
  if (!Array.isArray(given) || given.length === 0) {
    collectParts(errorLog, sink);
    return;
  }
  for (const value of given) {
    sink.add('custom', typeof value === 'string' ? value.slice(0, 1024) : '', 'given');
  }
}

/** Holds only what the fingerprint is made of: the rest of an error may be large. */
class Hashed implements HashedErrorLog {
  readonly errorHash: ErrorHash;
  readonly #message: unknown;
  readonly #name: unknown;
  readonly #code: unknown;
  readonly #filePath: unknown;
  readonly #stackTrace: unknown;
  readonly #fingerprint: readonly string[] | undefined;

  constructor(errorHash: ErrorHash, errorLog: ErrorLog, fingerprint: readonly string[] | undefined) {
    this.errorHash = errorHash;
    this.#message = errorLog?.message;
    this.#name = errorLog?.name;
    this.#code = errorLog?.code;
    this.#filePath = errorLog?.filePath;
    this.#stackTrace = errorLog?.stackTrace;
    this.#fingerprint = fingerprint;
  }

  get normalized(): NormalizedErrorLog {
    const fields = {
      message: this.#message,
      name: this.#name,
      code: this.#code,
      filePath: this.#filePath,
      stackTrace: this.#stackTrace,
    };
    return normalizeErrorLog(fields as ErrorLog, this.#fingerprint && { fingerprint: this.#fingerprint });
  }

  isOf(errorLog: ErrorLog): boolean {
    return (
      this.#message === errorLog.message &&
      this.#stackTrace === errorLog.stackTrace &&
      this.#name === errorLog.name &&
      this.#code === errorLog.code &&
      this.#filePath === errorLog.filePath
    );
  }
}

/**
 * Errors that were hashed lately: a storm is one error many times. At 2048 errors with stacks of some 1000 characters
 * it holds 2 MB.
 */
const recent = new RecentTexts<Hashed>(2048, 4096);
const MAX_REMEMBERED_STACK = 8192;

/** Errors with one message and stacks of other lengths stand on other shelves. */
function markOf(message: string, stackTrace: unknown): number {
  if (typeof stackTrace !== 'string') return recent.markOf(message);
  const mark = stackTrace.length > MAX_REMEMBERED_STACK ? 0 : recent.markOf(message);
  return mark === 0 ? 0 : Math.imul(mark, 31) ^ stackTrace.length || 1;
}

class HashSink implements PartSink {
  text = `${FINGERPRINT_VERSION}`;

  add(kind: FingerprintPart['kind'], value: string): void {
    this.text += `\n${kind} ${value.length} ${value}`;
  }
}

/** Why each part is in, in words. */
export const PART_REASONS: Readonly<Record<PartReason, string>> = {
  given: 'given with the event, in place of everything else',
  class: 'the class of the error',
  message: 'what the message says',
  code: 'the code of the error',
  cause: 'an error that led to it',
  'cause frame': 'the function of the application in which the first cause arose',
  frame: 'the function of the application that failed, or its caller where it says little by itself',
  cycle: 'a function of the application in the cycle that overflowed the stack',
  file: 'the file that the event names, since no function of the application is known',
  dependency: 'the dependency in which it arose, since no function of the application is known',
};

class ReasonSink implements PartSink {
  readonly parts: FingerprintPart[] = [];
  readonly notes: MaskNote[] = [];

  add(kind: FingerprintPart['kind'], value: string, why: PartReason): void {
    const masked = [...new Set(this.notes.map((note) => note.rule))];
    this.notes.length = 0;
    const reason =
      masked.length === 0 ? PART_REASONS[why] : `${PART_REASONS[why]}; masked: ${masked.join(', ')}`;
    this.parts.push({ kind, value, reason });
  }
}
