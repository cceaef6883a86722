import type { Milliseconds, Timestamp } from '../src/types.ts';

/** Lets some pass at once and then so many each second. */
export interface Gate {
  /** Whether another one passes now. */
  passes(now: Timestamp): boolean;
}

/** A token bucket: full at first, and filled again as time goes by. */
function createGate({ atOnce, perSecond }: { atOnce: number; perSecond: number }): Gate {
  let left = atOnce;
  let filledAt = 0;
  return {
    passes(now) {
      if (left < 1 || now - filledAt >= 1000) {
        const gained = (Math.max(0, now - filledAt) * perSecond) / 1000;
        left = Math.min(atOnce, left + gained);
        filledAt = now;
      }
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

/**
 * Repeats that are looked at for what differs in their contexts. A storm is at its worst when it begins, and what its
 * repeats say can be seen a moment later as well.
 */
export const createSampleGate = (): Gate => createGate({ atOnce: 2, perSecond: 200 });

/** The time that the application spares for new kinds of errors. */
export interface TimeBudget {
  /** Whether the next one may be dealt with now. */
  isOpen(): boolean;
  /** Whether this turn of the event loop has spent its time already, though some may pass in any case. */
  isSpent(): boolean;
  /** Takes off what one of them took, by `performance.now()`. */
  spend(from: Milliseconds, to: Milliseconds): void;
}

/** At once, and for each second that goes by. */
const SPARE_MS: Milliseconds = 200;
const SPARE_MS_PER_SECOND: Milliseconds = 100;
/** Within one turn of the event loop: so many in any case, and more for so long. */
const LEAST_A_TURN = 64;
const SPARE_MS_PER_TURN: Milliseconds = 2;
/** What took longer did so for another reason: it was the first of all, or the machine had other things to do. */
const MOST_FOR_ONE_MS: Milliseconds = 1;

/**
 * To fingerprint, redact and spool a new kind of error takes a tenth of a millisecond, and the first ones some more.
 * Few kinds are worth that at once, and thousands in one turn would stop the application, which is bad enough off.
 */
export function createTimeBudget(): TimeBudget {
  let left = SPARE_MS;
  let filledAt = performance.now();
  let spent = 0;
  let count = 0;
  let turnEnds = false;
  const startTurn = () => {
    turnEnds = false;
    spent = 0;
    count = 0;
  };
  const fill = (now: Milliseconds) => {
    left = Math.min(SPARE_MS, left + ((now - filledAt) * SPARE_MS_PER_SECOND) / 1000);
    filledAt = now;
  };
  return {
    isOpen() {
      if (left <= 0) fill(performance.now());
      return left > 0 && (count < LEAST_A_TURN || spent < SPARE_MS_PER_TURN);
    },
    isSpent: () => spent >= SPARE_MS_PER_TURN,
    spend(from, to) {
      fill(to);
      const took = Math.min(to - from, MOST_FOR_ONE_MS);
      left -= took;
      spent += took;
      count += 1;
      if (turnEnds) return;
      turnEnds = true;
      setImmediate(startTurn).unref();
    },
  };
}
