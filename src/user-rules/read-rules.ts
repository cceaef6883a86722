import { isRecord } from '../bounds.ts';
import { describeShape, messageOf, PatrolError } from '../errors.ts';
import { compilePattern, groupNames } from '../pattern.ts';
import type { RuleDefinition } from '../rule-definition.ts';
import { knownErrorProblems, labelOfRule, placeholderProblems } from '../rule-file.ts';
import { MAX_RULES, problemsOf, type SchemaProblem } from './schema.ts';
import type { FieldPattern, UserRule, UserRuleCondition } from './user-rule.ts';

/** Longest rule file, in characters. */
export const MAX_FILE: number = 1_048_576;
/** Problems of one file that are told. */
const MAX_PROBLEMS = 20;

/** What a rule file holds, in its order. */
export interface RuleFile {
  readonly rules: readonly UserRule[];
  readonly knownErrors: readonly RuleDefinition[];
}

/** Something wrong in a rule file, and where. */
export interface RuleProblem {
  /** 1-based; undefined where it is nowhere in particular. */
  readonly line: number | undefined;
  readonly message: string;
}

/**
 * Reads a rule file, YAML or JSON: a list, or an object with a list `rules`, of rules and known errors.
 *
 * @param name - How messages call the file.
 * @throws {PatrolError} `RULE_INVALID`, a line `file:line: reason` for each problem.
 */
