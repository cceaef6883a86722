import { truncate } from './bounds.ts';
import { knownErrors } from './known-errors/index.ts';
import { visibleText } from './plain-text.ts';
import {
  type CompiledCondition,
  compileCondition,
  conditionsOf,
  fillTemplate,
  type RuleDefinition,
  trustCondition,
} from './rule-definition.ts';
import type { ErrorCategory, ErrorLog, ParsedStackTrace } from './types.ts';

export type { RuleDefinition } from './rule-definition.ts';
export { knownErrors };

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

/** Limits of the text that rules look at, in characters. */
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

/** One error of a chain, as rules see it. */
interface Candidate {
  readonly names: ReadonlySet<string>;
  readonly codes: ReadonlySet<string>;
  readonly message: string;
  readonly stack: string;
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
  /** The message of the error that it holds for. */
  readonly message: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Makes the function that finds the rule for an error. Causes and aggregated errors are looked at too: the
 * innermost one that a rule knows gives the answer. For one error the first rule that holds wins. Rules of the
 * user's own are tried on all of them before Patrol's.
 *
 * @throws {PatrolError} `RULE_INVALID` when an expression is not one, or could take more than linear time.
 */
export function createRuleMatcher(definitions: readonly RuleDefinition[]): RuleMatcher {
  const known = new Set(knownErrors);
  const layers = [
    definitions.filter((definition) => !known.has(definition)).map(compileRule),
    definitions.filter((definition) => known.has(definition)).map(trustRule),
  ];
  return (errorLog, stack) => {
    const candidates = candidatesOf(errorLog, stack);
    return matchIn(layers[0] ?? [], candidates) ?? matchIn(layers[1] ?? [], candidates);
  };
}

function compileRule(definition: RuleDefinition): CompiledRule {
  const conditions = conditionsOf(definition);
  return {
    definition,
    conditions: conditions.map((condition) => compileCondition(definition.id, condition)),
  };
}

/** Patrol's own. */
function trustRule(definition: RuleDefinition): CompiledRule {
  return { definition, conditions: conditionsOf(definition).map(trustCondition) };
}

function matchIn(rules: readonly CompiledRule[], candidates: readonly Candidate[]): RuleMatch | undefined {
  const [error, ...causes] = candidates;
  const telling = causes.findLast((cause) => findHit(rules, cause) !== undefined);
  const subject = telling ?? error;
  const first = subject && findHit(rules, subject);
  if (!first) return undefined;
  // Of several causes that the same rule knows (all attempts refused), each that says as much is told.
  const hits = candidates.flatMap((candidate) => findHit([first.rule], candidate) ?? []);
  const best = Math.min(...hits.map((hit) => hit.condition));
  return toMatch(
    hits.filter((hit) => hit.condition === best),
    telling && { message: telling.message, depth: causes.indexOf(telling) + 1 },
  );
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
      if (!groups) continue;
      return { rule, condition: index, message: error.message, values: valuesOf(groups, condition, error) };
    }
  }
  return undefined;
}

/** The groups of the message's expression when the condition holds. */
function holds(
  condition: CompiledCondition,
  error: Candidate,
): Readonly<Record<string, string | undefined>> | undefined {
  const { names, codes } = condition;
  if (names && !names.some((name) => error.names.has(name))) return undefined;
  if (codes && !codes.some((code) => error.codes.has(code))) return undefined;
  // Expressions come last: to make one costs more than to compare names.
  const { message, stack } = condition;
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
    code: condition.codes?.find((code) => error.codes.has(code)) ?? firstCode ?? firstName ?? 'Error',
  };
  for (const [group, value] of Object.entries(groups)) {
    if (value) values[group] = oneLine(value);
  }
  return values;
}

/** The texts go into log lines: no line breaks, no colours of a terminal. */
function oneLine(text: string): string {
  const visible = visibleText(text.slice(0, 2 * MAX_CAPTURE));
  return truncate(visible.replace(/\s+/g, ' ').trim(), MAX_CAPTURE);
}

function toMatch(
  hits: readonly Hit[],
  cause: { readonly message: string; readonly depth: number } | undefined,
): RuleMatch | undefined {
  const [first] = hits;
  if (!first) return undefined;
  const { definition } = first.rule;
  const fill = (template: string): string => fillTemplate(template, first.values);
  const rootCause = fill(definition.rootCause);
  const others = hits.filter((hit) => fillTemplate(definition.rootCause, hit.values) !== rootCause);
  const alike = [...new Set(others.map((hit) => oneLine(hit.message)))].slice(0, 3);
  return {
    id: definition.id,
    rootCause: alike.length === 0 ? rootCause : `${rootCause} The same for: ${alike.join('; ')}.`,
    suggestedFix: fill(definition.suggestedFix),
    category: definition.category,
    confidence: definition.confidence,
    nextSteps: (definition.nextSteps ?? []).map(fill),
    needsCode: definition.needsCode ?? false,
    matched: cause ? 'cause' : 'error',
    reason: cause
      ? `The known error "${definition.id}" was recognised in ${cause.depth === 1 ? 'the cause' : `cause ${cause.depth}`} of the logged error: "${oneLine(cause.message)}".`
      : `The known error "${definition.id}" was recognised in the logged error itself.`,
  };
}
