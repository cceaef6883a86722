import { Hono } from 'hono';
import { LRUCache } from 'lru-cache';
import type { Milliseconds } from '../../src/types.ts';
import type { ErrorHistory, Statistics } from '../history/history.ts';
import type { PeopleEnv } from './person.ts';
import { readRange } from './requests.ts';

/** Many look at the same figures: for this long they are not worked out again. */
const FRESH_MS: Milliseconds = 5000;

/** `GET /stats?from=&to=&service=`. */
export function statisticsRoutes(history: ErrorHistory): Hono<PeopleEnv> {
  const recent = new LRUCache<string, Promise<Statistics>>({ max: 50, ttl: FRESH_MS });
  return new Hono<PeopleEnv>().get('/', async (context) => {
    const now = Date.now();
    const end = now - (now % FRESH_MS) + FRESH_MS;
    const { range, service } = readRange(context.req.query(), end);
    const key = JSON.stringify([range, service]);
    const known = recent.get(key) ?? history.statistics(range, service === undefined ? {} : { service });
    recent.set(key, known);
    known.catch(() => recent.delete(key));
    return context.json(await known);
  });
}
