import type { Milliseconds, Timestamp } from '../src/types.ts';
import type { TimeBudget } from './gate.ts';
import { onExit } from './natural-end.ts';

/** When and how often an error was seen. */
export interface Seen {
  readonly at: Timestamp;
  readonly lastSeen: Timestamp;
  readonly occurrences: number;
}

/** A new kind of error that is dealt with a little later. */
export interface Waiting extends Seen {
  occurrences: number;
  lastSeen: Timestamp;
  /** Deals with it. Never throws. */
  readonly take: () => void;
}

/** New kinds of errors beyond what one turn of the event loop can spare time for. */
export interface WaitingRoom {
  isFull(): boolean;
  /** Records that wait. */
  readonly records: number;
  add(waiting: Waiting): void;
  /** One more of a kind that waits. */
  repeat(waiting: Waiting, at: Timestamp): void;
  /** Deals with all of them now. */
  empty(): void;
}

/** Some 2 KB each. */
const MAX_WAITING = 2000;
/** Time for them, and the pause between two times. */
const SLICE_MS: Milliseconds = 2;
const PAUSE_MS: Milliseconds = 8;

/** Takes them up as the budget allows, and what is left when the process ends then. */
export function createWaitingRoom(budget: TimeBudget): WaitingRoom {
  const queue = new Set<Waiting>();
  let records = 0;
  let timer: NodeJS.Timeout | undefined;
  let leave: (() => void) | undefined;

  const take = (waiting: Waiting) => {
    queue.delete(waiting);
    records -= waiting.occurrences;
    waiting.take();
  };

  const empty = () => {
    for (const waiting of queue) take(waiting);
    stop();
  };
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    leave?.();
    leave = undefined;
  };

  const work = () => {
    const end = performance.now() + SLICE_MS;
    for (const waiting of queue) {
      const began = performance.now();
      if (began >= end || !budget.isOpen()) break;
      take(waiting);
      budget.spend(began, performance.now());
    }
    timer = undefined;
    if (queue.size === 0) stop();
    else schedule();
  };
  const schedule = () => {
    timer ??= setTimeout(work, PAUSE_MS).unref();
  };

  return {
    isFull: () => queue.size >= MAX_WAITING,
    get records() {
      return records;
    },
    add(waiting) {
      queue.add(waiting);
      records += waiting.occurrences;
      leave ??= onExit(empty);
      schedule();
    },
    repeat(waiting, at) {
      waiting.occurrences += 1;
      waiting.lastSeen = Math.max(waiting.lastSeen, at);
      records += 1;
    },
    empty,
  };
}
