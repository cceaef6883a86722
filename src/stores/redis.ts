import type { Redis } from 'ioredis';
import { loadOptional } from '../optional-package.ts';
import type { Milliseconds } from '../types.ts';
import type { Store } from './store.ts';

/** Options of {@link createRedisStore}. */
export interface RedisStoreOptions {
  /** `redis://` or `rediss://`, with user and password where the server wants them. */
  readonly url: string;
  /** Put before every key. @defaultValue `patrol:` */
  readonly keyPrefix?: string;
  /** Time for one command. @defaultValue 2000 */
  readonly commandTimeout?: Milliseconds;
}

/** Redis compares and writes in one step only within a script. */
const REPLACE = `if redis.call('get', KEYS[1]) == ARGV[1] then
  redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1 end return 0`;
const REMOVE = `if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end return 1`;
const INCREMENT = `local sum = redis.call('incrbyfloat', KEYS[1], ARGV[1])
if redis.call('pttl', KEYS[1]) < 0 then redis.call('pexpire', KEYS[1], ARGV[2]) end return sum`;

/** A store on Redis or Valkey; loads `ioredis` at first use. */
export function createRedisStore(options: RedisStoreOptions): Store {
  const { url, keyPrefix = 'patrol:', commandTimeout = 2000 } = options;
  let connection: Promise<Redis> | undefined;
  const connect = () => {
    connection ??= open(url, commandTimeout);
    return connection;
  };
  const at = (key: string) => keyPrefix + key;

  return {
    name: 'redis',
    async get(key) {
      return (await (await connect()).get(at(key))) ?? undefined;
    },
    async put(key, value, ttl) {
      await (await connect()).set(at(key), value, 'PX', ttl);
    },
    async putIfAbsent(key, value, ttl) {
      return (await (await connect()).set(at(key), value, 'PX', ttl, 'NX')) === 'OK';
    },
    async replace(key, expected, value, ttl) {
      return (await (await connect()).eval(REPLACE, 1, at(key), expected, value, ttl)) === 1;
    },
    async remove(key, expected) {
      await (await connect()).eval(REMOVE, 1, at(key), expected);
    },
    async increment(key, by, ttl) {
      return Number(await (await connect()).eval(INCREMENT, 1, at(key), by, ttl));
    },
    close() {
      connection?.then(
        (redis) => redis.disconnect(),
        () => {},
      );
    },
  };
}

async function open(url: string, commandTimeout: Milliseconds): Promise<Redis> {
  // The default export is what Node and bundlers agree on for a CommonJS package.
  const ioredis = await loadOptional('ioredis', 'PATROL_REDIS_URL', () => import('ioredis'));
  const { Redis } = ioredis.default;
  const redis = new Redis(url, {
    commandTimeout,
    connectTimeout: commandTimeout,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(times * 200, 5000),
  });
  // Without a listener an unreachable server would be an uncaught error; the command that needed it rejects anyway.
  redis.on('error', () => {});
  return redis;
}
