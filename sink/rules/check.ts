import { hashErrorLog } from '../../src/hashing.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';
import type { ErrorHash, ErrorLogEvent } from '../../src/types.ts';
import { type LoadedRules, loadRules } from '../../src/user-rules/load-rules.ts';
import type { RuleDecision, RuleFinding } from '../../src/user-rules/user-rule.ts';

/** What the rules would do with an event. */
export interface CheckedEvent {
  /** The hash that it would have. */
  readonly errorHash: ErrorHash;
  /** Rule by rule, in the order of the file. */
  readonly findings: readonly RuleFinding[];
  /** The effects; empty where no rule matches. */
  readonly decision: Readonly<Record<string, unknown>>;
  /** The known error of the file that it is, where it is one. */
  readonly knownError?: string;
}

/** Says what rules would do with an event. */
function checkWith(rules: Pick<LoadedRules, 'explain' | 'knownError'>, event: ErrorLogEvent): CheckedEvent {
  const { decision, findings } = rules.explain(event);
  const known = rules.knownError(event.errorLog, parseStackTrace(event.errorLog.stackTrace ?? ''));
  return {
    errorHash: hashErrorLog(event.errorLog, decision?.fingerprint ? decision : event).errorHash,
    findings,
    decision: decision ? effectsOf(decision) : {},
    ...(known && { knownError: known.id }),
  };
}

/**
 * The same for the rules of a file, as it stands now.
 *
 * @throws {PatrolError} `RULE_INVALID` for a wrong rule file.
 */
export async function checkAgainst(file: string, event: ErrorLogEvent): Promise<CheckedEvent> {
  return checkWith(await loadRules(file, { interval: false, onProblem() {} }), event);
}

function effectsOf({
  rules: _,
  variant: __,
  answer,
  ...effects
}: RuleDecision): Readonly<Record<string, unknown>> {
  const match = answer?.();
  return {
    ...effects,
    ...(match && { answer: { rootCause: match.rootCause, suggestedFix: match.suggestedFix } }),
  };
}
