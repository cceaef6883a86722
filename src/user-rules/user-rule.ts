import type { RuleMatch } from '../rules.ts';
import type { ErrorCategory, ErrorLogEvent } from '../types.ts';

/** How bad an error is, for people and alerts. */
export const RULE_SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;
/** See {@link RULE_SEVERITIES}. */
export type RuleSeverity = (typeof RULE_SEVERITIES)[number];

/** One value of a field: exactly this, or of this form. */
export type ValuePattern =
  | string
  | number
  | boolean
  | {
      /** The whole value, compared as text. */
      readonly equals?: string | number | boolean;
      /** The whole value; `*` stands for any characters (also `/`), `?` for one. */
      readonly glob?: string;
      /** Found anywhere in the value; without slashes and flags, repetitions bounded (`{0,100}`, not `*`). */
      readonly regex?: string;
    };

/** What a field must be: one pattern, or one of several. */
export type FieldPattern = ValuePattern | readonly ValuePattern[];

/** The fields of an event that a rule can look at. */
export const FIELDS = [
  'service',
  'environment',
  'release',
  'repository',
  'name',
  'code',
  'message',
  'stack',
  'file',
  'level',
] as const;
/** See {@link FIELDS}. */
export type FieldName = (typeof FIELDS)[number];

/** What an event must be like; all that is given must hold. */
export type UserRuleCondition = { readonly [field in FieldName]?: FieldPattern } & {
  /** What was logged beside the error, by path: `http.status`, `user.plan`. */
  readonly context?: Readonly<Record<string, FieldPattern>>;
};

/** An answer that needs no model; its texts may name groups of the rule's expressions: `{port}`. */
export interface UserRuleAnswer {
  readonly rootCause: string;
  readonly suggestedFix: string;
  /** @defaultValue `unknown` */
  readonly category?: ErrorCategory;
  /** How sure it is, 0–100. @defaultValue 100 */
  readonly confidence?: number;
  readonly nextSteps?: readonly string[];
}

/** What the model may be asked for all that one rule matches, in hours and days of UTC. */
export interface RuleBudget {
  readonly callsPerHour?: number;
  readonly callsPerDay?: number;
  /** US dollars, where the model's price is known. */
  readonly usdPerHour?: number;
  readonly usdPerDay?: number;
}

/** What happens to the events that a rule matches. */
export interface UserRuleEffects {
  /** What makes two events the same error. May hold `{default}` (Patrol's own hash), `{service}`, … and named groups. */
  readonly fingerprint?: readonly string[];
  /** True: no analysis, no alert; counted. False keeps a later rule from it. */
  readonly ignore?: boolean;
  /** The share of events that are analysed, 0–1; the same event always falls the same way. */
  readonly sample?: number;
  readonly severity?: RuleSeverity;
  readonly assignee?: string;
  /** The webhooks that alerts of it go to, by id. */
  readonly route?: readonly string[];
  readonly answer?: UserRuleAnswer;
  /** What the model is told about such errors. */
  readonly hint?: string;
  /** The model that is asked, in place of `OPENAI_MODEL`. */
  readonly model?: string;
  /** What the model may be asked for all that this rule matches. */
  readonly budget?: RuleBudget;
}

/** One rule of the user's own: plain data, as in the file. */
export interface UserRule {
  /** Stable and unique. */
  readonly id: string;
  readonly description?: string;
  /** One condition, or several of which one must hold. Left out: every event. */
  readonly match?: UserRuleCondition | readonly UserRuleCondition[];
  /** The same, for what the rule leaves alone. */
  readonly except?: UserRuleCondition | readonly UserRuleCondition[];
  readonly then: UserRuleEffects;
}

/** Why an event is not analysed. */
export interface SetAside {
  readonly reason: 'ignored' | 'sampled';
  /** The rule that says so. */
  readonly rule: string;
}

/**
 * What the rules decide about one event. Where several match, each effect is that of the first rule that has it.
 * `fingerprint` is to be hashed in place of the event's; `severity`, `assignee` and `route` are for the history and
 * the alerts; the engine heeds the rest itself.
 */
export interface RuleDecision {
  /** The rules that match, in the order of the file. */
  readonly rules: readonly string[];
  readonly setAside?: SetAside;
  readonly fingerprint?: readonly string[];
  readonly severity?: RuleSeverity;
  readonly assignee?: string;
  readonly route?: readonly string[];
  /** The certain answer, made when it is needed. */
  readonly answer?: () => RuleMatch;
  readonly hint?: string;
  readonly model?: string;
  readonly budget?: RuleBudget & { readonly rule: string };
  /** Tells apart what other effects lead to another analysis; empty where none does. Part of the cache's key. */
  readonly variant: string;
}

/** Why one rule matches an event or does not, in a sentence. */
export interface RuleFinding {
  readonly rule: string;
  readonly matched: boolean;
  readonly reason: string;
  /** Effects that an earlier rule had set already. */
  readonly overruled: readonly string[];
}

/** Decides about events. */
export interface UserRules {
  /** Undefined where no rule matches. Never throws. */
  decide(event: ErrorLogEvent): RuleDecision | undefined;
  /** The same with the reasons, rule by rule. */
  explain(event: ErrorLogEvent): {
    readonly decision: RuleDecision | undefined;
    readonly findings: readonly RuleFinding[];
  };
}
