import { redact } from '../src/redaction.ts';
import type { ErrorLog } from '../src/types.ts';
import { captured, type ErrorTaker } from './forwarder-port.ts';

/**
 * What an application says of which errors are one: errors with equal texts are, whatever else they hold. A function
 * is asked for each error; where it answers nothing, Patrol's own fingerprint stands.
 */
export type FingerprintOption =
  | readonly string[]
  | ((errorLog: ErrorLog) => readonly string[] | undefined)
  | undefined;

/** How errors are recorded under the application's own fingerprints. */
export function withFingerprint({ record, repeat }: ErrorTaker, option: FingerprintOption): ErrorTaker {
  if (option === undefined) return { record, repeat };
  const ask = (errorLog: ErrorLog): readonly string[] | undefined => {
    try {
      const given: unknown = typeof option === 'function' ? option(errorLog) : option;
      const isGiven =
        Array.isArray(given) && given.length > 0 && given.every((part) => typeof part === 'string');
      // Redacted before it is hashed, as the sink will see it.
      return isGiven ? redact(given) : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    record(logged, meta = {}) {
      let errorLog: ErrorLog | undefined;
      try {
        errorLog = captured(logged);
      } catch {
        // Counted where every record is that cannot be captured.
        return record(logged, meta);
      }
      if (errorLog === undefined) return;
      const fingerprint = ask(errorLog);
      record(errorLog, { ...meta, key: undefined, ...(fingerprint && { fingerprint }) });
    },
    // The application may tell apart what looks like a repeat.
    repeat: () => false,
  };
}