export async function readRules(source: string, name: string): Promise<RuleFile> {
  const { file, problems } = await checkRules(source);
  if (file) return file;
  const told = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ line, message }) => `${name}${line === undefined ? '' : `:${line}`}: ${message}`);
  const left = problems.length - told.length;
  throw new PatrolError('RULE_INVALID', [...told, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n'));
}

/** The same with the problems as data; `file` is there when there are none. */
export async function checkRules(
  source: string,
): Promise<{ readonly file?: RuleFile; readonly problems: readonly RuleProblem[] }> {
  if (source.length > MAX_FILE) {
    const message = `Expected a file of at most ${MAX_FILE} characters, got ${source.length}.`;
    return { problems: [{ line: undefined, message }] };
  }
  // JSON is YAML, too, but read in a fraction of the time, and without the package for it.
  const json = parseJson(source);
  const fromJson = json && checkValue(json.value);
  if (fromJson?.file) return fromJson;
  const yaml = await import('./yaml.ts').catch(() => undefined);
  if (!yaml) return fromJson ?? ONLY_JSON;
  const { value, problems, lineOf } = yaml.parseYaml(source);
  if (problems.length > 0) return { problems };
  const checked = checkValue(value);
  return checked.file
    ? checked
    : { problems: checked.problems.map(({ path, message }) => ({ line: lineOf(path), message })) };
}

/** In the zip for AWS Lambda. */
const ONLY_JSON = {
  problems: [{ line: undefined, message: 'Only JSON is read here: patrol bundle --rules makes it of YAML.' }],
};

/** What a JSON text says; undefined for YAML, also where that looks like JSON. */
export function parseJson(source: string): { readonly value: unknown } | undefined {
  if (!/^\s*[[{]/.test(source)) return undefined;
  try {
    return { value: JSON.parse(source) };
  } catch {
    return undefined;
  }
}

interface ValueProblem extends RuleProblem {
  readonly path: readonly PropertyKey[];
}

function checkValue(value: unknown): {
  readonly file?: RuleFile;
  readonly problems: readonly ValueProblem[];
} {
  const wrong = (path: readonly PropertyKey[], message: string): ValueProblem => ({
    path,
    message,
    line: undefined,
  });
  const list = isRecord(value) ? value.rules : value;
  const at: readonly PropertyKey[] = isRecord(value) ? ['rules'] : [];
  if (!Array.isArray(list)) {
    const message = `Expected a list of rules, or an object with a list "rules", got ${describeShape(list)}.`;
    return { problems: [wrong(at, message)] };
  }
  if (list.length > MAX_RULES) {
    return { problems: [wrong(at, `Expected at most ${MAX_RULES} rules, got ${list.length}.`)] };
  }
  const rules: UserRule[] = [];
  const knownErrors: RuleDefinition[] = [];
  const seen = new Set<unknown>();
  const problems = list.flatMap((entry: unknown, index) => {
    const isOwn = isRecord(entry) && ('then' in entry || !('rootCause' in entry));
    const found = [...(isOwn ? userRuleProblems(entry) : knownErrorProblems(entry))];
    const id = isRecord(entry) ? entry.id : undefined;
    if (id !== undefined && seen.has(id)) {
      found.push({ path: ['id'], reason: 'expected id to be unique, it is there twice' });
    }
    seen.add(id);
    if (isOwn) rules.push(entry as unknown as UserRule);
    else knownErrors.push(entry as RuleDefinition);
    const label = labelOfRule(entry, index);
    return found.map(({ path, reason }) => wrong([...at, index, ...path], `${label}: ${reason}.`));
  });
  return problems.length > 0 ? { problems } : { file: { rules, knownErrors }, problems };
}

/** Fields that templates may always name; the event may lack them, and then the text says so. */
const ALWAYS = new Set(['service', 'environment', 'release', 'name', 'code']);

function userRuleProblems(value: unknown): readonly SchemaProblem[] {
  const problems = problemsOf('rule', value);
  if (problems.length > 0) return problems;
  const rule = value as UserRule;
  const wrong = (['match', 'except'] as const).flatMap((part) =>
    regexesOf(rule[part]).flatMap(({ path, regex }): readonly SchemaProblem[] => {
      try {
        compilePattern(regex);
        return [];
      } catch (error) {
        const where = [part, ...path];
        return [
          {
            path: where,
            reason: `${where.join('.')} is not a regular expression that can be used: ${messageOf(error)}`,
          },
        ];
      }
    }),
  );
  if (wrong.length > 0) return wrong;
  const groups = listOf(rule.match).map(
    (condition) => new Set(regexesOf(condition).flatMap(({ regex }) => groupNames(regex))),
  );
  const { answer, fingerprint } = rule.then;
  return [
    ...(answer ? placeholderProblems(answer, groups, ALWAYS, 'match') : []).map(({ path, reason }) => ({
      path: ['then', 'answer', ...path],
      reason,
    })),
    ...placeholderProblems(
      { rootCause: (fingerprint ?? []).join(' '), suggestedFix: '' },
      groups,
      new Set([...ALWAYS, 'default']),
      'match',
    ).map(({ reason }) => ({
      path: ['then', 'fingerprint'],
      reason: reason.replace(/^rootCause/, 'fingerprint'),
    })),
  ];
}

interface RegexAt {
  readonly path: readonly PropertyKey[];
  readonly regex: string;
}

function regexesOf(given: UserRule['match']): readonly RegexAt[] {
  const isList = Array.isArray(given);
  return listOf(given).flatMap((condition, index) => {
    const { context = {}, ...fields } = condition;
    const patterns: readonly (readonly [readonly PropertyKey[], FieldPattern | undefined])[] = [
      ...Object.entries(fields).map(([field, pattern]) => [[field], pattern] as const),
      ...Object.entries(context).map(([path, pattern]) => [['context', path], pattern] as const),
    ];
    return patterns.flatMap(([path, pattern]) => regexesIn(pattern, [...(isList ? [index] : []), ...path]));
  });
}

function regexesIn(pattern: FieldPattern | undefined, path: readonly PropertyKey[]): readonly RegexAt[] {
  if (Array.isArray(pattern)) return pattern.flatMap((one, index) => regexesIn(one, [...path, index]));
  const regex = isRecord(pattern) ? pattern.regex : undefined;
  return typeof regex === 'string' ? [{ path: [...path, 'regex'], regex }] : [];
}

function listOf(given: UserRule['match']): readonly UserRuleCondition[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? given : [given as UserRuleCondition];
}
