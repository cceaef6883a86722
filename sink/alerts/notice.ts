import type { AnalysisRecord } from '../../src/analysis-record.ts';
import { truncate } from '../../src/bounds.ts';
import type { ErrorHash, Timestamp } from '../../src/types.ts';
import type { Occasion } from '../analysis-view.ts';
import type { Severity } from '../history/history.ts';

/** One error that somebody is told of. */
export interface Notice {
  /** The same for every attempt to deliver it, so that a receiver can tell a repeat. */
  readonly id: string;
  readonly occasion: Occasion;
  readonly severity: Severity;
  readonly environment?: string | undefined;
  readonly record: AnalysisRecord;
}

/** What a digest says of one error. */
export interface DigestEntry {
  readonly errorHash: ErrorHash;
  readonly occasion: Occasion;
  readonly severity: Severity;
  readonly service?: string | undefined;
  /** Redacted and bounded. */
  readonly message: string;
  /** Empty where none was found. */
  readonly cause: string;
}

/** Several errors in one message. */
export interface Digest {
  readonly id: string;
  readonly from: Timestamp;
  readonly until: Timestamp;
  /** Why they were held back. */
  readonly because: 'rate' | 'quiet';
  /** How many there were; more than are listed, where there were many. */
  readonly total: number;
  /** Worst first. */
  readonly entries: readonly DigestEntry[];
}

const MAX_MESSAGE = 300;

/** The notice as a line of a digest. */
export function toDigestEntry({ occasion, severity, record: { patrol } }: Notice): DigestEntry {
  const { errorHash, service, message, rootCause } = patrol;
  return {
    errorHash,
    occasion,
    severity,
    ...(service !== undefined && { service: truncate(service, 100) }),
    message: truncate(message, MAX_MESSAGE),
    cause: truncate(rootCause, MAX_MESSAGE),
  };
}
