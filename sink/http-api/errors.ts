import { type Context, Hono } from 'hono';
import { PatrolError } from '../../src/errors.ts';
import type { ErrorHash } from '../../src/types.ts';
import { ConflictError, type ErrorHistory } from '../history/history.ts';
import { stepFor } from '../history/steps.ts';
import { readJson, refuse } from './answers.ts';
import type { PeopleEnv } from './person.ts';
import { readAction, readErrorQuery, readRange } from './requests.ts';
import type { Updates } from './updates.ts';

/** `/errors`: the list, one error, its occurrences, and what people do to it. */
export function errorRoutes(history: ErrorHistory, updates: Updates): Hono<PeopleEnv> {
  return new Hono<PeopleEnv>()
    .get('/', async (context) => context.json(await history.list(readErrorQuery(context.req.query()))))
    .get('/:hash', async (context) => {
      const details = await history.find(readHash(context.req.param('hash')));
      return details ? context.json(details) : noSuchError(context);
    })
    .get('/:hash/occurrences', async (context) => {
      const now = Date.now();
      const { range, step = stepFor(range, now) } = readRange(context.req.query(), now);
      const buckets = await history.occurrences(readHash(context.req.param('hash')), range, step);
      return context.json({ range, step, buckets });
    })
    .post('/:hash/actions', async (context) => {
      const hash = readHash(context.req.param('hash'));
      const { action, version } = readAction(await readJson(context), Date.now());
      try {
        const summary = await history.act(hash, action, context.get('person').name, version);
        updates.changed(hash, 'acted');
        return context.json(summary);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const { code, message, current } = error;
        return context.json({ error: { code, message }, current }, 409);
      }
    });
}

/** The answer where nothing is known of a hash. */
export function noSuchError(context: Context): Response {
  return refuse(context, 404, 'NOT_FOUND', 'There is no error with this hash.');
}

/** @throws {PatrolError} `REQUEST_INVALID` for what is no hash. */
export function readHash(hash: string): ErrorHash {
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new PatrolError(
    'REQUEST_INVALID',
    'Expected the hash of an error: 64 hexadecimal digits in small letters.',
  );
}
