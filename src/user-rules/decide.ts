import { hash } from 'node:crypto';
import { truncate } from '../bounds.ts';
import { hashErrorLog } from '../hashing.ts';
import { visibleText } from '../plain-text.ts';
import { redact } from '../redaction.ts';
import { fillTemplate } from '../rule-definition.ts';
import type { RuleMatch } from '../rules.ts';
import type { ErrorLogEvent } from '../types.ts';
import { type CompiledCondition, compileConditions } from './condition.ts';
import { Subject } from './subject.ts';
import type {
  RuleDecision,
  RuleFinding,
  UserRule,
  UserRuleAnswer,
  UserRuleEffects,
  UserRules,
} from './user-rule.ts';

/** Longest text of an event that is shown or put into an answer. */
const MAX_SHOWN = 160;

interface CompiledRule {
  readonly rule: UserRule;
  readonly match: readonly CompiledCondition[];
  readonly except: readonly CompiledCondition[];
  /** A digest of the effects that lead to another analysis. */
  readonly variants: Readonly<Record<VariantKey, string>>;
}

/** The effects that lead to another analysis. */
const VARIANT_KEYS = ['answer', 'hint', 'model'] as const;
type VariantKey = (typeof VARIANT_KEYS)[number];

type Values = Readonly<Record<string, string>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Makes the function that decides about events. Everything is compiled once; to decide about an event takes time
 * linear in its text (see `src/pattern.ts` for expressions and `glob.ts` for globs).
 *
 * @throws {SyntaxError} for an expression that cannot be used.
 */
export function createUserRules(rules: readonly UserRule[]): UserRules {
  const compiled = rules.map(compileRule);
  const decided = new WeakMap<ErrorLogEvent, RuleDecision | undefined>();

  return {
    decide(event) {
      // The sink asks before the engine does.
      if (decided.has(event)) return decided.get(event);
      const subject = new Subject(event);
      const decision = combine(
        subject,
        compiled.filter((rule) => matches(rule, subject)),
      );
      decided.set(event, decision);
      return decision;
    },
    explain(event) {
      const subject = new Subject(event);
      const taken = new Set<string>();
      const matching: CompiledRule[] = [];
      const findings = compiled.map((rule): RuleFinding => {
        const { id, then } = rule.rule;
        if (!matches(rule, subject)) {
          return { rule: id, matched: false, reason: whyNot(rule, subject), overruled: [] };
        }
        matching.push(rule);
        const effects = Object.keys(then);
        const overruled = effects.filter((effect) => taken.has(effect));
        for (const effect of effects) taken.add(effect);
        return { rule: id, matched: true, reason: why(rule), overruled };
      });
      return { decision: combine(subject, matching), findings };
    },
  };
}

function compileRule(rule: UserRule): CompiledRule {
  const digest = (key: VariantKey) => {
    const effect = rule.then[key];
    return effect === undefined ? '' : hash('sha256', JSON.stringify([key, effect])).slice(0, 16);
  };
  return {
    rule,
    match: compileConditions(rule.match),
    except: compileConditions(rule.except),
    variants: { answer: digest('answer'), hint: digest('hint'), model: digest('model') },
  };
}

function matches({ match, except }: CompiledRule, subject: Subject): boolean {
  const isWanted = match.length === 0 || match.some((condition) => holds(condition, subject));
  return isWanted && !except.some((condition) => holds(condition, subject));
}

function holds(condition: CompiledCondition, subject: Subject): boolean {
  return condition.every((check) => check.values(subject).some(check.test));
}

/** Each effect of the first rule that has it. */
function combine(subject: Subject, rules: readonly CompiledRule[]): RuleDecision | undefined {
  if (rules.length === 0) return undefined;
  const first = <K extends keyof UserRuleEffects>(effect: K): CompiledRule | undefined =>
    rules.find(({ rule }) => rule.then[effect] !== undefined);
  const value = <K extends keyof UserRuleEffects>(effect: K): UserRuleEffects[K] | undefined =>
    first(effect)?.rule.then[effect];

  const decision: Mutable<RuleDecision> = {
    rules: rules.map(({ rule }) => rule.id),
    variant: VARIANT_KEYS.map((key) => first(key)?.variants[key] ?? '').join(''),
  };
  const [ignoring, sampling] = [first('ignore'), first('sample')];
  if (ignoring?.rule.then.ignore) decision.setAside = { reason: 'ignored', rule: ignoring.rule.id };
  else if (sampling && !isInSample(subject.event.eventId, sampling.rule.then.sample ?? 1)) {
    decision.setAside = { reason: 'sampled', rule: sampling.rule.id };
  }
  const grouping = first('fingerprint');
  if (grouping) decision.fingerprint = fingerprintOf(grouping, subject);
  const [severity, assignee, route] = [value('severity'), value('assignee'), value('route')];
  if (severity !== undefined) decision.severity = severity;
  if (assignee !== undefined) decision.assignee = assignee;
  if (route !== undefined) decision.route = route;
  const answering = first('answer');
  if (answering?.rule.then.answer) {
    const { answer } = answering.rule.then;
    decision.answer = () => toMatch(answering, answer, subject);
  }
  const [hint, model, budgeting] = [value('hint'), value('model'), first('budget')];
  if (hint !== undefined) decision.hint = hint;
  if (model !== undefined) decision.model = model;
  if (budgeting) decision.budget = { ...budgeting.rule.then.budget, rule: budgeting.rule.id };
  return decision;
}

