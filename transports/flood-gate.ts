import type { Timestamp } from '../src/types.ts';

/**
 * To capture, redact and deliver a new kind of error costs some 200 µs. So many may come at once, and so many each
 * second after that: more kinds of errors than any application has. Beyond that something varies in the errors that
 * no fingerprint can see through, and capturing each would harm the application more than it could tell anybody.
 */
const AT_ONCE = 10_000;
const PER_SECOND = 1000;

/** Lets new kinds of errors pass, but not a flood of them. */
export interface FloodGate {
  /** Whether another one may pass now. */
  isOpen(now: Timestamp): boolean;
  /** One passes. */
  pass(): void;
}

/** A token bucket: full at first, and filled again as time goes by. */
export function createFloodGate(): FloodGate {
  let left = AT_ONCE;
  let filledAt = 0;
  return {
    isOpen(now) {
      if (left < 1 || now - filledAt >= 1000) {
        const gained = (Math.max(0, now - filledAt) * PER_SECOND) / 1000;
        left = Math.min(AT_ONCE, left + gained);
        filledAt = now;
      }
      return left >= 1;
    },
    pass() {
      left -= 1;
    },
  };
}
