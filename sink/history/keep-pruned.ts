import type { Milliseconds } from '../../src/types.ts';
import type { SinkLog } from '../sink-log.ts';
import type { ErrorHistory } from './history.ts';

const EVERY_MS: Milliseconds = 3_600_000;
/** Not among the first things that a server does. */
const FIRST_MS: Milliseconds = 60_000;

/** Has the history forget what is older than its retention, once an hour. */
export function keepPruned(history: ErrorHistory, log: SinkLog): { stop(): void } {
  const prune = (): void => {
    history.prune().then(
      (errors) => errors > 0 && log.info('Forgotten', { errors }),
      (error: unknown) => log.error('History not pruned', error),
    );
  };
  const first = setTimeout(prune, FIRST_MS).unref();
  const timer = setInterval(prune, EVERY_MS).unref();
  return {
    stop() {
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}
