import { LRUCache } from 'lru-cache';
import type { Budget } from '../budget.ts';
import type { EngineOptions, ModelChoice } from '../engine-options.ts';
import type { Store } from '../stores/store.ts';
import type { LLMProvider } from '../types.ts';
import type { RuleBudget } from './user-rule.ts';

/** Models and budgets that are kept; a reload of the rules may bring others. */
const MAX_CHOICES = 200;

/** What {@link createModelChooser} chooses from. */
export interface ModelChooserOptions {
  /** Makes a model by its name. */
  readonly createModel: (model: string) => Promise<LLMProvider | undefined>;
  /** The model and the budget where no rule says otherwise. */
  readonly usual: Pick<EngineOptions, 'llmProvider' | 'budget'>;
  /** Where budgets are counted: processes that share the store share the budgets. */
  readonly store: Store;
  readonly onTrouble: (problem: string) => void;
}

/** Makes the function that finds the model and the budget for what a rule decided. */
export function createModelChooser(options: ModelChooserOptions): NonNullable<EngineOptions['modelFor']> {
  const { createModel, usual, store, onTrouble } = options;
  const models = new LRUCache<string, Promise<LLMProvider | undefined>>({ max: MAX_CHOICES });
  const budgets = new LRUCache<string, Promise<Budget>>({ max: MAX_CHOICES });

  const modelOf = (name: string) => kept(models, name, () => createModel(name));
  const budgetOf = (budget: RuleBudget & { readonly rule: string }) =>
    kept(budgets, JSON.stringify(budget), async () => {
      const { createBudget } = await import('../budget.ts');
      return createBudget({
        limits: {
          hour: { calls: budget.callsPerHour, usd: budget.usdPerHour },
          day: { calls: budget.callsPerDay, usd: budget.usdPerDay },
        },
        store: prefixed(store, `rule ${budget.rule} `),
        onTrouble,
      });
    });

  return async ({ model, budget }: ModelChoice) => {
    const llmProvider = model === undefined ? usual.llmProvider : await modelOf(model);
    const own = budget && (await budgetOf(budget));
    const both = own && usual.budget ? bothOf(own, usual.budget) : (own ?? usual.budget);
    return { ...(llmProvider && { llmProvider }), ...(both && { budget: both }) };
  };
}

/** What could not be made is tried again by the next who asks: a secret may be readable by then. */
function kept<T>(cache: LRUCache<string, Promise<T>>, key: string, create: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const made = create();
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  return made;
}

/** The same store, in which nobody else counts under the same keys. */
function prefixed(store: Store, prefix: string): Store {
  return {
    name: store.name,
    get: (key) => store.get(prefix + key),
    put: (key, value, ttl) => store.put(prefix + key, value, ttl),
    putIfAbsent: (key, value, ttl) => store.putIfAbsent(prefix + key, value, ttl),
    replace: (key, expected, value, ttl) => store.replace(prefix + key, expected, value, ttl),
    remove: (key, expected) => store.remove(prefix + key, expected),
    increment: (key, by, ttl) => store.increment(prefix + key, by, ttl),
    close: () => store.close(),
  };
}

/** A call must be within both. */
function bothOf(first: Budget, second: Budget): Budget {
  return {
    async reserve(errorHash, eventId) {
      const one = await first.reserve(errorHash, eventId);
      try {
        const other = await second.reserve(errorHash, eventId);
        return {
          spendOn: (model) => one.spendOn(other.spendOn(model)),
          async release() {
            await Promise.all([one.release(), other.release()]);
          },
        };
      } catch (error) {
        await one.release();
        throw error;
      }
    },
  };
}
