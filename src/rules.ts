import * as z from 'zod';
import { isRecord, truncate } from './bounds.ts';
import { describeShape, PatrolError } from './errors.ts';
import { compilePattern, groupNames } from './pattern.ts';
import { ERROR_CATEGORIES, type ErrorCategory, type ErrorLog, type ParsedStackTrace } from './types.ts';

export { knownErrors } from './known-errors/index.ts';

/** What an error must look like; all that is given must hold. */
export interface RuleCondition {
  /** Its class, or one of several. */
  readonly name?: string | readonly string[];
  /** Its code, or one of several. A code like `ECONNREFUSED` or `ERR_…` may also stand in its message. */
  readonly code?: string | readonly string[];
  /** A regular expression, without slashes and flags, found anywhere in its message; repetitions must be bounded. */
  readonly message?: string;
  /** The same for its stack trace. */
  readonly stack?: string;
}

/**
 * One known error: plain data, so that a JSON file can hold it.
 *
 * `rootCause`, `suggestedFix` and `nextSteps` may name the groups of the message's expression:
 * `{port}`, or `{port|an unknown port}` where the group may be missing. `{name}` and `{code}` are always there.
 */
export interface RuleDefinition {
  /** Stable and unique; shown as `ruleId`. */
  readonly id: string;
  /** One condition, or several of which the first that holds counts: the most telling first. */
  readonly match: RuleCondition | readonly RuleCondition[];
  readonly category: ErrorCategory;
  /** What happened, in one sentence. */
  readonly rootCause: string;
  /** What to do, in one or two sentences. */
  readonly suggestedFix: string;
  /** How often this is the whole answer, 0–100. */
  readonly confidence: number;
  /** What to look at, most telling first. */
  readonly nextSteps?: readonly string[];
  /** True where the code decides: when a model is available, the rule is only a hint to it. @defaultValue false */
  readonly needsCode?: boolean;
}

/** The answer of a rule to one error. */
export interface RuleMatch {
  readonly id: string;
  readonly rootCause: string;
  readonly suggestedFix: string;
  readonly category: ErrorCategory;
  readonly confidence: number;
  readonly nextSteps: readonly string[];
  readonly needsCode: boolean;
  /** Whether the logged error itself is known, or one of its causes or aggregated errors. */
  readonly matched: 'error' | 'cause';
  /** One sentence on what was recognised, for `confidenceReasons`. */
  readonly reason: string;
}

/** Tells what is known about an error; undefined when nothing is. */
export type RuleMatcher = (errorLog: ErrorLog, stack: ParsedStackTrace) => RuleMatch | undefined;

/** Limits of a rule file, and of the text that rules look at (characters). */
const MAX_RULES = 1000;
const MAX_MESSAGE = 4096;
const MAX_STACK = 16_384;
/** Longest captured text that is shown. */
const MAX_CAPTURE = 160;
/** Errors of one chain or aggregate that are looked at. */
const MAX_CAUSES = 20;

/** Codes that are words of their own, so that they can be recognised inside a message. */
const CODE_IN_TEXT = /\b(?:E[A-Z][A-Z0-9_]{2,40}|(?:UND_)?ERR?_[A-Z0-9_]{2,60})\b/g;
/** `TypeError [ERR_INVALID_ARG_TYPE]`: how Node writes name and code into a stack's first line. */
const CODE_IN_HEADER = /^([\w$.]{1,100}) \[([A-Z0-9_]{2,60})\]/;
const PLACEHOLDER = /\{([A-Za-z_$][\w$]{0,60})(?:\|([^{}]{0,200}))?\}/g;

/** One error of a chain, as rules see it. */
interface Candidate {
  readonly names: ReadonlySet<string>;
  readonly codes: ReadonlySet<string>;
  readonly message: string;
  readonly stack: string;
}

interface CompiledCondition {
  readonly names: readonly string[] | undefined;
  readonly codes: readonly string[] | undefined;
  readonly message: RegExp | undefined;
  readonly stack: RegExp | undefined;
}

interface CompiledRule {
  readonly definition: RuleDefinition;
  readonly conditions: readonly CompiledCondition[];
}

