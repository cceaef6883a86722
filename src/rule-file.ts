import * as z from 'zod';
import { isRecord, truncate } from './bounds.ts';
import { describeShape, PatrolError } from './errors.ts';
import { groupNames } from './pattern.ts';
import { compileCondition, conditionsOf, PLACEHOLDER, type RuleDefinition } from './rule-definition.ts';
import { ERROR_CATEGORIES } from './types.ts';

/** Most rules in one file. */
const MAX_RULES = 1000;

/**
 * Reads rules from parsed JSON: an array of definitions, or an object with such an array as `rules`.
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
    const label = labelOf(value, index);
    const parsed = ruleSchema.safeParse(value);
    if (!parsed.success) throw new PatrolError('RULE_INVALID', describeIssues(label, value, parsed.error));
    const definition = parsed.data as RuleDefinition;
    for (const condition of conditionsOf(definition)) compileCondition(definition.id, condition);
    checkPlaceholders(definition);
    if (seen.has(definition.id)) {
      throw new PatrolError('RULE_INVALID', `${label}: expected id to be unique, it is there twice.`);
    }
    seen.add(definition.id);
    return definition;
  });
}

const text = (length: number) =>
  z.string().min(1, `a text of 1 to ${length} characters`).max(length, `a text of 1 to ${length} characters`);
const oneOrMore = z.union([text(200), z.array(text(200)).min(1).max(50)], {
  error: 'a text or an array of texts',
});
const conditionSchema = z
  .strictObject({
    name: oneOrMore.optional(),
    code: oneOrMore.optional(),
    message: text(1000).optional(),
    stack: text(1000).optional(),
  })
  .refine((condition) => Object.values(condition).some((value) => value !== undefined), {
    error: 'an object with at least one of name, code, message, stack',
  });
const ruleSchema = z.strictObject({
  id: z.string().regex(/^[\w.:/-]{1,100}$/, 'letters, digits and .:/_- (at most 100)'),
  match: z.union([conditionSchema, z.array(conditionSchema).min(1).max(20)], {
    error: 'an object with at least one of name, code, message, stack, or an array of such objects',
  }),
  category: z.enum(ERROR_CATEGORIES, { error: `one of ${ERROR_CATEGORIES.join(', ')}` }),
  rootCause: text(1000),
  suggestedFix: text(1000),
  confidence: z
    .number('a number from 0 to 100')
    .min(0, 'a number from 0 to 100')
    .max(100, 'a number from 0 to 100'),
  nextSteps: z.array(text(500), 'an array of texts').max(10, 'at most 10 texts').optional(),
  needsCode: z.boolean('true or false').optional(),
});

function labelOf(value: unknown, index: number): string {
  const id = isRecord(value) && typeof value.id === 'string' ? ` "${truncate(value.id, 100)}"` : '';
  return `Rule${id || ` number ${index + 1}`}`;
}

function describeIssues(label: string, value: unknown, error: z.ZodError): string {
  const problems = error.issues.slice(0, 5).map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const keys = issue.keys.map((key) => truncate(key, 60)).join(', ');
      return `${label}: ${[...issue.path, keys].join('.')} is no field of a rule: remove it or correct its name.`;
    }
    const field = issue.path.map(String).join('.');
    const got = issue.path.reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
      value,
    );
    return field === ''
      ? `${label}: expected an object, got ${describeShape(value)}.`
      : `${label}: expected ${field} to be ${issue.message.replace(/^Invalid input: expected /, '').replace(/, received .*$/, '')}, got ${describeShape(got)}.`;
  });
  return problems.join(' ');
}

/** A misspelt group would show up only when the error does: in production, at night. */
function checkPlaceholders(definition: RuleDefinition): void {
  const groups = conditionsOf(definition).map((condition) => new Set(groupNames(condition.message ?? '')));
  const texts = { rootCause: definition.rootCause, suggestedFix: definition.suggestedFix };
  for (const [field, template] of Object.entries({
    ...texts,
    nextSteps: definition.nextSteps?.join(' ') ?? '',
  })) {
    for (const [, key = '', fallback] of template.matchAll(PLACEHOLDER)) {
      if (key === 'name' || key === 'code') continue;
      const missing =
        fallback === undefined
          ? groups.some((names) => !names.has(key))
          : !groups.some((names) => names.has(key));
      if (missing) {
        throw new PatrolError(
          'RULE_INVALID',
          `Rule "${definition.id}": ${field} uses {${key}}, which is not a named group of every match.message: add (?<${key}>…) there, or write {${key}|what to say without it}.`,
        );
      }
    }
  }
}
