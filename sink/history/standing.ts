import type { Milliseconds, Timestamp } from '../../src/types.ts';
import type { Arrival, ErrorAction, ErrorState, ErrorStatus, Severity, TrailEntry } from './history.ts';

/** How an error stands: what people decided about it, and what its coming changed. */
export interface Standing {
  readonly state: ErrorState;
  /** It came back after it was resolved, and nobody has looked since. */
  readonly regressed: boolean;
  readonly severity: Severity;
  readonly assignee: string | undefined;
  readonly firstSeen: Timestamp;
  readonly occurrences: number;
  readonly resolvedAt: Timestamp | undefined;
  readonly resolvedIn: string | undefined;
  /** The count that ends being ignored. */
  readonly ignoredUntilCount: number | undefined;
  readonly ignoredUntil: Timestamp | undefined;
  /** Grows with everything that a person or its coming changes about the above, but the count. */
  readonly version: number;
}

/** What tells the {@link statusOf | status}. */
export type Decided = Pick<Standing, 'state' | 'regressed' | 'firstSeen' | 'ignoredUntil'>;

/** What is told of an event to {@link arrive}. */
export interface Coming {
  readonly occurrences: number;
  /** When the last of them was logged. */
  readonly at: Timestamp;
  readonly release: string | undefined;
  /** True when `release` was there before the one in which the error was resolved. */
  readonly olderRelease: boolean;
}

/** A standing after something happened, and the line for the audit trail. */
export interface Changed {
  readonly standing: Standing;
  readonly change: Arrival['change'];
  readonly entry: TrailEntry['entry'] | undefined;
}

/** An error is new for a day. */
export const NEW_FOR: Milliseconds = 86_400_000;

/** An error that nobody has seen before. */
export function firstStanding(firstSeen: Timestamp, severity: Severity, assignee?: string): Standing {
  return {
    state: 'open',
    regressed: false,
    severity,
    assignee,
    firstSeen,
    occurrences: 0,
    resolvedAt: undefined,
    resolvedIn: undefined,
    ignoredUntilCount: undefined,
    ignoredUntil: undefined,
    version: 1,
  };
}

/** What a person sees at that time. */
export function statusOf(standing: Decided, now: Timestamp): ErrorStatus {
  const { state, regressed, firstSeen, ignoredUntil } = standing;
  if (state === 'resolved') return 'resolved';
  if (state === 'ignored' && (ignoredUntil === undefined || ignoredUntil > now)) return 'ignored';
  if (regressed) return 'regressed';
  return firstSeen + NEW_FOR > now ? 'new' : 'ongoing';
}

/**
 * Counts what came. A resolved error has come back unless it was logged before it was resolved, or by a release
 * older than the one that mends it: those are still running somewhere. An ignored one is heard of again when it came
 * as often as was said, or the day is there.
 */
export function arrive(before: Standing, coming: Coming): Changed {
  const standing = { ...before, occurrences: before.occurrences + coming.occurrences };
  if (before.state === 'resolved') {
    if (coming.at <= (before.resolvedAt ?? 0) || coming.olderRelease) {
      return { standing, change: 'known', entry: undefined };
    }
    const { release } = coming;
    return {
      standing: { ...open(standing), regressed: true },
      change: 'regressed',
      entry: { action: 'regressed', ...(release !== undefined && { release }) },
    };
  }
  if (before.state === 'ignored') {
    const { ignoredUntilCount = Number.POSITIVE_INFINITY, ignoredUntil = Number.POSITIVE_INFINITY } = before;
    if (standing.occurrences >= ignoredUntilCount || coming.at >= ignoredUntil) {
      return { standing: open(standing), change: 'unignored', entry: { action: 'unignored' } };
    }
  }
  return { standing, change: before.occurrences === 0 ? 'new' : 'known', entry: undefined };
}

/** Does what a person asked for. */
export function act(before: Standing, action: ErrorAction, now: Timestamp): Standing {
  const next = { ...before, version: before.version + 1 };
  switch (action.action) {
    case 'resolve':
      return {
        ...open(before),
        state: 'resolved',
        regressed: false,
        resolvedAt: now,
        resolvedIn: action.release,
      };
    case 'reopen':
      return { ...open(before), regressed: false };
    case 'ignore':
      return {
        ...open(before),
        state: 'ignored',
        ignoredUntilCount:
          action.occurrences === undefined ? undefined : before.occurrences + action.occurrences,
        ignoredUntil: action.until,
      };
    case 'assign':
      return { ...next, assignee: action.assignee ?? undefined };
    case 'severity':
      return { ...next, severity: action.severity };
    case 'note':
      return next;
  }
}

/** Open again, with nothing left of what was decided before; who ignores a regressed error still has a regressed one. */
function open(standing: Standing): Standing {
  return {
    ...standing,
    state: 'open',
    resolvedAt: undefined,
    resolvedIn: undefined,
    ignoredUntilCount: undefined,
    ignoredUntil: undefined,
    version: standing.version + 1,
  };
}
