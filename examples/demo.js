/**
 * `npm run demo`: two small applications take real requests and fail in real ways; their own logs show each
 * analysis behind its error. Without a key the known-error rules and the local source files answer; with
 * OPENAI_API_KEY (and OPENAI_BASE_URL, OPENAI_MODEL) a model does.
 */
import { costOf, countsOf } from './support/summary.js';
import { sendTraffic, startAll } from './support/traffic.js';

const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL = 'gpt-4o-mini' } = process.env;
const withModel = Boolean(OPENAI_API_KEY || OPENAI_BASE_URL);
const print = (line) => process.stdout.write(`${line}\n`);
// A reader that goes away (`| head`) is no reason to leave the applications running.
process.stdout.on('error', () => {});

print(
  withModel
    ? `Analyses come from the known-error rules and from ${OPENAI_MODEL}.`
    : 'Analyses come from the known-error rules and the local source files (no OPENAI_API_KEY).',
);
// Errors of one window are one event with a count; a second is too long to watch.
const { apps, stop } = await startAll({ envOf: () => ({ PATROL_BATCH_INTERVAL: '300' }), print });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(1)));
let complete = false;
try {
  complete = await sendTraffic(apps, { print, patienceMs: withModel ? 60_000 : 15_000 });
} finally {
  await stop();
}

print('');
print('── Summary');
for (const line of [...countsOf(apps), '', ...(await costOf(apps, OPENAI_MODEL))]) print(line);
if (!complete) {
  print('Not every error was analysed in time.');
  process.exitCode = 1;
}
