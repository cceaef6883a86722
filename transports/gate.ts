import type { Timestamp } from '../src/types.ts';

/** Lets some pass at once and then so many each second. */
export interface Gate {
  /** Whether another one may pass now. */
  isOpen(now: Timestamp): boolean;
  /** One passes. */
  pass(): void;
}

/** A token bucket: full at first, and filled again as time goes by. */
function createGate({ atOnce, perSecond }: { atOnce: number; perSecond: number }): Gate {
  let left = atOnce;
  let filledAt = 0;
  return {
    isOpen(now) {
      if (left < 1 || now - filledAt >= 1000) {
        const gained = (Math.max(0, now - filledAt) * perSecond) / 1000;
        left = Math.min(atOnce, left + gained);
        filledAt = now;
      }
      return left >= 1;
    },
    pass() {
      left -= 1;
    },
  };
}

/**
 * New kinds of errors. To capture, redact and deliver one costs some 200 µs, and at once there is room for so many in
 * memory and in the spool: more kinds of errors than any application has. Beyond that something varies in the errors
 * that no fingerprint can see through, and capturing each would harm the application more than it could tell anybody.
 */
export const createFloodGate = (): Gate => createGate({ atOnce: 10_000, perSecond: 1000 });

/**
 * Repeats that are looked at for what differs in their contexts. A storm is at its worst when it begins, and what its
 * repeats say can be seen a moment later as well.
 */
export const createSampleGate = (): Gate => createGate({ atOnce: 2, perSecond: 200 });
