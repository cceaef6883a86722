import type { Basis } from './basis.ts';
import type { Budget } from './budget.ts';
import type { InMemoryCache } from './cache.ts';
import type { PathMappings } from './path-prefixes.ts';
import type { RuleDefinition, RuleMatcher } from './rules.ts';
import type { AnalysisResult, LLMProvider, Milliseconds, RepositoryCodeProvider, Seconds } from './types.ts';
import type { RuleDecision, UserRules } from './user-rules/user-rule.ts';

/** An analysis as it is kept. */
export interface StoredAnalysis {
  /** As a later event gets it, but for its own `occurrences`. */
  readonly answer: AnalysisResult;
  /** The code that it rests on, where that is known. */
  readonly basis?: Basis;
}

/** What `new ErrorAnalysisEngine(…)` takes. Everything is optional: with nothing, only the rules answer. */
export interface EngineOptions {
  /** Where answers are kept. @defaultValue `new InMemoryCache()` */
  readonly cache?: InMemoryCache<StoredAnalysis>;
  /** The model that is asked when no certain rule matches. @defaultValue none */
  readonly llmProvider?: LLMProvider;
  /** What may be spent on the model. @defaultValue no limit */
  readonly budget?: Budget;
  /** Where source code comes from. @defaultValue none: analyses without code */
  readonly codeProvider?: RepositoryCodeProvider;
  /** Known errors, first match wins. @defaultValue `knownErrors` */
  readonly rules?: readonly RuleDefinition[];
  /** Rules of the user's own: what to do with which events. @defaultValue none */
  readonly userRules?: UserRules & { readonly knownError?: RuleMatcher };
  /** Model and budget for events to which a rule gives one of their own. @defaultValue the two above */
  readonly modelFor?: (choice: ModelChoice) => Promise<Pick<EngineOptions, 'llmProvider' | 'budget'>>;
  /** Repository of events that name none. */
  readonly defaultRepositoryUrl?: string;
  /** Service name → repository URL; wins over the default, loses to the event. */
  readonly repositoryUrlMap?: Readonly<Record<string, string>>;
  /** Prefix of a path in a stack → folder in the repository, tried before Patrol's own matching. @defaultValue none */
  readonly pathMappings?: PathMappings;
  /** How much code is read. */
  readonly codeLimits?: CodeLimits;
  /** Language of what the model answers, a BCP 47 tag; rules answer in English. @defaultValue `en` */
  readonly language?: string;
  /** How long an answer stays valid. @defaultValue 86 400 */
  readonly ttl?: Seconds;
  /** Time for one analysis. @defaultValue 60 000 */
  readonly timeoutMs?: Milliseconds;
  /** Events of one batch that are worked on at the same time. @defaultValue 8 */
  readonly concurrency?: number;
  /** Clock. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** What a rule decides about the model for an event. */
export type ModelChoice = Pick<RuleDecision, 'model' | 'budget'>;

/** How much code is read for one analysis. */
export interface CodeLimits {
  /** Lines on each side of a frame where the enclosing function is not known. @defaultValue 20 */
  readonly lines: number;
  /** Frames whose code is read. @defaultValue 4 */
  readonly locations: number;
  /** Characters in all. @defaultValue 18 000 */
  readonly characters: number;
}

/** The prototype's limits, the characters raised (see the README's table of settings). */
export const DEFAULT_CODE_LIMITS: CodeLimits = { lines: 20, locations: 4, characters: 18_000 };
