import { messageOf, PatrolError } from './errors.ts';
import type { Store } from './stores/store.ts';
import type { LLMProvider, Milliseconds } from './types.ts';

/** Limits of what models may be asked, in calls and in US dollars. Undefined: no limit. */
export interface BudgetLimits {
  readonly callsPerHour?: number | undefined;
  readonly callsPerDay?: number | undefined;
  readonly usdPerHour?: number | undefined;
  readonly usdPerDay?: number | undefined;
}

/** Options of {@link withBudget}. */
export interface BudgetOptions {
  readonly limits: BudgetLimits;
  /** Where it is counted: processes that share the store share the budget. */
  readonly store: Store;
  /** Told once when the store cannot be asked: calls are made then, since errors matter more than a limit. */
  readonly onTrouble?: (problem: string) => void;
  /** @defaultValue `Date.now` */
  readonly now?: () => number;
}

const HOUR: Milliseconds = 3_600_000;
const DAY: Milliseconds = 24 * HOUR;

interface Window {
  readonly name: string;
  readonly length: Milliseconds;
  readonly calls: number | undefined;
  readonly usd: number | undefined;
}

/**
 * A model that is asked no more than the budget allows. Hours and days are those of UTC. A call in flight may
 * take the money a little over its limit: what it costs is known only afterwards.
 *
 * Above the budget `complete` rejects with `BUDGET_EXCEEDED`, retryable when the next window opens.
 */
export function withBudget(model: LLMProvider, options: BudgetOptions): LLMProvider {
  const { limits, store, onTrouble, now = Date.now } = options;
  const windows: readonly Window[] = [
    { name: 'hour', length: HOUR, calls: limits.callsPerHour, usd: limits.usdPerHour },
    { name: 'day', length: DAY, calls: limits.callsPerDay, usd: limits.usdPerDay },
  ].filter(({ calls, usd }) => calls !== undefined || usd !== undefined);
  let told = false;

  const add = async (what: 'calls' | 'usd', window: Window, by: number): Promise<number> => {
    const start = Math.floor(now() / window.length);
    try {
      return await store.increment(`budget ${what} ${window.name} ${start}`, by, window.length);
    } catch (error) {
      if (!told) onTrouble?.(`${store.name} cannot be asked: ${messageOf(error)}`);
      told = true;
      return 0;
    }
  };

  const reserve = async (): Promise<void> => {
    for (const window of windows) {
      const { name, length, calls, usd } = window;
      const overCalls = calls !== undefined && (await add('calls', window, 1)) > calls;
      const overUsd = usd !== undefined && (await add('usd', window, 0)) >= usd;
      if (!overCalls && !overUsd) continue;
      const limit = overCalls ? `${calls} calls` : `${usd} US dollars`;
      throw new PatrolError('BUDGET_EXCEEDED', `The budget of ${limit} for this ${name} is used up.`, {
        retryable: true,
        retryAfterMs: length - (now() % length),
      });
    }
  };

  return {
    model: model.model,
    async complete(request, callOptions) {
      await reserve();
      const response = await model.complete(request, callOptions);
      const cost = response.usage?.costUsd ?? 0;
      if (cost > 0) {
        for (const window of windows) if (window.usd !== undefined) await add('usd', window, cost);
      }
      return response;
    },
  };
}
