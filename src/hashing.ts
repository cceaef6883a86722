import { hash } from 'node:crypto';
import { collectParts, type PartReason, type PartSink } from './fingerprint.ts';
import type { MaskNote } from './masking/output.ts';
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
  const sink = new HashSink();
  collect(errorLog, options, sink);
  return new Hashed(hash('sha256', sink.text, 'hex'), errorLog, options);
}

/** What goes into the hash of an error, readable, with the reason for each part. */
export function normalizeErrorLog(errorLog: ErrorLog, options?: FingerprintOptions): NormalizedErrorLog {
  const sink = new ReasonSink();
  collect(errorLog, options, sink);
  return { fingerprintVersion: FINGERPRINT_VERSION, parts: sink.parts };
}

function collect(errorLog: ErrorLog, options: FingerprintOptions | undefined, sink: PartSink): void {
  const given = options?.fingerprint;
  if (!Array.isArray(given) || given.length === 0) return collectParts(errorLog, sink);
  for (const value of given) sink.add('custom', typeof value === 'string' ? value.slice(0, 1024) : '', 'given');
}

class Hashed implements HashedErrorLog {
  readonly errorHash: ErrorHash;
  readonly #errorLog: ErrorLog;
  readonly #options: FingerprintOptions | undefined;

  constructor(errorHash: ErrorHash, errorLog: ErrorLog, options: FingerprintOptions | undefined) {
    this.errorHash = errorHash;
    this.#errorLog = errorLog;
    this.#options = options;
  }

  get normalized(): NormalizedErrorLog {
    return normalizeErrorLog(this.#errorLog, this.#options);
  }
}

class HashSink implements PartSink {
  text = `${FINGERPRINT_VERSION}`;

  add(kind: FingerprintPart['kind'], value: string): void {
    this.text += `\n${kind} ${value.length} ${value}`;
  }
}

const REASONS: Readonly<Record<PartReason, string>> = {
  given: 'given with the event, in place of everything else',
  class: 'the class of the error',
  message: 'what the message says',
  code: 'the code of the error',
  cause: 'an error that led to it',
  'cause frame': 'the function of the application in which the first cause arose',
  frame: 'the function of the application that failed, or its caller where it says little by itself',
  cycle: 'a function of the application in the cycle that overflowed the stack',
  location: 'the file that the event names, since no function of the application is known',
};

class ReasonSink implements PartSink {
  readonly parts: FingerprintPart[] = [];
  readonly notes: MaskNote[] = [];

  add(kind: FingerprintPart['kind'], value: string, why: PartReason): void {
    const masked = [...new Set(this.notes.map((note) => note.rule))];
    this.notes.length = 0;
    const reason = masked.length === 0 ? REASONS[why] : `${REASONS[why]}; masked: ${masked.join(', ')}`;
    this.parts.push({ kind, value, reason });
  }
}
