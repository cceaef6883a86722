import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ErrorPage } from '../../../sink/history/history.ts';
import { createSqliteHistory } from '../../../sink/history/sqlite.ts';
import { errorEvent } from '../../support/events.ts';
import { type ServeProcess, startServe } from '../../support/serve.ts';

let folder: string;
let file: string;
let server: ServeProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-kill-'));
  file = join(folder, 'history.db');
});
afterEach(async () => {
  await server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const start = async () => {
  server = await startServe({ PATROL_HISTORY_FILE: file });
};

/** Names that are alike to nobody: digits would be masked, and make one error of all. */
const wordOf = (number: number) =>
  [...String(number).padStart(4, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('');

const batchOf = (first: number, size: number) =>
  Array.from({ length: size }, (_, index) =>
    errorEvent({
      eventId: `event-${first + index}`,
      occurrences: 1 + (index % 3),
      errorLog: { name: 'KillError', message: `the ${wordOf((first + index) % 50)} part broke` },
    }),
  );

async function counted(): Promise<number> {
  const page = (await (await fetch(`${server.url}/v1/errors?limit=200`)).json()) as ErrorPage;
  return page.errors.reduce((sum, { occurrences }) => sum + occurrences, 0);
}

it('a killed server has lost no acknowledged occurrence, and analyses at its next start what it had not', async () => {
  let [acknowledged, sent, stop] = [0, 0, false];
  const send = async (sender: number) => {
    for (let round = 0; !stop; round++) {
      const batch = batchOf((sender * 1000 + round) * 20, 20);
      const occurrences = batch.reduce((sum, event) => sum + Number(event.occurrences), 0);
      sent += occurrences;
      const response = await fetch(`${server.url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(batch),
      }).catch(() => undefined);
      if (response?.status === 202) acknowledged += occurrences;
      // Too much waits, or the server is gone.
      else await new Promise((go) => setTimeout(go, 50));
    }
  };

  for (const round of [1, 2]) {
    await start();
    stop = false;
    const before = acknowledged;
    const senders = [1, 2, 3].map((sender) => send(10 * round + sender));
    while (acknowledged < before + 300) await new Promise((go) => setTimeout(go, 5));
    await server.kill('SIGKILL');
    stop = true;
    await Promise.all(senders);
  }

  await start();
  const total = await counted();
  expect(total).toBeGreaterThanOrEqual(acknowledged);
  expect(total).toBeLessThanOrEqual(sent);

  // It ends when it has done what it resumed.
  await server.kill('SIGTERM');
  const history = createSqliteHistory({ file });
  expect(await history.unanalysed(10)).toEqual([]);
  const { errors } = await history.list({ limit: 200 });
  expect(errors.filter(({ source }) => source === undefined)).toEqual([]);
  await history.close();
});
