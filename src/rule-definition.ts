import { messageOf, PatrolError } from './errors.ts';
import { compilePattern } from './pattern.ts';
import type { ErrorCategory } from './types.ts';

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
 * `{port}`, or `{port|an unknown port}` where the group may be missing. `{name}` and `{code}` (the class where
 * there is no code) are always there.
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

/** `{port}`, `{port|an unknown port}`. */
export const PLACEHOLDER: RegExp = /\{([A-Za-z_$][\w$]{0,60})(?:\|([^{}]{0,200}))?\}/g;

/** A condition with its expressions ready. */
export interface CompiledCondition {
  readonly names: readonly string[] | undefined;
  readonly codes: readonly string[] | undefined;
  readonly message: RegExp | undefined;
  readonly stack: RegExp | undefined;
}

/** Its conditions, also where there is only one. */
export function conditionsOf(definition: RuleDefinition): readonly RuleCondition[] {
  return Array.isArray(definition.match) ? definition.match : [definition.match as RuleCondition];
}

/** @throws {PatrolError} `RULE_INVALID` when an expression is not one, or could take more than linear time. */
export function compileCondition(id: string, condition: RuleCondition): CompiledCondition {
  const compile = (field: string, source: string | undefined): RegExp | undefined => {
    try {
      return source === undefined ? undefined : compilePattern(source);
    } catch (error) {
      throw new PatrolError(
        'RULE_INVALID',
        `Rule "${id}": ${field} is not a regular expression that can be used: ${messageOf(error)}.`,
      );
    }
  };
  return {
    names: listOf(condition.name),
    codes: listOf(condition.code),
    message: compile('match.message', condition.message),
    stack: compile('match.stack', condition.stack),
  };
}

/**
 * The same for a condition that is known to be sound: its expressions are made when they are first needed, which for
 * most is never. A test puts all of Patrol's own rules through the check.
 */
export function trustCondition(condition: RuleCondition): CompiledCondition {
  const lazily = (source: string | undefined): (() => RegExp | undefined) => {
    let made: RegExp | undefined;
    return () => {
      if (source !== undefined) made ??= new RegExp(source);
      return made;
    };
  };
  const [message, stack] = [lazily(condition.message), lazily(condition.stack)];
  return {
    names: listOf(condition.name),
    codes: listOf(condition.code),
    get message() {
      return message();
    },
    get stack() {
      return stack();
    },
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

/** Puts values into a text's placeholders. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(PLACEHOLDER, (_, key: string, fallback: string | undefined) => {
    return (Object.hasOwn(values, key) ? values[key] : undefined) || (fallback ?? '(unknown)');
  });
}