/** By the event's id alone: a redelivery, and another process, decide the same. */
function isInSample(eventId: string, rate: number): boolean {
  return Number.parseInt(hash('sha256', eventId).slice(0, 8), 16) < rate * 2 ** 32;
}

function fingerprintOf({ rule, match }: CompiledRule, subject: Subject): readonly string[] {
  const parts = rule.then.fingerprint ?? [];
  if (!parts.some((part) => part.includes('{'))) return parts;
  const { event } = subject;
  const values = {
    ...valuesOf(match, subject),
    ...(parts.some((part) => part.includes('{default')) && {
      default: hashErrorLog(event.errorLog, event).errorHash,
    }),
  };
  return parts.map((part) => fillTemplate(part, values));
}

function toMatch({ rule, match }: CompiledRule, answer: UserRuleAnswer, subject: Subject): RuleMatch {
  // The answer is for screens: what it takes over from the event is redacted like the event itself.
  const values = Object.fromEntries(
    Object.entries(valuesOf(match, subject)).map(([key, text]) => [key, redact(shown(text))]),
  );
  const fill = (template: string) => fillTemplate(template, values);
  return {
    id: rule.id,
    rootCause: fill(answer.rootCause),
    suggestedFix: fill(answer.suggestedFix),
    category: answer.category ?? 'unknown',
    confidence: answer.confidence ?? 100,
    nextSteps: (answer.nextSteps ?? []).map(fill),
    needsCode: false,
    matched: 'error',
    reason: `Your rule "${rule.id}" answers it.`,
  };
}

/** What templates may name: the event's own fields, and the groups of the expressions that matched. */
function valuesOf(match: readonly CompiledCondition[], subject: Subject): Values {
  const values: Record<string, string> = {};
  for (const field of ['service', 'environment', 'release', 'name', 'code'] as const) {
    const [value] = subject.valuesOf(field);
    if (value !== undefined) values[field] = value;
  }
  const condition = match.find((one) => holds(one, subject)) ?? [];
  for (const check of condition) {
    for (const value of check.values(subject).filter(check.test).slice(0, 1)) {
      for (const [group, text] of Object.entries(check.groups(value))) if (text) values[group] = text;
    }
  }
  return values;
}

function why({ match }: CompiledRule): string {
  if (match.length === 0) return 'it matches every event.';
  return match.length === 1 ? 'all that it asks for holds.' : `one of its ${match.length} conditions holds.`;
}

function whyNot({ match, except }: CompiledRule, subject: Subject): string {
  const excluded = except.findIndex((condition) => holds(condition, subject));
  const isWanted = match.length === 0 || match.some((condition) => holds(condition, subject));
  if (isWanted && excluded >= 0) {
    return `what it excepts holds${except.length > 1 ? ` (number ${excluded + 1})` : ''}: ${
      except[excluded]?.map(({ field, expected }) => `${field} is ${expected}`).join(', ') ?? ''
    }.`;
  }
  return match
    .map((condition) => {
      const check = condition.find((one) => !one.values(subject).some(one.test));
      const values = check?.values(subject) ?? [];
      const got =
        values.length === 0 ? 'nothing' : values.map((one) => JSON.stringify(redact(shown(one)))).join(', ');
      return `${check?.field} is ${got}, not ${check?.expected}`;
    })
    .join('; ')
    .concat('.');
}

/** On one line, without anything that a terminal obeys. */
function shown(text: string): string {
  return truncate(
    visibleText(text.slice(0, 4 * MAX_SHOWN))
      .replace(/\s+/g, ' ')
      .trim(),
    MAX_SHOWN,
  );
}
