import { describe, expect, it } from 'vitest';
import { type BudgetLimits, withBudget } from '../../src/budget.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { createRedisStore } from '../../src/stores/redis.ts';
import type { LLMProvider } from '../../src/types.ts';

const START = Date.UTC(2026, 0, 1, 22, 30);
const MINUTE = 60_000;
const request = { system: '', user: '', schema: {} };

/** A model that costs ten cents a call. */
const dear: LLMProvider = {
  model: 'dear',
  async complete() {
    const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2, costUsd: 0.1 };
    return { text: '{}', model: 'dear', usage };
  },
};

function setUp(limits: BudgetLimits) {
  const clock = { now: START };
  const store = createMemoryStore({ now: () => clock.now });
  const model = () => withBudget(dear, { limits, store, now: () => clock.now });
  return { clock, model };
}

describe('a budget of calls', () => {
  it('is kept over all who share the store, and opens with the next hour', async () => {
    const { clock, model } = setUp({ callsPerHour: 2 });
    await model().complete(request);
    await model().complete(request);
    await expect(model().complete(request)).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
      retryable: true,
      retryAfterMs: 30 * MINUTE,
    });
    clock.now += 30 * MINUTE;
    await model().complete(request);
  });

  it('of a day outlasts the hour', async () => {
    const { clock, model } = setUp({ callsPerHour: 10, callsPerDay: 1 });
    await model().complete(request);
    clock.now += 60 * MINUTE;
    await expect(model().complete(request)).rejects.toMatchObject({ retryAfterMs: 30 * MINUTE });
    clock.now += 30 * MINUTE;
    await model().complete(request);
  });

  it('of nothing asks nobody', async () => {
    await expect(setUp({ callsPerDay: 0 }).model().complete(request)).rejects.toThrow('0 calls');
  });
});

describe('a budget of money', () => {
  it('ends when the calls made have cost it', async () => {
    const { model } = setUp({ usdPerDay: 0.15 });
    await model().complete(request);
    await model().complete(request);
    await expect(model().complete(request)).rejects.toThrow('0.15 US dollars');
  });
});

describe('a budget whose store is down', () => {
  it('stops nobody, and is said once', async () => {
    const problems: string[] = [];
    const store = createRedisStore({ url: 'redis://127.0.0.1:9', commandTimeout: 200 });
    const onTrouble = (problem: string) => problems.push(problem);
    const model = withBudget(dear, { limits: { callsPerHour: 1 }, store, onTrouble });
    await model.complete(request);
    await model.complete(request);
    expect(problems).toHaveLength(1);
    store.close();
  });
});
