import { isRecord, truncate } from './bounds.ts';
import { describeShape, messageOf, PatrolError } from './errors.ts';
import { groupNames } from './pattern.ts';
import { compileCondition, conditionsOf, PLACEHOLDER, type RuleDefinition } from './rule-definition.ts';
import { MAX_RULES, problemsOf, type SchemaProblem } from './user-rules/schema.ts';

/** Problems of one rule that are told. */
const MAX_PROBLEMS = 5;

/**
 * Reads known-error rules from parsed JSON: an array of definitions, or an object with such an array as `rules`.
 *
 * @throws {PatrolError} `RULE_INVALID`, naming the rule, the field and what was expected.
 */
export function parseRules(json: unknown): RuleDefinition[] {
  const list = isRecord(json) ? json.rules : json;
  if (!Array.isArray(list)) {
    throw new PatrolError(
      'RULE_INVALID',
      `Expected the rules to be a JSON array, or an object with an array "rules", got ${describeShape(list)}.`,
    );
  }
  if (list.length > MAX_RULES) {
    throw new PatrolError('RULE_INVALID', `Expected at most ${MAX_RULES} rules, got ${list.length}.`);
  }
  const seen = new Set<string>();
  return list.map((value: unknown, index) => {
    const label = labelOfRule(value, index);
    const problems = knownErrorProblems(value);
    if (problems.length > 0) {
      const told = problems.slice(0, MAX_PROBLEMS).map(({ reason }) => `${label}: ${reason}.`);
      throw new PatrolError('RULE_INVALID', told.join(' '));
    }
    const definition = value as RuleDefinition;
    if (seen.has(definition.id)) {
      throw new PatrolError('RULE_INVALID', `${label}: expected id to be unique, it is there twice.`);
    }
    seen.add(definition.id);
    return definition;
  });
}

/** `Rule "shop/a"`, or `Rule number 3` where it has no name. */
export function labelOfRule(value: unknown, index: number): string {
  const id = isRecord(value) && typeof value.id === 'string' ? ` "${truncate(value.id, 100)}"` : '';
  return `Rule${id || ` number ${index + 1}`}`;
}

/** What is wrong with a known-error rule; empty when nothing is. */
export function knownErrorProblems(value: unknown): readonly SchemaProblem[] {
  const problems = problemsOf('known-error', value);
  if (problems.length > 0) return problems;
  const definition = value as RuleDefinition;
  try {
    for (const condition of conditionsOf(definition)) compileCondition(definition.id, condition);
  } catch (error) {
    const reason = messageOf(error)
      .replace(/^Rule "[^"]*": /, '')
      .replace(/\.$/, '');
    return [{ path: ['match'], reason }];
  }
  const groups = conditionsOf(definition).map((condition) => new Set(groupNames(condition.message ?? '')));
  return placeholderProblems(definition, groups, new Set(['name', 'code']), 'match.message');
}

/** The texts of a rule that may name values. */
interface Templates {
  readonly rootCause: string;
  readonly suggestedFix: string;
  readonly nextSteps?: readonly string[];
}

/** A misspelt group would show up only when the error does: in production, at night. */
export function placeholderProblems(
  { rootCause, suggestedFix, nextSteps = [] }: Templates,
  groups: readonly ReadonlySet<string>[],
  always: ReadonlySet<string>,
  expression: string,
): readonly SchemaProblem[] {
  const texts = { rootCause, suggestedFix, nextSteps: nextSteps.join(' ') };
  return Object.entries(texts).flatMap(([field, template]) =>
    [...template.matchAll(PLACEHOLDER)].flatMap(([, key = '', fallback]) => {
      const isThere =
        always.has(key) ||
        (fallback === undefined
          ? groups.length > 0 && groups.every((names) => names.has(key))
          : groups.some((names) => names.has(key)));
      if (isThere) return [];
      const reason = `${field} uses {${key}}, which is not a named group of every ${expression}: add (?<${key}>…) there, or write {${key}|what to say without it}`;
      return [{ path: [field], reason }];
    }),
  );
}
