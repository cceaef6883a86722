import { describe, expect, it } from 'vitest';
import { type BudgetLimits, type BudgetReport, createBudget } from '../../src/budget.ts';
import { ErrorAnalysisEngine } from '../../src/engine.ts';
import { PatrolError } from '../../src/errors.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { createRedisStore } from '../../src/stores/redis.ts';
import type { LLMProvider, RepositoryCodeProvider } from '../../src/types.ts';

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
const failing = (error: PatrolError): LLMProvider => ({
  model: 'failing',
  complete: () => Promise.reject(error),
});

function setUp(limits: BudgetLimits) {
  const clock = { now: START };
  const store = createMemoryStore({ now: () => clock.now });
  const reports: BudgetReport[] = [];
  /** One of several processes. */
  const startProcess = () => {
    const onReport = (report: BudgetReport) => reports.push(report);
    const budget = createBudget({ limits, store, onReport, now: () => clock.now });
    let events = 0;
    return async (error = 'an error', eventId = `event ${events++}`, model = dear) => {
      const reserved = await budget.reserve(error, eventId);
      await reserved
        .spendOn(model)
        .complete(request)
        .finally(() => reserved.release());
    };
  };
  return { clock, reports, startProcess, call: startProcess() };
}

describe('a budget of calls', () => {
  it('is kept over all who share the store, and opens with the next hour', async () => {
    const { clock, startProcess } = setUp({ hour: { calls: 2 } });
    await startProcess()();
    await startProcess()();
    await expect(startProcess()()).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
      retryable: true,
      retryAfterMs: 30 * MINUTE,
    });
    clock.now += 30 * MINUTE;
    await startProcess()();
  });

  it('of a day outlasts the hour', async () => {
    const { clock, call } = setUp({ hour: { calls: 10 }, day: { calls: 1 } });
    await call();
    clock.now += 60 * MINUTE;
    await expect(call()).rejects.toMatchObject({ retryAfterMs: 30 * MINUTE });
    clock.now += 30 * MINUTE;
    await call();
  });

  it('for one error leaves the other errors theirs', async () => {
    const { call } = setUp({ error: { calls: 1 }, hour: { calls: 3 } });
    await call('one');
    for (let time = 0; time < 5; time++) await call('one').catch(() => {});
    await call('another');
    await call('a third');
    await expect(call('a fourth')).rejects.toThrow('3 calls in an hour');
  });

  it('of nothing asks nobody', async () => {
    await expect(setUp({ day: { calls: 0 } }).call()).rejects.toThrow('0 calls');
  });

  it('counts a second call for the same error, too', async () => {
    const { clock } = setUp({});
    const budget = createBudget({
      limits: { hour: { calls: 1 } },
      store: createMemoryStore(),
      now: () => clock.now,
    });
    const model = (await budget.reserve('an error', 'event')).spendOn(dear);
    await model.complete(request);
    await expect(model.complete(request)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  });

  it.each(['MODEL_UNAVAILABLE', 'MODEL_REJECTED'] as const)(
    'is not touched by a call that the server turned away: %s',
    async (code) => {
      const { call } = setUp({ day: { calls: 1 } });
      for (let time = 0; time < 5; time++) {
        const away = failing(new PatrolError(code, 'no'));
        await expect(call('an error', 'event', away)).rejects.toMatchObject({ code });
      }
      await call();
    },
  );

  it('counts a call whose answer could not be used', async () => {
    const { call } = setUp({ day: { calls: 1 } });
    await call('an error', 'event', failing(new PatrolError('MODEL_ANSWER_INVALID', 'no'))).catch(() => {});
    await expect(call()).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  });
});

describe('a budget of money', () => {
  it('ends when the calls made have cost it', async () => {
    const { call } = setUp({ day: { usd: 0.15 } });
    await call();
    await call();
    await expect(call()).rejects.toThrow('0.15 US dollars');
  });

  it('for one error ends for that error alone', async () => {
    const { call } = setUp({ error: { usd: 0.05 } });
    await call('one');
    await expect(call('one')).rejects.toThrow('0.05 US dollars for one error in a day');
    await call('another');
  });
});

describe('above the budget', () => {
  it('one event of each error waits, however often it comes again; the others are occurrences', async () => {
    const { clock, call } = setUp({ hour: { calls: 0 } });
    await expect(call('one', 'first')).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
    await expect(call('one', 'second')).rejects.toMatchObject({ code: 'ANALYSED_ELSEWHERE' });
    clock.now += 15 * MINUTE;
    await expect(call('one', 'first')).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
    await expect(call('other', 'third')).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  });

  it('it is told once a window, over all processes, how many errors wait and until when', async () => {
    const { clock, reports, startProcess } = setUp({ hour: { calls: 1 } });
    const [one, other] = [startProcess(), startProcess()];
    await one('zero');
    for (const error of ['one', 'two', 'one']) {
      await one(error).catch(() => {});
      await other(error).catch(() => {});
    }
    const until = START + 30 * MINUTE;
    expect(reports).toEqual([{ kind: 'used-up', limit: '1 call in an hour', until, errors: 1 }]);
    clock.now = until;
    await one('one');
    await other('two').catch(() => {});
    expect(reports.slice(1)).toEqual([
      { kind: 'open-again', limit: '1 call in an hour', until, errors: 2 },
      { kind: 'used-up', limit: '1 call in an hour', until: until + 60 * MINUTE, errors: 1 },
    ]);
  });

  it('no code is fetched', async () => {
    const asked: string[] = [];
    const codeProvider: RepositoryCodeProvider = {
      name: 'a code host',
      assertAllowed: () => {},
      locate: async (_, path) => {
        asked.push(path);
        return undefined;
      },
      readFile: async () => undefined,
    };
    const budget = createBudget({ limits: { day: { calls: 0 } }, store: createMemoryStore() });
    const errorLog = {
      message: 'cart is not priced',
      stackTrace: 'Error: x\n    at f (/app/src/cart.js:1:1)',
    };
    const event = { errorLog, repositoryUrl: 'https://github.com/acme/shop' };
    const engine = new ErrorAnalysisEngine({ llmProvider: dear, codeProvider, budget });
    await expect(engine.processErrorLog(event)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect(asked).toEqual([]);
  });
});

describe('a budget whose store is down', () => {
  it('stops nobody, and is said once', async () => {
    const problems: string[] = [];
    const store = createRedisStore({ url: 'redis://127.0.0.1:9', commandTimeout: 200 });
    const onTrouble = (problem: string) => problems.push(problem);
    const budget = createBudget({ limits: { hour: { calls: 1 } }, store, onTrouble });
    for (const event of ['first', 'second']) {
      await (await budget.reserve('an error', event)).spendOn(dear).complete(request);
    }
    expect(problems).toHaveLength(1);
    store.close();
  });
});
