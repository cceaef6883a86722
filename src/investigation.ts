import { gatherCodeContext } from './code-context.ts';
import { DEFAULT_CODE_LIMITS, type EngineOptions } from './engine-options.ts';
import { messageOf, PatrolError } from './errors.ts';
import { knownErrors } from './known-errors/index.ts';
import { nameNullishReceiver } from './nullish-receiver.ts';
import { visibleLog } from './plain-text.ts';
import { redact } from './redaction.ts';
import { createRuleMatcher } from './rules.ts';
import { parseStackTrace } from './stacktrace.ts';
import type { ErrorHash, ErrorLogEvent, LLMProvider, ProviderCallOptions, RepositoryRef } from './types.ts';
import type { RuleDecision } from './user-rules/user-rule.ts';
import { type Facts, fromModel, fromNothing, fromRule, type Verdict } from './verdict.ts';

/** What one investigation may build on. */
export interface Known {
  /** Looks for the analysis of a similar error; called only where no rule is certain. */
  readonly findSimilar?: () => Verdict | undefined;
  /** What the user's rules say of the event. */
  readonly decision?: RuleDecision | undefined;
  /** What was found before the cited code changed. */
  readonly previous?: Pick<Verdict, 'rootCause' | 'suggestedFix'>;
}

/** Judges errors that nobody has seen before. */
export interface Investigator {
  /**
   * The way from a new error to a verdict: a certain rule, a similar error's analysis, the model, or what is known.
   *
   * @throws {PatrolError} `MODEL_UNAVAILABLE` or `BUDGET_EXCEEDED` when trying again later makes sense;
   *   `ANALYSED_ELSEWHERE` where another event of this error waits for the budget.
   */
  investigate(
    event: ErrorLogEvent,
    repository: RepositoryRef,
    call: Required<ProviderCallOptions>,
    errorHash: ErrorHash,
    known: Known,
  ): Promise<Verdict>;
  /** All that is known of an error whose investigation failed, without asking anyone. */
  explain(event: ErrorLogEvent, failure: unknown): Verdict;
}

/** Makes an investigator of the engine's rules, model and code host. */
export function createInvestigator(options: EngineOptions): Investigator {
  const { codeProvider } = options;
  const matchRule = createRuleMatcher(options.rules ?? knownErrors);
  const limits = { ...DEFAULT_CODE_LIMITS, ...options.codeLimits };

  /** What the text alone tells. From here on everything is redacted: a model, a store and a screen see it. */
  const firstFacts = (event: ErrorLogEvent, decision?: RuleDecision): Omit<Facts, 'context'> => {
    const redacted = { ...event, errorLog: visibleLog(redact(event.errorLog)) };
    const stack = parseStackTrace(redacted.errorLog.stackTrace ?? '');
    const rule =
      decision?.answer?.() ??
      options.userRules?.knownError?.(redacted.errorLog, stack) ??
      matchRule(redacted.errorLog, stack);
    return { event: redacted, stack, rule };
  };

  /** Gathers the code and judges it, with the model where one is given. */
  const judge = async (
    first: Omit<Facts, 'context'>,
    repository: RepositoryRef,
    call: Required<ProviderCallOptions>,
    model: LLMProvider | undefined,
    { previous, decision }: Known,
  ): Promise<Verdict> => {
    const { stack } = first;
    const deadline = Date.now() + call.timeoutMs;
    const isCertain = first.rule && !first.rule.needsCode;
    const context = await gatherCodeContext({
      errorLog: first.event.errorLog,
      stack,
      repository,
      ...(codeProvider && { provider: codeProvider }),
      follow: model !== undefined,
      ...(options.pathMappings && { pathMappings: options.pathMappings }),
      limits,
      ...call,
    });
    const rule = first.rule && nameNullishReceiver(first.rule, stack, context);
    const facts = { ...first, rule, context };
    if (rule && isCertain) return fromRule(facts, rule);
    if (!model) return withoutModel(facts, NO_MODEL);
    const [{ askModel }, { buildPrompt }, { checkEvidence }] = await Promise.all([
      import('./ask-model.ts'),
      import('./prompt.ts'),
      import('./evidence.ts'),
    ]);
    const { request } = buildPrompt({
      event: facts.event,
      stack,
      context,
      ...(rule && { hint: rule }),
      ...(previous && { previous }),
      ...(decision?.hint !== undefined && { advice: decision.hint }),
      ...(options.language !== undefined && { language: options.language }),
    });
    try {
      // Reading the code took its share.
      const left = { ...call, timeoutMs: Math.max(1, deadline - Date.now()) };
      const reply = await askModel(model, request, left);
      return fromModel(facts, reply, checkEvidence(reply.answer, context, stack));
    } catch (error) {
      if (!(error instanceof PatrolError) || error.retryable) throw error;
      return { ...withoutModel(facts, error.message), provisional: true };
    }
  };

  return {
    async investigate(event, repository, call, errorHash, known) {
      const { findSimilar, decision } = known;
      const first = firstFacts(event, decision);
      const isCertain = first.rule && !first.rule.needsCode;
      const similar = isCertain ? undefined : findSimilar?.();
      if (similar) return similar;
      const isChosen = decision?.model !== undefined || decision?.budget !== undefined;
      const chosen = isChosen && options.modelFor ? await options.modelFor(decision) : options;
      const model = isCertain ? undefined : chosen.llmProvider;
      // Before any code is fetched: above the budget a flood of new errors costs the code host nothing, either.
      const reserved = model && (await chosen.budget?.reserve(errorHash, event.eventId));
      try {
        const paid = model && reserved ? reserved.spendOn(model) : model;
        return await judge(first, repository, call, paid, known);
      } finally {
        await reserved?.release();
      }
    },
    explain(event, failure) {
      const facts = { ...firstFacts(event), context: { blocks: [], notes: [] } };
      return { ...withoutModel(facts, `the analysis failed: ${messageOf(failure)}`), provisional: true };
    },
  };
}

const NO_MODEL = 'no model is configured (OPENAI_API_KEY).';

function withoutModel(facts: Facts, reason: string): Verdict {
  return facts.rule
    ? fromRule(
        facts,
        facts.rule,
        reason === NO_MODEL
          ? 'No model judged the code: none is configured (OPENAI_API_KEY).'
          : `No model judged the code, because ${reason}`,
      )
    : fromNothing(facts, reason === NO_MODEL ? `it is no known error and ${reason}` : reason);
}
