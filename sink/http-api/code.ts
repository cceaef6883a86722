import { Hono } from 'hono';
import { LRUCache } from 'lru-cache';
import type { CitedCodeFound } from '../../src/code-provider.ts';
import type { Milliseconds } from '../../src/types.ts';
import type { ErrorDetails, ErrorHistory } from '../history/history.ts';
import type { Sink } from '../sink.ts';
import { noSuchError, readHash } from './errors.ts';
import type { PeopleEnv } from './person.ts';

/** Answers that are kept: several people look at the same few errors. */
const MAX_KEPT = 50;
/** Not for ever: files that lie on this machine change. */
const FRESH_MS: Milliseconds = 300_000;
/** A code host that could not be reached is not asked again by every look at the page. */
const AGAIN_MS: Milliseconds = 15_000;

/** `GET /errors/:hash/code`: the source around what the latest analysis cites; an empty list where none can be read. */
export function codeRoutes(history: ErrorHistory, readCitedCode: Sink['readCitedCode']): Hono<PeopleEnv> {
  const kept = new LRUCache<string, Promise<CitedCodeFound>>({ max: MAX_KEPT, ttl: FRESH_MS });

  const read = (details: ErrorDetails): Promise<CitedCodeFound> => {
    const { errorHash, samples } = details;
    const [{ evidence, analyzedAt } = { evidence: [], analyzedAt: 0 }] = details.analyses;
    const event = samples.find(({ repositoryUrl }) => repositoryUrl !== undefined) ?? samples[0];
    if (!readCitedCode || !event) return Promise.resolve({ code: [], complete: true });
    const { repositoryUrl, service } = event;
    const key = JSON.stringify([errorHash, analyzedAt, repositoryUrl, service]);
    const known = kept.get(key);
    if (known) return known;
    const asked = readCitedCode(event, evidence);
    kept.set(key, asked);
    asked.then(
      ({ complete }) => {
        if (!complete) kept.set(key, asked, { ttl: AGAIN_MS });
      },
      () => kept.delete(key),
    );
    return asked;
  };

  return new Hono<PeopleEnv>().get('/:hash/code', async (context) => {
    const details = await history.find(readHash(context.req.param('hash')));
    return details ? context.json({ code: (await read(details)).code }) : noSuchError(context);
  });
}
