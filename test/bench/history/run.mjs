/**
 * `npm run bench:history`: 1,000,000 events of 100,000 distinct errors go into the embedded store, offered at
 * 5,000 a second, then every page is asked for on that store and on an empty one. `--events`, `--errors`, `--rate`;
 * `--hours 24` dates them over the last day.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createSqliteHistory } from '../../../dist/sink/history/sqlite.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    errors: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '5000' },
    hours: { type: 'string', default: '0' },
  },
});
const [EVENTS, ERRORS, RATE] = [Number(values.events), Number(values.errors), Number(values.rate)];
const SPREAD_MS = Number(values.hours) * 3_600_000;
/** What a busy server is given at once: the events of one request of a transport. */
const BATCH = 50;

const folder = mkdtempSync(join(tmpdir(), 'patrol-bench-'));
const file = join(folder, 'history.db');
const history = createSqliteHistory({ file });
const results = new Map();

try {
  const feeding = await feed();
  const full = await timePages(history);
  const empty = createSqliteHistory({ file: join(folder, 'empty.db') });
  const base = await timePages(empty);
  await empty.close();
  report(feeding, full, base);
} finally {
  await history.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Offers what is due by the clock, whether or not the store has done with what it has. */
async function feed() {
  const began = performance.now();
  const used = process.cpuUsage();
  let [offered, taken, behind] = [0, 0, 0];
  const waiting = new Set();
  const delays = [];
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  stalls.enable();
  while (offered < EVENTS) {
    const due = Math.min(EVENTS, ((performance.now() - began) / 1000) * RATE);
    while (offered + BATCH <= due || (due === EVENTS && offered < EVENTS)) {
      const batch = Array.from({ length: Math.min(BATCH, EVENTS - offered) }, (_, i) => event(offered + i));
      offered += batch.length;
      const at = performance.now();
      const done = history.take(batch).then(() => {
        delays.push(performance.now() - at);
        taken += batch.length;
        waiting.delete(done);
        for (const one of batch) void history.analysed(one, resultOf(one.errorHash));
      });
      waiting.add(done);
    }
    behind = Math.max(behind, offered - taken);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(waiting);
  await history.take([]);
  const seconds = (performance.now() - began) / 1000;
  delays.sort((a, b) => a - b);
  const { user, system } = process.cpuUsage(used);
  stalls.disable();
  return {
    seconds,
    busy: (user + system) / 1e6,
    behind,
    p50: at(delays, 0.5),
    p99: at(delays, 0.99),
    stalls: [50, 99, 100].map((percent) => stalls.percentile(percent) / 1e6),
  };
}

async function timePages(store) {
  const now = Date.now();
  const day = { from: now - 86_400_000, to: now };
  const hour = { from: now - 3_600_000, to: now };
  const week = { from: now - 7 * 86_400_000, to: now };
  const hash = event(4242).errorHash;
  const first = await store.list({ sort: 'occurrences' });
  const pages = {
    'list, latest first': () => store.list({}),
    'list, most often first': () => store.list({ sort: 'occurrences' }),
    'list, second page': () => store.list({ sort: 'occurrences', cursor: first.next }),
    'list, one status and service': () => store.list({ status: ['new', 'regressed'], service: 'service-7' }),
    'list, a filter that nothing matches': () => store.list({ assignee: 'nobody', release: 'none' }),
    'search, a rare word': () => store.list({ search: 'entity4242' }),
    'search, a word in every error': () => store.list({ search: 'timeout' }),
    'search, two words and a service': () => store.list({ search: 'timeout entity42', service: 'service-2' }),
    'search, a hash': () => store.list({ search: hash.slice(0, 12) }),
    'an error': () => store.find(hash),
    'its occurrences, a day by minute': () => store.occurrences(hash, day, 'minute'),
    'its occurrences, a week by hour': () => store.occurrences(hash, week, 'hour'),
    'statistics, an hour': () => store.statistics(hour),
    'statistics, a day': () => store.statistics(day),
    'statistics, a week': () => store.statistics(week),
    'statistics, a day of one service': () => store.statistics(day, { service: 'service-7' }),
  };
  const times = {};
  for (const [name, ask] of Object.entries(pages)) {
    const each = [];
    const used = process.cpuUsage();
    for (let round = 0; round < 9; round++) {
      const at = performance.now();
      await ask();
      each.push(performance.now() - at);
    }
    const { user, system } = process.cpuUsage(used);
    each.sort((a, b) => a - b);
    times[name] = { median: at(each, 0.5), processor: (user + system) / 1000 / each.length };
  }
  return times;
}

function report({ seconds, busy, behind, p50, p99, stalls }, full, empty) {
  const megabytes = (statSync(file).size / 1_048_576).toFixed(0);
  const memory = (process.memoryUsage().rss / 1_048_576).toFixed(0);
  console.log(`${EVENTS} events of ${ERRORS} errors, offered at ${RATE}/s`);
  console.log(`taken at ${(EVENTS / seconds).toFixed(0)}/s; ${behind} events behind at most`);
  console.log(
    `${busy.toFixed(1)} s of processor time: ${(EVENTS / busy).toFixed(0)}/s on a processor of its own`,
  );
  console.log(`durable after ${p50.toFixed(0)} ms (median), ${p99.toFixed(0)} ms (99 %)`);
  const [usual, rare, worst] = stalls.map((ms) => ms.toFixed(0));
  console.log(`others wait for the event loop ${usual} ms (median), ${rare} ms (99 %), ${worst} ms at worst`);
  console.log(`file ${megabytes} MB, memory of the process ${memory} MB\n`);
  console.log(
    `${'page'.padEnd(40)}${'full, ms'.padStart(10)}${'processor'.padStart(10)}${'empty'.padStart(10)}${'ratio'.padStart(10)}`,
  );
  for (const [name, { median, processor }] of Object.entries(full)) {
    const base = empty[name].median;
    const cells = [median.toFixed(1), processor.toFixed(1), base.toFixed(2), (median / base).toFixed(0)];
    console.log(name.padEnd(40) + cells.map((cell) => cell.padStart(10)).join(''));
  }
}

/** Errors come in a scattered order, each about as often as the others: the worst for a store. */
function event(number) {
  const error = number < ERRORS ? number : (number * 7919) % ERRORS;
  const errorHash = createHash('sha256').update(`error ${error}`).digest('hex');
  const now = Date.now();
  return {
    errorHash,
    answered: true,
    event: {
      eventId: `event-${number}`,
      timestamp: now - Math.floor(((number * 0.618) % 1) * SPREAD_MS),
      service: `service-${error % 40}`,
      environment: error % 3 === 0 ? 'staging' : 'production',
      commit: `commit-${error % 25}`,
      occurrences: 1,
      errorLog: {
        name: 'QueryError',
        message: `timeout while reading entity${error} of shard ${error % 64} from replica`,
        stackTrace: `QueryError: timeout\n    at read (/app/src/entity${error}.js:${error % 900}:11)\n    at main (/app/src/main.js:4:2)`,
        context: { shard: error % 64, requestId: `r-${number}` },
      },
    },
  };
}

function resultOf(errorHash) {
  const known = results.get(errorHash);
  if (known) return { ...known, cached: true };
  const result = {
    errorHash,
    fingerprintVersion: 1,
    promptVersion: 1,
    analysis: 'The replica does not answer within the time that the caller gives it.',
    rootCause: 'The replica is overloaded.',
    suggestedFix: 'Read from another replica.',
    confidenceScore: 70,
    confidenceReasons: ['It was a benchmark.'],
    category: 'database',
    source: 'rules',
    cached: false,
    analyzedAt: Date.now(),
    ttl: 86_400,
    expiresAt: Date.now() + 86_400_000,
    evidence: [],
    nextSteps: [],
    occurrences: 1,
  };
  results.set(errorHash, result);
  return result;
}

function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
