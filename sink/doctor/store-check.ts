import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PatrolConfig } from '../../src/config.ts';
import { createStore } from '../../src/create-engine.ts';
import { messageOf, PatrolError } from '../../src/errors.ts';
import { type Finding, findingsOf } from './finding.ts';
import { TIMEOUT } from './server.ts';

/** The store through which sinks share answers: that it can be written and read. */
export async function checkStore(config: PatrolConfig): Promise<Finding> {
  const found = findingsOf('store');
  const variable = config.cacheTable === undefined ? 'PATROL_REDIS_URL' : 'PATROL_CACHE_TABLE';
  try {
    const store = await createStore(config);
    if (!store) return found.unused('None: each sink keeps its answers in its own memory.');
    const key = `doctor ${randomUUID()}`;
    try {
      const late = sleep(TIMEOUT, undefined, { ref: false }).then(() => {
        throw new PatrolError('DEADLINE_EXCEEDED', `it did not answer within ${TIMEOUT / 1000} s`);
      });
      const work = store.put(key, 'x', 60_000).then(() => store.get(key));
      const value = await Promise.race([work, late]);
      return value === 'x'
        ? found.ok(`${store.name} can be written and read.`)
        : found.failed(`${store.name} does not give back what was written.`, `Check ${variable}.`);
    } finally {
      store.close();
    }
  } catch (error) {
    return found.failed(
      `The store cannot be used: ${messageOf(error)}.`,
      `Check ${variable}, and what its credentials may do.`,
    );
  }
}
