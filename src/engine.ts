import { LRUCache } from 'lru-cache';
import pLimit, { type LimitFunction } from 'p-limit';
import { type BasisCheck, createBasisCheck } from './basis.ts';
import { type CacheStats, InMemoryCache, type Looked } from './cache.ts';
import type { CitedCodeFound } from './code-provider.ts';
import type { EngineOptions, StoredAnalysis } from './engine-options.ts';
import { messageOf, PatrolError } from './errors.ts';
import { parseErrorLogEvent } from './event.ts';
import { FINGERPRINT_VERSION, type HashedErrorLog, hashErrorLog } from './hashing.ts';
import { createInvestigator, type Investigator } from './investigation.ts';
import { DEFAULT_LANGUAGE } from './language.ts';
import { PROMPT_VERSION } from './prompt-version.ts';
import { createSimilarIndex, type SimilarIndex } from './similar.ts';
import type {
  AnalysisResult,
  ErrorHash,
  ErrorLogEvent,
  ErrorLogEventInput,
  Evidence,
  Milliseconds,
  ProcessingOptions,
  RepositoryRef,
  Seconds,
} from './types.ts';
import type { RuleDecision } from './user-rules/user-rule.ts';
import { fromSimilar, type Verdict } from './verdict.ts';

/** How long an unreachable model is left alone by a hot loop; short, so that a redelivery finds it well again. */
const UNAVAILABLE_TTL: Seconds = 1;
/** How long an answer stands that was given because the model refused. */
const PROVISIONAL_TTL: Seconds = 60;
/** The prototype's: an answer is good for a day. */
const DEFAULT_TTL: Seconds = 86_400;
/** Answers that are looked at for one event: an answer for changed code may cite other code, which changed, too. */
const MAX_ANSWERS = 4;
/** An analysis takes this long at most when nobody says otherwise. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** Which error an event is, and what the user's rules say of it. */
interface Identity {
  readonly decision: RuleDecision | undefined;
  readonly hashed: HashedErrorLog;
  readonly repository: RepositoryRef;
  readonly key: string;
}

/** One analysis to be made. */
interface Task extends Identity {
  readonly event: ErrorLogEvent;
  readonly options: ProcessingOptions;
  /** What was found before the cited code changed. */
  readonly previous: AnalysisResult | undefined;
}

/**
 * Turns error events into analyses: fingerprint → cache → known-error rules → code → model → evidence check.
 * Equal errors are analysed once, however many arrive and at whatever time.
 *
 * @example
 * ```ts
 * const engine = new ErrorAnalysisEngine({ llmProvider: new OpenAILLMProvider({ apiKey }) });
 * const { rootCause, suggestedFix } = await engine.processErrorLog(event);
 * ```
 */
