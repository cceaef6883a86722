// npm run bench:transport [-- --runs=3 --load=storm,info,distinct,down,crash --only='no-op|patrol']
// What an application pays for Patrol: beside no transport, one that does nothing, and others that deliver, which are
// installed into a folder of their own below the system's temporary directory.
// The runs are interleaved and each takes a fresh process. A machine is only ever slowed, so the best of them counts; but it
// may be slow for minutes, so × is the median of what each round says beside its own no-op, which ran next to it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { adapters } from './adapters.mjs';

const PEERS = [
  'winston-loki@6.1.7',
  '@logtail/node@0.5.9',
  '@logtail/winston@0.5.9',
  '@logtail/pino@0.5.9',
  'pino-loki@3.0.0',
  // What they are used with.
  'winston@3.19.0',
  'pino@10.4.0',
];

const flag = (name, otherwise) =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise;
const runs = Number(flag('runs', '3'));
const LOADS = { info: 200_000, storm: 100_000, distinct: 100_000, down: 20_000, crash: 1 };
const loads = flag('load', Object.keys(LOADS).join(',')).split(',');
const names = Object.keys(adapters).filter((name) => new RegExp(flag('only', '')).test(name));
const isPeer = (name) => /loki|logtail/.test(name);
const peers = names.some(isPeer) ? installPeers() : undefined;
const measured = names.filter((name) => peers !== undefined || !isPeer(name));

/** Undefined where the registry cannot be reached: the others are measured all the same. */
function installPeers() {
  const folder = join(tmpdir(), 'patrol-bench-peers');
  const done = join(folder, PEERS.join('+').replace(/[^\w.+-]/g, '_'));
  if (existsSync(done)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', '--prefix', folder, ...quietly, ...PEERS], {
    stdio: ['ignore', 2, 2],
  });
  if (status === 0) writeFileSync(done, '');
  else console.log('The peers could not be installed and are left out.');
  return status === 0 ? folder : undefined;
}

/** Counts what arrives: occurrences for Patrol, order numbers for the others. */
function startStub(port = 0) {
  const seen = { requests: 0, records: 0, orders: new Set(), lastAt: 0 };
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST') {
        const raw = Buffer.concat(chunks);
        const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
        seen.requests += 1;
        seen.lastAt = Date.now();
        if (request.url === '/v1/events')
          for (const event of JSON.parse(text).events) seen.records += event.occurrences;
        else for (const [, order] of text.matchAll(/E#(\d+)#/g)) seen.orders.add(order);
      }
      response.writeHead(request.method === 'POST' ? 200 : 404).end('{}');
    });
    request.on('error', () => {});
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      const stop = () => {
        server.closeAllConnections();
        return new Promise((done) => server.close(done));
      };
      resolve({ seen, port: server.address().port, stop });
    });
  });
}

function measure(config, onRow) {
  return new Promise((resolve) => {
    const app = fileURLToPath(new URL('app.mjs', import.meta.url));
    const handle = config.load === 'crash' ? '1' : '';
    const env = { ...process.env, BENCH_HANDLE: handle, ...(peers && { BENCH_PEERS: peers }) };
    const child = spawn(process.execPath, [app, JSON.stringify(config)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env,
    });
    let rows = {};
    let stderr = '';
    let crashedAt = 0;
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.stdio[3].on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) {
        rows = { ...rows, ...JSON.parse(line) };
        if (rows.crashing) crashedAt ||= Date.now();
        onRow?.(rows);
      }
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.on('close', () => {
      clearTimeout(timer);
      const exitMs = crashedAt > 0 ? Date.now() - crashedAt : undefined;
      resolve({ ...rows, exitMs, stderrLines: stderr.split('\n').filter(Boolean).length });
    });
  });
}

async function once(adapter, load) {
  const spool = mkdtempSync(join(tmpdir(), 'patrol-bench-'));
  let stub = await startStub();
  const { port } = stub;
  // An outage: nobody listens until all is logged.
  if (load === 'down') await stub.stop();
  let back;
  let backAt = 0;
  const config = { adapter, load, count: LOADS[load], port, spool };
  const row = await measure(config, ({ logged }) => {
    if (load !== 'down' || !logged) return;
    backAt ||= Date.now();
    back ??= startStub(port);
  });
  if (back) stub = await back;
  await stub.stop().catch(() => {});
  rmSync(spool, { recursive: true, force: true });
  const { requests, records, orders, lastAt } = stub.seen;
  const recoveredMs = load === 'down' && lastAt > 0 ? lastAt - backAt : undefined;
  return { ...row, requests, got: records || orders.size, recoveredMs };
}

for (const load of loads) {
  // Where every line goes to a worker only the plain ones are of interest; the errors cost what they cost in the other form.
  const wanted = measured.filter((name) => load === 'info' || !name.endsWith('targets'));
  const results = new Map(wanted.map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const name of run % 2 ? [...wanted].reverse() : wanted)
      results.get(name).push(await once(name, load));
  }
  const best = (name, field, pick) => {
    const values = (results.get(name) ?? []).map((row) => row[field]).filter((value) => value !== undefined);
    return values.length === 0 ? Number.NaN : pick(...values);
  };
  const least = (name, field) => best(name, field, Math.min);
  const ratio = (name, other, field) => {
    const others = results.get(other) ?? [];
    const ratios = (results.get(name) ?? []).map((row, round) => row[field] / others[round]?.[field]);
    return ratios.sort((one, two) => one - two)[Math.floor(ratios.length / 2)] ?? Number.NaN;
  };
  console.log(`\n${load}: ${LOADS[load].toLocaleString('en')} lines, best of ${runs}`);
  for (const name of wanted) {
    const kind = name.split(' ')[0];
    const form = /worker|targets/.exec(name)?.[0];
    const noop = `${kind} + no-op${form ? ` ${form}` : ''}`;
    const columns = [name.padEnd(25)];
    if (load === 'crash') {
      columns.push(`${least(name, 'exitMs')} ms to exit (no transport ${least(kind, 'exitMs')})`);
    } else {
      const speed = best(name, 'linesPerSecond', Math.max);
      const cpu = least(name, 'cpuUsPerLine');
      columns.push(`${Math.round(speed).toLocaleString('en').padStart(9)} lines/s`);
      columns.push(`×${ratio(name, noop, 'linesPerSecond').toFixed(2)} of no-op`);
      columns.push(`CPU ${cpu.toFixed(1)} µs/line ×${ratio(name, noop, 'cpuUsPerLine').toFixed(2)}`);
      columns.push(`peak +${Math.round(least(name, 'peakMb') - least(kind, 'peakMb'))} MB`);
      columns.push(
        `worst turn ${least(name, 'worstMs').toFixed(0)} ms (no-op ${least(noop, 'worstMs').toFixed(0)})`,
      );
    }
    const got = least(name, 'got').toLocaleString('en');
    columns.push(`got ${got} in ${least(name, 'requests')} requests`);
    if (load === 'down') columns.push(`recovered in ${best(name, 'recoveredMs', Math.max)} ms`);
    columns.push(`stderr ${best(name, 'stderrLines', Math.max)}`);
    console.log(columns.join('  '));
  }
}
process.exit(0);
