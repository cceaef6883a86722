import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/**
 * @typedef {object} App
 * @property {string} name
 * @property {string} url
 * @property {(ready: (log: AppLog) => boolean, timeoutMs: number) => Promise<boolean>} until Waits until the log says so.
 * @property {AppLog} log
 * @property {() => Promise<void>} stop Asks it to end, and waits until it has.
 */

/**
 * What an application has written so far.
 *
 * @typedef {object} AppLog
 * @property {string[][]} errors The lines of each error record.
 * @property {Analysis[]} analyses
 */

/**
 * The title of an analysis in the log, read back.
 *
 * @typedef {object} Analysis
 * @property {string} hash
 * @property {number} occurrences
 * @property {boolean} cached
 * @property {boolean} byModel
 * @property {number} costUsd
 */

const START_TIMEOUT_MS = 30_000;
/** What the user's own environment says about queues and sinks must not lead the demo there. */
const NOT_INHERITED = /^(?:PATROL_|AWS_|OTEL_|npm_)/;

/**
 * Starts an example on a free port and lets its log through, line by line.
 *
 * @param {{ name: string, folder: string, env: Record<string, string>, print: (line: string) => void }} options
 * @returns {Promise<App>}
 */
export async function startApp({ name, folder, env, print }) {
  const port = await freePort();
  const inherited = Object.entries(process.env).filter(([key]) => !NOT_INHERITED.test(key));
  const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(process.execPath, ['server.js'], {
    cwd: fileURLToPath(new URL(`../${folder}/`, import.meta.url)),
    env: { ...Object.fromEntries(inherited), ...colours, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  /** @type {AppLog} */
  const log = { errors: [], analyses: [] };
  const waiting = new Set();
  let record = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      print(line);
      const plain = stripVTControlCharacters(line);
      if (/^\[?\d\d:\d\d:\d\d\.\d{3}\]? /.test(plain)) record = [];
      if (/^\S+ ERROR/.test(plain)) log.errors.push(record);
      record.push(plain);
      const analysis = readTitle(plain);
      if (analysis) log.analyses.push(analysis);
      for (const check of waiting) check();
    });
  }

  const until = (ready, timeoutMs) =>
    new Promise((resolve) => {
      const finish = (done) => {
        clearTimeout(timer);
        waiting.delete(check);
        resolve(done);
      };
      const check = () => ready(log) && finish(true);
      const timer = setTimeout(() => finish(false), timeoutMs);
      waiting.add(check);
      ended.then(() => finish(ready(log)));
      check();
    });

  const stop = async () => {
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), 8000);
    await ended;
    clearTimeout(last);
  };

  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`The example ${name} did not start.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { name, url, log, until, stop };
}

/** A port at which nothing listens. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function isHealthy(url) {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

/** @param {string} line @returns {Analysis | undefined} */
function readTitle(line) {
  const title = /Patrol · .* · seen (?<occurrences>\d+)×(?<rest>.*) · #(?<hash>[0-9a-f]{8})$/.exec(line);
  if (!title) return undefined;
  const { occurrences, rest, hash } = title.groups;
  const cost = /\$(\d+\.\d+)/.exec(rest);
  return {
    hash,
    occurrences: Number(occurrences),
    cached: rest.includes('from the cache'),
    byModel: line.includes(' · by '),
    costUsd: cost ? Number(cost[1]) : 0,
  };
}
