import type { Budget, BudgetLimit, BudgetReport } from './budget.ts';
import { InMemoryCache } from './cache.ts';
import type { PatrolConfig } from './config.ts';
import { createCodeProvider, createModel, type Keys } from './create-providers.ts';
import { ErrorAnalysisEngine } from './engine.ts';
import type { EngineOptions, StoredAnalysis } from './engine-options.ts';
import type { Store } from './stores/store.ts';
import type { LLMProvider, Milliseconds } from './types.ts';

/** By how much a lease outlives the analysis that it is for. */
const LEASE_MARGIN_MS: Milliseconds = 10_000;

/** What a process that lives long gives an engine beside its settings. */
export interface EngineSurroundings {
  /** Told when a budget is used up, and when it opens again. @defaultValue a warning of the process */
  readonly onBudget?: (report: BudgetReport) => void;
  /** Told of each answer that another process had computed. */
  readonly onSharedHit?: () => void;
  /** Where keys come from that are changed meanwhile; the settings hold what they were at the start. */
  readonly keys?: Keys;
  /** A model to ask in place of that of the settings. */
  readonly llmProvider?: LLMProvider;
  /** @defaultValue the one that the settings name */
  readonly store?: Store | undefined;
}

/**
 * The one place that turns settings into implementations. The providers load their SDKs at first use, so an
 * engine without a key or a repository loads neither.
 *
 * @throws {PatrolError} `RULE_INVALID` when `rulesFile` cannot be read or holds a wrong rule.
 */
export async function createEngine(
  config: PatrolConfig,
  surroundings: EngineSurroundings = {},
): Promise<ErrorAnalysisEngine> {
  const store = surroundings.store ?? (await createStore(config));
  const llmProvider = surroundings.llmProvider ?? (await createModel(config, surroundings.keys));
  const budget = llmProvider && (await createBudgetOf(config, store, surroundings));
  const codeProvider = await createCodeProvider(config, surroundings.keys);
  return new ErrorAnalysisEngine({
    cache: await createCache(config, store, surroundings),
    ...(llmProvider && { llmProvider }),
    ...(budget && { budget }),
    ...(codeProvider && { codeProvider }),
    ...(await loadUserRules(config, store, surroundings.keys, {
      ...(llmProvider && { llmProvider }),
      ...(budget && { budget }),
    })),
    ...(config.defaultRepositoryUrl !== undefined && { defaultRepositoryUrl: config.defaultRepositoryUrl }),
    repositoryUrlMap: config.repositoryUrlMap,
    pathMappings: config.pathMappings,
    codeLimits: {
      lines: config.codeContextLines,
      locations: config.maxCodeLocations,
      characters: config.maxRepositoryContextChars,
    },
    language: config.language,
    ttl: config.cacheTtl,
    timeoutMs: config.modelTimeout,
  });
}

/** In memory; with a table or a Redis server behind it, shared with other processes. */
async function createCache(
  config: PatrolConfig,
  store: Store | undefined,
  { onSharedHit }: EngineSurroundings,
): Promise<InMemoryCache<StoredAnalysis>> {
  const options = {
    maxSize: config.cacheMaxSize,
    evictionPolicy: config.cacheEvictionPolicy,
    ttl: config.cacheTtl,
  };
  if (!store) return new InMemoryCache<StoredAnalysis>(options);
  const { SharedCache } = await import('./shared-cache.ts');
  return new SharedCache<StoredAnalysis>({
    ...options,
    store,
    leaseTime: config.modelTimeout + LEASE_MARGIN_MS,
    ...(onSharedHit && { onSharedHit }),
    onTrouble: (problem) => warn(`Answers are not shared at the moment: ${problem}.`),
  });
}

/** The store that the settings share between processes; undefined where they name none. */
export async function createStore({ cacheTable, redisUrl }: PatrolConfig): Promise<Store | undefined> {
  if (cacheTable !== undefined) {
    const { createDynamoDbStore } = await import('./stores/dynamodb.ts');
    return createDynamoDbStore({ tableName: cacheTable });
  }
  if (redisUrl === undefined) return undefined;
  const { createRedisStore } = await import('./stores/redis.ts');
  return createRedisStore({ url: redisUrl });
}

/** What the settings allow to be spent; undefined where all limits are off. */
async function createBudgetOf(
  config: PatrolConfig,
  store: Store | undefined,
  { onBudget = warnOfBudget }: EngineSurroundings,
): Promise<Budget | undefined> {
  const limit = (calls: number | false, usd: number | false): BudgetLimit => ({
    ...(calls !== false && { calls }),
    ...(usd !== false && { usd }),
  });
  const limits = {
    error: limit(config.budgetCallsPerError, config.budgetUsdPerError),
    hour: limit(config.budgetCallsPerHour, config.budgetUsdPerHour),
    day: limit(config.budgetCallsPerDay, config.budgetUsdPerDay),
  };
  if (Object.values(limits).every((one) => Object.keys(one).length === 0)) return undefined;
  const [{ createBudget }, { createMemoryStore }] = await Promise.all([
    import('./budget.ts'),
    import('./stores/memory.ts'),
  ]);
  return createBudget({
    limits,
    store: store ?? createMemoryStore(),
    onReport: onBudget,
    onTrouble: (problem) => warn(`The budget is not counted at the moment: ${problem}.`),
  });
}

/** The user's rules and what they choose; nothing of it is loaded without a file. */
async function loadUserRules(
  config: PatrolConfig,
  store: Store | undefined,
  keys: Keys | undefined,
  usual: Pick<EngineOptions, 'llmProvider' | 'budget'>,
): Promise<Pick<EngineOptions, 'userRules' | 'modelFor'>> {
  if (config.rulesFile === undefined) return {};
  const [{ loadRules }, { createModelChooser }, { createMemoryStore }] = await Promise.all([
    import('./user-rules/load-rules.ts'),
    import('./user-rules/model-choice.ts'),
    import('./stores/memory.ts'),
  ]);
  return {
    userRules: await loadRules(config.rulesFile, { onProblem: warn }),
    modelFor: createModelChooser({
      createModel: (openaiModel) => createModel({ ...config, openaiModel }, keys),
      usual,
      store: store ?? createMemoryStore(),
      onTrouble: (problem) => warn(`The budget of a rule is not counted at the moment: ${problem}.`),
    }),
  };
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'PatrolWarning' });
}

function warnOfBudget({ kind, limit, until }: BudgetReport): void {
  if (kind === 'open-again') return;
  const time = new Date(until).toISOString();
  warn(`The model's budget of ${limit} is used up: new errors are not analysed until ${time}.`);
}
