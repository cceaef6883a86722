import { afterAll, beforeAll, describe } from 'vitest';
import { createRedisStore } from '../../../src/stores/redis.ts';
import type { Store } from '../../../src/stores/store.ts';
import { startRedis } from '../../support/stores.ts';
import { describesAStore } from './conformance.ts';

let server: Awaited<ReturnType<typeof startRedis>>;
let store: Store;

beforeAll(async () => {
  server = await startRedis();
  store = createRedisStore({ url: server.url });
});
afterAll(async () => {
  store.close();
  await server.stop();
});

describe('a Redis server', () => {
  describesAStore(() => store);
});
