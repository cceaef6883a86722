import type { Milliseconds } from '../src/types.ts';
import type { PendingEvent } from './windows.ts';

/** Waits for events to arrive. */
export interface Arrivals {
  /** True when each of these arrived or was given up; false when the time is over first. Holds the process meanwhile. */
  wait(events: readonly PendingEvent[], timeoutMs: Milliseconds): Promise<boolean>;
  /** This one did. */
  settled(event: PendingEvent): void;
}

export function createArrivals(): Arrivals {
  const waiters = new Set<{ readonly left: Set<PendingEvent>; readonly done: () => void }>();
  return {
    wait: (events, timeoutMs) =>
      new Promise((resolve) => {
        const finish = (done: boolean) => {
          clearTimeout(deadline);
          waiters.delete(waiter);
          resolve(done);
        };
        // Referenced on purpose: it holds the process for the time that a flush may take, and no longer.
        const deadline = setTimeout(() => finish(false), Math.max(0, timeoutMs));
        const waiter = { left: new Set(events), done: () => finish(true) };
        waiters.add(waiter);
      }),
    settled(event) {
      for (const { left, done } of waiters) if (left.delete(event) && left.size === 0) done();
    },
  };
}
