import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PatrolError } from '../../src/errors.ts';
import { SharedCache } from '../../src/shared-cache.ts';
import { createDynamoDbStore } from '../../src/stores/dynamodb.ts';
import { createRedisStore } from '../../src/stores/redis.ts';
import type { Store } from '../../src/stores/store.ts';
import { startDynamoDb } from '../support/stores.ts';

interface Answer {
  readonly by: string;
}

let server: Awaited<ReturnType<typeof startDynamoDb>>;
let store: Store;
const before = { ...process.env };

beforeAll(async () => {
  server = await startDynamoDb();
  Object.assign(process.env, server.env);
  store = createDynamoDbStore({ tableName: server.tableName });
});
afterAll(async () => {
  store.close();
  await server.stop();
  process.env = before;
});

/** What one process has: its own memory, the common store. */
const aProcess = (leaseTime = 60_000) => new SharedCache<Answer>({ store, leaseTime });
const answers =
  (by: string, afterMs = 0) =>
  async () => {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    return { value: { by } };
  };
const hangs = () => new Promise<never>(() => {});
/** How many computed; on a busy machine a late one finds the answer already. */
const computed = (settled: readonly PromiseSettledResult<{ readonly cached: boolean }>[]) =>
  settled.filter((one) => one.status === 'fulfilled' && !one.value.cached).length;
const code = (error: unknown) => (error instanceof PatrolError ? error.code : error);

describe('processes that share a store', () => {
  it('compute once what many meet at the same time; the others are told', async () => {
    const key = randomUUID();
    const settled = await Promise.allSettled(
      Array.from({ length: 24 }, (_, index) => aProcess().getOrCompute(key, answers(String(index), 100))),
    );
    const lost = settled.filter((one) => one.status === 'rejected');
    expect(computed(settled)).toBe(1);
    expect(new Set(lost.map(({ reason }) => code(reason)))).toEqual(new Set(['ANALYSED_ELSEWHERE']));
  });

  it('find the answer afterwards, as a cached one', async () => {
    const key = randomUUID();
    await aProcess().getOrCompute(key, answers('a'));
    expect(await aProcess().getOrCompute(key, hangs)).toEqual({ value: { by: 'a' }, cached: true });
  });

  it('share one computation within a process as before', async () => {
    const [key, one] = [randomUUID(), aProcess()];
    const [first, second] = await Promise.all([
      one.getOrCompute(key, answers('a', 50)),
      one.getOrCompute(key, hangs),
    ]);
    expect([first.cached, second.cached]).toEqual([false, true]);
  });

  it('compute again on request, for all', async () => {
    const key = randomUUID();
    await aProcess().getOrCompute(key, answers('old'));
    await aProcess().getOrCompute(key, answers('new'), true);
    expect((await aProcess().getOrCompute(key, hangs)).value).toEqual({ by: 'new' });
  });
});

describe('an owner that was killed', () => {
  it('is followed by one other when its lease is over', async () => {
    const key = randomUUID();
    void aProcess(200).getOrCompute(key, hangs);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(aProcess().getOrCompute(key, answers('early'))).rejects.toMatchObject({
      code: 'ANALYSED_ELSEWHERE',
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    const settled = await Promise.allSettled(
      Array.from({ length: 8 }, () => aProcess().getOrCompute(key, answers('next', 50))),
    );
    expect(computed(settled)).toBe(1);
  });

  it('writes over nobody when it was only slow', async () => {
    const key = randomUUID();
    const slow = aProcess(100).getOrCompute(key, answers('slow', 400));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await aProcess().getOrCompute(key, answers('next'));
    expect(await slow).toEqual({ value: { by: 'next' }, cached: true });
  });
});

describe('a failure', () => {
  const busy = () =>
    Promise.reject(new PatrolError('MODEL_UNAVAILABLE', 'busy', { retryable: true, retryAfterMs: 60_000 }));

  it('that may pass is known to all for as long as the other side asked', async () => {
    const key = randomUUID();
    await expect(aProcess().getOrCompute(key, busy)).rejects.toThrow('busy');
    const told = await aProcess()
      .getOrCompute(key, hangs)
      .catch((error: unknown) => error);
    expect(told).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
    expect((told as PatrolError).retryAfterMs).toBeGreaterThan(50_000);
  });

  it('of another kind frees the key', async () => {
    const key = randomUUID();
    await expect(aProcess().getOrCompute(key, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect((await aProcess().getOrCompute(key, answers('a'))).value).toEqual({ by: 'a' });
  });
});

describe('a store that is down', () => {
  it('leaves each process to itself, with one warning', async () => {
    const warnings: string[] = [];
    const down = createRedisStore({ url: 'redis://127.0.0.1:9', commandTimeout: 200 });
    const one = new SharedCache<Answer>({
      store: down,
      leaseTime: 1000,
      onTrouble: (problem) => warnings.push(problem),
    });
    expect((await one.getOrCompute('a', answers('a'))).value).toEqual({ by: 'a' });
    expect((await one.getOrCompute('b', answers('b'))).value).toEqual({ by: 'b' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('redis');
    down.close();
  });
});
