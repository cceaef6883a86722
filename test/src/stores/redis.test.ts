import { afterAll, beforeAll, describe } from 'vitest';
import { createRedisStore } from '../../../src/stores/redis.ts';
import type { Store } from '../../../src/stores/store.ts';
import { redisProgram, startRedis } from '../../support/stores.ts';
import { describesAStore } from './conformance.ts';

let server: Awaited<ReturnType<typeof startRedis>>;
let store: Store;

// Runs where a Redis or Valkey server is installed; the kit runs against the other stores everywhere.
describe.skipIf(redisProgram === undefined)('a Redis server', () => {
  beforeAll(async () => {
    server = await startRedis();
    store = createRedisStore({ url: server.url });
  });
  afterAll(async () => {
    store.close();
    await server.stop();
  });

  describesAStore(() => store);
});
