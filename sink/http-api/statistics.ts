import { Hono } from 'hono';
import { LRUCache } from 'lru-cache';
import type { Milliseconds } from '../../src/types.ts';
import type { ErrorHistory, Statistics } from '../history/history.ts';
import type { PeopleEnv } from './person.ts';
import { readRange } from './requests.ts';

/** Many look at the same figures. */
const FRESH_MS: Milliseconds = 5000;

/**
 * `GET /stats?from=&to=&service=`.
 *
 * @param fresh - How long the same figures are not worked out again. @defaultValue 5000
 */
export function statisticsRoutes(history: ErrorHistory, fresh: Milliseconds = FRESH_MS): Hono<PeopleEnv> {
  const recent = new LRUCache<string, Promise<Statistics>>({ max: 50, ttl: fresh });
  return new Hono<PeopleEnv>().get('/', async (context) => {
    const now = Date.now();
    const end = now - (now % fresh) + fresh;
    const { range, service } = readRange(context.req.query(), end);
    const key = JSON.stringify([range, service]);
    const known = recent.get(key);
    if (known) return context.json(await known);
    const asked = history.statistics(range, service === undefined ? {} : { service });
    recent.set(key, asked);
    asked.catch(() => recent.delete(key));
    return context.json(await asked);
  });
}
