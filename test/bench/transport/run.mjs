// npm run bench:transport [-- --runs=3 --load=storm,info,distinct,down,crash --only='no-op|patrol']
// What an application pays for Patrol: beside no transport, one that does nothing, and others that deliver.
// The runs are interleaved and each takes a fresh process; the best of them counts, since a machine is only ever slowed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { adapters, optional } from './adapters.mjs';

const flag = (name, otherwise) =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise;
const runs = Number(flag('runs', '3'));
const LOADS = { info: 200_000, storm: 100_000, distinct: 100_000, down: 20_000, crash: 1 };
const loads = flag('load', Object.keys(LOADS).join(',')).split(',');
const require = createRequire(import.meta.url);
const names = Object.keys(adapters).filter((name) => {
  if (!new RegExp(flag('only', '')).test(name)) return false;
  if (!(name in optional)) return true;
  try {
    require.resolve(optional[name]);
    return true;
  } catch {
    console.log(`${name}: not installed, left out`);
    return false;
  }
});

/** Counts what arrives: occurrences for Patrol, order numbers for the others. */
function startStub(port = 0) {
  const seen = { requests: 0, records: 0, orders: new Set() };
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST') {
        const raw = Buffer.concat(chunks);
        const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
        seen.requests += 1;
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
    const env = { ...process.env, BENCH_HANDLE: config.load === 'crash' ? '1' : '' };
    const child = spawn(process.execPath, [app, JSON.stringify(config)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env,
    });
    let rows = {};
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.stdio[3].on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) {
        rows = { ...rows, ...JSON.parse(line) };
        onRow?.(rows);
      }
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.on('close', () => {
      clearTimeout(timer);
      resolve({ ...rows, stderrLines: stderr.split('\n').filter(Boolean).length });
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
  const row = await measure({ adapter, load, count: LOADS[load], port, spool }, ({ logged }) => {
    if (load === 'down' && logged) back ??= startStub(port);
  });
  if (back) stub = await back;
  await stub.stop().catch(() => {});
  rmSync(spool, { recursive: true, force: true });
  return { ...row, requests: stub.seen.requests, got: stub.seen.records || stub.seen.orders.size };
}

for (const load of loads) {
  const results = new Map(names.map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const name of run % 2 ? [...names].reverse() : names) results.get(name).push(await once(name, load));
  }
  const best = (name, field, pick) => {
    const values = (results.get(name) ?? []).map((row) => row[field]).filter((value) => value !== undefined);
    return values.length === 0 ? Number.NaN : pick(...values);
  };
  console.log(`\n${load}: ${LOADS[load].toLocaleString('en')} lines, best of ${runs}`);
  for (const name of names) {
    const kind = name.split(' ')[0];
    const noop = name.includes('worker') ? `${kind} + no-op worker` : `${kind} + no-op`;
    const columns = [name.padEnd(28)];
    if (load === 'crash')
      columns.push(
        `${best(name, 'exitMs', Math.min)} ms to exit (no transport ${best(kind, 'exitMs', Math.min)})`,
      );
    else {
      const speed = best(name, 'linesPerSecond', Math.max);
      const cpu = best(name, 'cpuUsPerLine', Math.min);
      columns.push(`${Math.round(speed).toLocaleString('en').padStart(9)} lines/s`);
      columns.push(`×${(speed / best(noop, 'linesPerSecond', Math.max)).toFixed(2)} of no-op`);
      columns.push(
        `CPU ${cpu.toFixed(1)} µs/line ×${(cpu / best(noop, 'cpuUsPerLine', Math.min)).toFixed(2)}`,
      );
      columns.push(`peak +${Math.round(best(name, 'peakMb', Math.min) - best(kind, 'peakMb', Math.min))} MB`);
      columns.push(`worst burst ${best(name, 'worstMs', Math.min).toFixed(0)} ms`);
    }
    columns.push(
      `got ${best(name, 'got', Math.min).toLocaleString('en')} in ${best(name, 'requests', Math.min)} requests`,
    );
    columns.push(`stderr ${best(name, 'stderrLines', Math.max)}`);
    console.log(columns.join('  '));
  }
}
process.exit(0);
