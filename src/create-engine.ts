import type { Budget, BudgetLimit, BudgetReport } from './budget.ts';
import { InMemoryCache } from './cache.ts';
import type { PatrolConfig } from './config.ts';
import { ErrorAnalysisEngine } from './engine.ts';
import type { EngineOptions, StoredAnalysis } from './engine-options.ts';
import { PatrolError } from './errors.ts';
import { GitHubRepositoryCodeProvider } from './providers/github.ts';
import type { GitHubApp } from './providers/github-client.ts';
import type { Store } from './stores/store.ts';
import type { LLMProvider, Milliseconds, RepositoryCodeProvider } from './types.ts';

/** By how much a lease outlives the analysis that it is for. */
const LEASE_MARGIN_MS: Milliseconds = 10_000;

/** Who is told what the engine has to say of itself. */
export interface EngineListeners {
  /** @defaultValue a warning of the process */
  readonly onBudget?: (report: BudgetReport) => void;
}

/**
 * The one place that turns settings into implementations. The providers load their SDKs at first use, so an
 * engine without a key or a repository loads neither.
 *
 * @throws {PatrolError} `RULE_INVALID` when `rulesFile` cannot be read or holds a wrong rule.
 */
export async function createEngine(
  config: PatrolConfig,
  listeners: EngineListeners = {},
): Promise<ErrorAnalysisEngine> {
  const store = await createStore(config);
  const llmProvider = await createModel(config);
  const budget = llmProvider && (await createBudgetOf(config, store, listeners));
  const codeProvider = await createCodeProvider(config);
  return new ErrorAnalysisEngine({
    cache: await createCache(config, store),
    ...(llmProvider && { llmProvider }),
    ...(budget && { budget }),
    ...(codeProvider && { codeProvider }),
    ...(await loadUserRules(config, store, {
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
    onTrouble: (problem) => warn(`Answers are not shared at the moment: ${problem}.`),
  });
}

async function createStore({ cacheTable, redisUrl }: PatrolConfig): Promise<Store | undefined> {
  if (cacheTable !== undefined) {
    const { createDynamoDbStore } = await import('./stores/dynamodb.ts');
    return createDynamoDbStore({ tableName: cacheTable });
  }
  if (redisUrl === undefined) return undefined;
  const { createRedisStore } = await import('./stores/redis.ts');
  return createRedisStore({ url: redisUrl });
}

/** The model of the settings, whatever it costs; undefined where none is configured. */
export async function createModel(config: PatrolConfig): Promise<LLMProvider | undefined> {
  const { openaiApiKey, openaiBaseUrl, openaiModel, openaiOrgId } = config;
  if (openaiApiKey === undefined && openaiBaseUrl === undefined) return undefined;
  const { OpenAILLMProvider } = await import('./providers/openai.ts');
  return new OpenAILLMProvider({
    model: openaiModel,
    api: config.openaiApi,
    ...(openaiApiKey !== undefined && { apiKey: openaiApiKey }),
    ...(openaiBaseUrl !== undefined && { baseUrl: openaiBaseUrl }),
    ...(openaiOrgId !== undefined && { organization: openaiOrgId }),
  });
}

/** What the settings allow to be spent; undefined where all limits are off. */
async function createBudgetOf(
  config: PatrolConfig,
  store: Store | undefined,
  { onBudget = warnOfBudget }: EngineListeners,
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

/** Local files and git where a source root is given (the application's own process), else GitHub where a repository is allowed. */
async function createCodeProvider(config: PatrolConfig): Promise<RepositoryCodeProvider | undefined> {
  if (config.sourceRoot !== undefined) {
    const { createLocalCodeProvider } = await import('./providers/local-code.ts');
    return createLocalCodeProvider(config.sourceRoot);
  }
  const { defaultRepositoryUrl, repositoryUrlMap, allowedRepositories, githubToken, githubApiUrl } = config;
  const configured = [defaultRepositoryUrl, ...Object.values(repositoryUrlMap)].filter(
    (url) => url !== undefined,
  );
  // With nothing allowed the provider still stands there: it tells, once per analysis, how to allow a repository.
  return new GitHubRepositoryCodeProvider({
    apiUrl: githubApiUrl,
    allowedRepositories: [...allowedRepositories, ...configured],
    ...(githubToken !== undefined && { token: githubToken }),
    ...appOf(config),
  });
}

/** @throws {PatrolError} `CONFIG_INVALID` where one or two of the three settings are given. */
function appOf(config: PatrolConfig): { readonly app?: GitHubApp } {
  const { githubAppId, githubAppPrivateKey, githubAppInstallationId } = config;
  const given = [githubAppId, githubAppPrivateKey, githubAppInstallationId];
  if (given.every((one) => one === undefined)) return {};
  if (!githubAppId || !githubAppPrivateKey || !githubAppInstallationId) {
    throw new PatrolError(
      'CONFIG_INVALID',
      'A GitHub App needs GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_APP_INSTALLATION_ID, all three.',
    );
  }
  return {
    app: { appId: githubAppId, privateKey: githubAppPrivateKey, installationId: githubAppInstallationId },
  };
}

/** The user's rules and what they choose; nothing of it is loaded without a file. */
async function loadUserRules(
  config: PatrolConfig,
  store: Store | undefined,
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
      createModel: (openaiModel) => createModel({ ...config, openaiModel }),
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
