/**
 * `npm run dashboard`: `patrol serve` with its dashboard, and the demo's two applications failing into it until
 * Ctrl-C. Without a key a scripted model stands in for a real one; with OPENAI_API_KEY (and OPENAI_BASE_URL,
 * OPENAI_MODEL) that one is asked. Everything is on loopback, and what it stores is gone afterwards.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModel } from './support/model.js';
import { startServe } from './support/serve.js';
import { keepSending, startAll } from './support/traffic.js';

const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL = 'gpt-4o-mini', PORT } = process.env;
const print = (line) => process.stdout.write(`${line}\n`);
/** What has to be stopped, last started first. */
const started = [];
const stopAll = async () => {
  for (const stop of started.splice(0).reverse()) await stop();
};
const ended = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
});

try {
  const folder = await mkdtemp(join(tmpdir(), 'patrol-dashboard-'));
  started.push(() => rm(folder, { recursive: true, force: true }));
  const env = { OPENAI_MODEL };
  if (OPENAI_API_KEY || OPENAI_BASE_URL) Object.assign(env, { OPENAI_API_KEY, OPENAI_BASE_URL });
  else {
    const model = await startModel();
    started.push(() => model.stop());
    Object.assign(env, { OPENAI_API_KEY: 'on-loopback-any-key-will-do', OPENAI_BASE_URL: model.url });
  }
  const server = await startServe({ folder, env, port: PORT });
  started.push(() => server.stop());
  const { apps, stop } = await startAll({
    envOf: () => ({
      PATROL_SINK_URL: server.url,
      PATROL_ENVIRONMENT: 'demo',
      PATROL_BATCH_INTERVAL: '300',
      PATROL_SPOOL_DIRECTORY: 'off',
    }),
    print: () => {},
  });
  started.push(stop);
  const traffic = keepSending(apps, { everyMs: 2000 });
  started.push(() => traffic.stop());

  print(`The dashboard: ${server.url}`);
  print('Two applications take requests and fail now and then; Ctrl-C ends it all.');
  await ended;
  print('Stopping.');
} finally {
  await stopAll();
}