/** A rule that holds for a candidate. */
interface Hit {
  readonly rule: CompiledRule;
  /** Position of the condition that held: the lower, the more telling. */
  readonly condition: number;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Makes the function that finds the rule for an error. Causes and aggregated errors are looked at too: the
 * innermost one that a rule knows gives the answer. For one error the first rule that holds wins.
 *
 * @throws {PatrolError} `RULE_INVALID` when an expression is not one, or could take more than linear time.
 */
export function createRuleMatcher(definitions: readonly RuleDefinition[]): RuleMatcher {
  const rules = definitions.map(compileRule);
  return (errorLog, stack) => {
    const [error, ...causes] = candidatesOf(errorLog, stack);
    if (!error) return undefined;
    const telling = causes.findLast((cause) => findHit(rules, cause) !== undefined);
    const first = findHit(rules, telling ?? error);
    if (!first) return undefined;
    const candidates = telling ? causes : [error];
    const hits = candidates.flatMap((candidate) => findHit([first.rule], candidate) ?? []);
    const best = Math.min(...hits.map((hit) => hit.condition));
    return toMatch(
      hits.filter((hit) => hit.condition === best),
      telling ? { message: telling.message, depth: causes.indexOf(telling) + 1 } : undefined,
    );
  };
}

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
    compileRule(definition);
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

function conditionsOf(definition: RuleDefinition): readonly RuleCondition[] {
  return Array.isArray(definition.match) ? definition.match : [definition.match as RuleCondition];
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

function compileRule(definition: RuleDefinition): CompiledRule {
  const compile = (field: string, source: string | undefined): RegExp | undefined => {
    if (source === undefined) return undefined;
    try {
      return compilePattern(source);
    } catch (error) {
      const problem = error instanceof Error ? error.message : 'it cannot be read';
      throw new PatrolError(
        'RULE_INVALID',
        `Rule "${definition.id}": ${field} is not a regular expression that can be used: ${problem}.`,
      );
    }
  };
  return {
    definition,
    conditions: conditionsOf(definition).map((condition) => ({
      names: listOf(condition.name),
      codes: listOf(condition.code),
      message: compile('match.message', condition.message),
      stack: compile('match.stack', condition.stack),
    })),
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

function candidatesOf(errorLog: ErrorLog, stack: ParsedStackTrace): readonly Candidate[] {
  const stackText = errorLog.stackTrace?.slice(0, MAX_STACK) ?? '';
  const header = CODE_IN_HEADER.exec(stackText);
  const error = candidate(
    [errorLog.name, stack.name, header?.[1]],
    [errorLog.code, header?.[2]],
    errorLog.message === '' ? stack.message : errorLog.message,
    stackText,
  );
  const causes = stack.causes.slice(0, MAX_CAUSES).map((cause) =>
    candidate(
      [cause.name],
      [],
      cause.message,
      cause.frames
        .map((frame) => `at ${frame.function ?? ''} (${frame.file ?? ''})`)
        .join('\n')
        .slice(0, MAX_STACK),
    ),
  );
  return [error, ...causes];
}

function candidate(
  names: readonly (string | undefined)[],
  codes: readonly (string | undefined)[],
  message: string,
  stack: string,
): Candidate {
  const text = message.slice(0, MAX_MESSAGE);
  const bracketed = names.map((name) => (name === undefined ? null : CODE_IN_HEADER.exec(name)));
  return {
    names: new Set(
      [...names, ...bracketed.map((header) => header?.[1])].filter((name) => name !== undefined),
    ),
    codes: new Set(
      [...codes, ...bracketed.map((header) => header?.[2]), ...(text.match(CODE_IN_TEXT) ?? [])].filter(
        (code) => code !== undefined,
      ),
    ),
    message: text,
    stack,
  };
}

function findHit(rules: readonly CompiledRule[], error: Candidate): Hit | undefined {
  for (const rule of rules) {
    for (const [index, condition] of rule.conditions.entries()) {
      const groups = holds(condition, error);
      if (groups) return { rule, condition: index, values: valuesOf(groups, condition, error) };
    }
  }
  return undefined;
}

/** The groups of the message's expression when the condition holds. */
function holds(
  { names, codes, message, stack }: CompiledCondition,
  error: Candidate,
): Readonly<Record<string, string | undefined>> | undefined {
  if (names && !names.some((name) => error.names.has(name))) return undefined;
  if (codes && !codes.some((code) => error.codes.has(code))) return undefined;
  if (stack && !stack.test(error.stack)) return undefined;
  if (!message) return {};
  const found = message.exec(error.message);
  return found ? (found.groups ?? {}) : undefined;
}

function valuesOf(
  groups: Readonly<Record<string, string | undefined>>,
  condition: CompiledCondition,
  error: Candidate,
): Readonly<Record<string, string>> {
  const [firstName] = error.names;
  const [firstCode] = error.codes;
  const values: Record<string, string> = {
    name: firstName ?? 'Error',
    code: condition.codes?.find((code) => error.codes.has(code)) ?? firstCode ?? '',
  };
  for (const [group, value] of Object.entries(groups)) {
    // One line, since the texts go into log lines.
    if (value) values[group] = truncate(value.replace(/[\s\p{Cc}]+/gu, ' ').trim(), MAX_CAPTURE);
  }
  return values;
}

function toMatch(
  hits: readonly Hit[],
  cause: { readonly message: string; readonly depth: number } | undefined,
): RuleMatch | undefined {
  const [first] = hits;
  if (!first) return undefined;
  const { definition } = first.rule;
  const fill = (template: string): string => fillTemplate(template, first.values);
  const causes = [...new Set(hits.map((hit) => fillTemplate(definition.rootCause, hit.values)))];
  const shown = truncate((cause?.message ?? '').replace(/\s+/g, ' '), MAX_CAPTURE);
  return {
    id: definition.id,
    rootCause: causes.slice(0, 4).join(' Also: '),
    suggestedFix: fill(definition.suggestedFix),
    category: definition.category,
    confidence: definition.confidence,
    nextSteps: (definition.nextSteps ?? []).map(fill),
    needsCode: definition.needsCode ?? false,
    matched: cause ? 'cause' : 'error',
    reason: cause
      ? `The known error "${definition.id}" was recognised in a cause of the logged error (number ${cause.depth} in its chain): "${shown}".`
      : `The known error "${definition.id}" was recognised in the logged error itself.`,
  };
}

function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(PLACEHOLDER, (_, key: string, fallback: string | undefined) => {
    return (Object.hasOwn(values, key) ? values[key] : undefined) || (fallback ?? '(unknown)');
  });
}