export class ErrorAnalysisEngine {
  readonly #cache: InMemoryCache<StoredAnalysis>;
  readonly #investigator: Investigator;
  readonly #options: EngineOptions;
  readonly #limit: LimitFunction;
  readonly #keyHead: string;
  readonly #basisCheck: BasisCheck;
  readonly #similar: SimilarIndex = createSimilarIndex();
  readonly #failures: LRUCache<string, PatrolError> = new LRUCache({
    max: 1000,
    ttl: UNAVAILABLE_TTL * 1000,
  });

  /** @throws {PatrolError} `RULE_INVALID` for a wrong rule. */
  constructor(options: EngineOptions = {}) {
    this.#options = options;
    this.#cache = options.cache ?? new InMemoryCache<StoredAnalysis>();
    this.#investigator = createInvestigator(options);
    this.#basisCheck = createBasisCheck(options.codeProvider);
    this.#limit = pLimit(options.concurrency ?? 8);
    this.#keyHead = [
      FINGERPRINT_VERSION,
      PROMPT_VERSION,
      options.llmProvider?.model ?? '',
      options.language ?? DEFAULT_LANGUAGE,
    ].join(' ');
  }

  /**
   * Analyses one event, or takes the analysis of an equal one from the cache.
   *
   * @param event - The wire format; also as it came from outside, it is checked here.
   * @throws {PatrolError} `EVENT_INVALID` for a wrong event; `SET_ASIDE` where a rule of the user's says so;
   *   `MODEL_UNAVAILABLE` or `DEADLINE_EXCEEDED` when trying again later makes sense. What trying again cannot mend is a result that says so.
   */
  async processErrorLog(event: ErrorLogEventInput, options: ProcessingOptions = {}): Promise<AnalysisResult> {
    const parsed = parseErrorLogEvent(event);
    const identity = this.#identify(parsed);
    const { setAside } = identity.decision ?? {};
    if (setAside) throw new PatrolError('SET_ASIDE', `Rule "${setAside.rule}": ${setAside.reason}.`);
    const task = { ...identity, event: parsed, options, previous: undefined };
    let { value, cached } = await this.#lookUp(task);
    for (let seen = 1; cached && value.basis && seen < MAX_ANSWERS; seen++) {
      const changed = await this.#basisCheck.changedSince(value.basis, task.repository);
      if (changed === undefined) break;
      // The code that the answer cites is another one now: an answer of its own, beside the old one.
      ({ value, cached } = await this.#lookUp({
        ...task,
        key: `${task.key} ${changed}`,
        previous: value.answer,
      }));
    }
    return { ...value.answer, cached, occurrences: parsed.occurrences };
  }

  /**
   * The analysis of an equal event from this process's memory, at once; undefined where anything has to be waited
   * for, and then {@link processErrorLog} is the way.
   *
   * @throws {PatrolError} `EVENT_INVALID` for a wrong event.
   */
  recall(event: ErrorLogEventInput): AnalysisResult | undefined {
    const parsed = parseErrorLogEvent(event);
    const { key, repository, decision } = this.#identify(parsed);
    if (decision?.setAside) return undefined;
    const value = this.#cache.find(key);
    // Whether code has changed since another commit has to be asked.
    if (!value || (value.basis && value.basis.commit !== repository.commit)) return undefined;
    return { ...value.answer, cached: true, occurrences: parsed.occurrences };
  }

  /** The hash under which an event is kept, and what the user's rules decide about it; undefined where none matches. */
  identify(event: ErrorLogEventInput): {
    readonly errorHash: ErrorHash;
    readonly decision: RuleDecision | undefined;
  } {
    const { hashed, decision } = this.#identify(parseErrorLogEvent(event));
    return { errorHash: hashed.errorHash, decision };
  }

  /** The user's rules come first: they may name the error differently, or have it answered differently. */
  #identify(event: ErrorLogEvent): Identity {
    const decision = this.#options.userRules?.decide(event);
    const hashed = hashErrorLog(event.errorLog, decision?.fingerprint ? decision : event);
    const repository = this.#repositoryOf(event);
    return { decision, hashed, repository, key: this.#cacheKey(hashed.errorHash, repository, decision) };
  }

  #lookUp(task: Task): Promise<Looked<StoredAnalysis>> {
    return this.#cache.getOrCompute(task.key, () => this.#analyseOnce(task), task.options.refresh);
  }

  /** Analyses several events side by side; a failed one is a rejection in its own place, its neighbours unharmed. */
  processErrorBatch(
    events: readonly ErrorLogEventInput[],
    options: ProcessingOptions = {},
  ): Promise<PromiseSettledResult<AnalysisResult>[]> {
    return Promise.allSettled(events.map((event) => this.#limit(() => this.processErrorLog(event, options))));
  }

  /** The result of an event whose analysis failed for good: all that is known without asking anyone. */
  explainFailure(event: ErrorLogEvent, error: unknown): AnalysisResult {
    const { hashed } = this.#identify(event);
    const answer = this.#keep(this.#investigator.explain(event, error), hashed.errorHash);
    return { ...answer, cached: false, occurrences: event.occurrences };
  }

  /** The code around what an analysis of this event cites, for a person to read. Never rejects. */
  async readCitedCode(
    event: Pick<ErrorLogEvent, 'repositoryUrl' | 'service' | 'commit'>,
    evidence: readonly Evidence[],
  ): Promise<CitedCodeFound> {
    const { codeProvider } = this.#options;
    if (!codeProvider || evidence.length === 0) return { code: [], complete: true };
    const { readCitedCode } = await import('./cited-code.ts');
    return readCitedCode(codeProvider, this.#repositoryOf(event), evidence);
  }

  getCacheStats(): CacheStats {
    return this.#cache.stats();
  }

  clearCache(): void {
    this.#cache.clear();
    this.#failures.clear();
  }

  async #analyseOnce(task: Task): Promise<{ value: StoredAnalysis; ttl: Seconds }> {
    const { key, event, hashed, repository, decision, options, previous } = task;
    const failed = options.refresh ? undefined : this.#failures.get(key);
    if (failed) throw failed;
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
    try {
      const verdict = await this.#investigator.investigate(
        event,
        repository,
        { signal, timeoutMs },
        hashed.errorHash,
        {
          decision,
          ...(previous
            ? { previous }
            : { findSimilar: () => (options.refresh ? undefined : this.#findSimilar(task)) }),
        },
      );
      const answer = this.#keep(verdict, hashed.errorHash);
      const { ttl } = answer;
      if (answer.source !== 'llm') return { value: { answer }, ttl };
      if (answer.similarTo === undefined) this.#similar.add(hashed.errorHash, hashed.normalized);
      const basis = await this.#basisCheck.basisOf(answer, repository);
      return { value: { answer, ...(basis && { basis }) }, ttl };
    } catch (thrown) {
      const error = asPatrolError(thrown, signal, timeoutMs);
      // A deadline says nothing about the model: the next caller may have more time.
      if (error.code === 'MODEL_UNAVAILABLE') this.#failures.set(key, error);
      throw error;
    }
  }

  /** The second tier: a model's analysis of an error so near to this one that its answer holds here, too. */
  #findSimilar({ hashed, repository, decision }: Identity): Verdict | undefined {
    const found = this.#similar.find(hashed.normalized);
    const known = found && this.#cache.peek(this.#cacheKey(found.errorHash, repository, decision));
    return known && fromSimilar(known.answer, found.similarity);
  }

  /** A verdict as it is kept. A provisional one makes room soon: people mend a wrong key or model name. */
  #keep({ provisional, ...verdict }: Verdict, errorHash: ErrorHash): AnalysisResult {
    const analyzedAt = (this.#options.now ?? Date.now)();
    const ttl = provisional ? PROVISIONAL_TTL : (this.#options.ttl ?? DEFAULT_TTL);
    const answer: AnalysisResult = {
      ...verdict,
      errorHash,
      fingerprintVersion: FINGERPRINT_VERSION,
      promptVersion: PROMPT_VERSION,
      analyzedAt,
      ttl,
      expiresAt: analyzedAt + ttl * 1000,
      cached: true,
      occurrences: 1,
    };
    // V8 gives each object that is spread a shape of its own, and copies of many shapes are made ten times slower.
    return Object.fromEntries(Object.entries(answer)) as unknown as AnalysisResult;
  }

  #repositoryOf({
    repositoryUrl,
    service,
    commit,
  }: Pick<ErrorLogEvent, 'repositoryUrl' | 'service' | 'commit'>): RepositoryRef {
    const { repositoryUrlMap, defaultRepositoryUrl } = this.#options;
    const mapped =
      service !== undefined && repositoryUrlMap && Object.hasOwn(repositoryUrlMap, service)
        ? repositoryUrlMap[service]
        : undefined;
    const url = repositoryUrl ?? mapped ?? defaultRepositoryUrl;
    if (url === undefined) return commit === undefined ? {} : { commit };
    return commit === undefined ? { repositoryUrl: url } : { repositoryUrl: url, commit };
  }

  /** Everything that could make another answer, except the commit: a deploy that leaves the code alone costs nothing. */
  #cacheKey(
    errorHash: ErrorHash,
    { repositoryUrl = '' }: RepositoryRef,
    decision: RuleDecision | undefined,
  ): string {
    const key = `${this.#keyHead} ${repositoryUrl} ${errorHash}`;
    return decision?.variant ? `${key} ${decision.variant}` : key;
  }
}

function asPatrolError(thrown: unknown, signal: AbortSignal, timeoutMs: Milliseconds): PatrolError {
  if (thrown instanceof PatrolError) return thrown;
  if (signal.aborted) {
    return new PatrolError('DEADLINE_EXCEEDED', `The analysis was given up after at most ${timeoutMs} ms.`, {
      cause: thrown,
      retryable: true,
    });
  }
  return new PatrolError('ANALYSIS_FAILED', `The analysis failed: ${messageOf(thrown)}`, {
    cause: thrown,
    retryable: true,
  });
}
