import type { PatrolError } from '../src/errors.ts';
import type { AnalysisResult, ErrorLogEvent } from '../src/types.ts';
import type { SetAside } from '../src/user-rules/user-rule.ts';

/** An analysed event. */
export interface AnalysedEvent {
  readonly event: ErrorLogEvent;
  readonly result: AnalysisResult;
}

/** An event whose analysis failed this time. */
export interface FailedEvent {
  readonly event: ErrorLogEvent;
  readonly problem: PatrolError;
}

/** An event that a rule of the user's keeps from being analysed: counted, and done with. */
export interface SetAsideEvent extends SetAside {
  readonly event: ErrorLogEvent;
}

/** What became of one event. */
export type EventOutcome =
  /** With a `problem` it is analysed, but its reply could not be sent. */
  | (AnalysedEvent & { readonly kind: 'analysed'; readonly problem?: PatrolError })
  | { readonly kind: 'elsewhere'; readonly event: ErrorLogEvent }
  | (SetAsideEvent & { readonly kind: 'set-aside' })
  | (FailedEvent & { readonly kind: 'failed' });

/** What became of a record. It succeeded when `problems` is empty. */
export interface RecordOutcome {
  readonly analysed: readonly AnalysedEvent[];
  /** Events whose error another process is analysing: counted as occurrences, and done with. */
  readonly elsewhere: readonly ErrorLogEvent[];
  readonly setAside: readonly SetAsideEvent[];
  /** Valid events that failed; their problems are among `problems` too. */
  readonly failed: readonly FailedEvent[];
  readonly problems: readonly PatrolError[];
}

/** Sums up what became of a record's events, and of what in it was no event. */
export function toRecordOutcome(
  outcomes: readonly EventOutcome[],
  refused: readonly PatrolError[] = [],
): RecordOutcome {
  const analysed: AnalysedEvent[] = [];
  const elsewhere: ErrorLogEvent[] = [];
  const setAside: SetAsideEvent[] = [];
  const failed: FailedEvent[] = [];
  for (const outcome of outcomes) {
    const { event } = outcome;
    if (outcome.kind === 'elsewhere') elsewhere.push(event);
    else if (outcome.kind === 'set-aside')
      setAside.push({ event, reason: outcome.reason, rule: outcome.rule });
    else {
      if (outcome.kind === 'analysed') analysed.push({ event, result: outcome.result });
      if (outcome.problem) failed.push({ event, problem: outcome.problem });
    }
  }
  return {
    analysed,
    elsewhere,
    setAside,
    failed,
    problems: [...refused, ...failed.map(({ problem }) => problem)],
  };
}
