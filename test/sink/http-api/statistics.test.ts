import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Statistics } from '../../../sink/history/history.ts';
import { createSqliteHistory } from '../../../sink/history/sqlite.ts';
import { statisticsRoutes } from '../../../sink/http-api/statistics.ts';
import { takenEvent } from '../../support/history-kit.ts';

it('figures that are asked for again and again keep up', async () => {
  const history = createSqliteHistory({ file: ':memory:', gather: 0 });
  const routes = statisticsRoutes(history, 1000);
  const now = Date.now();
  const ask = async () => {
    const response = await routes.request(`/?from=${now - 60_000}&to=${now + 3_600_000}`);
    return ((await response.json()) as Statistics).occurrences;
  };
  await history.take([takenEvent('cart', now)]);
  expect(await ask()).toBe(1);
  await history.take([takenEvent('cart', now)]);
  // Nobody waits for as long as they are kept, but all of them together do.
  for (let times = 0; times < 12; times++) {
    await pause(100);
    await ask();
  }
  expect(await ask()).toBe(2);
  await history.close();
});
