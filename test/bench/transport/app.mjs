// The measured process: node app.mjs '{"adapter", "load", "count", "port", "spool"}'; writes one JSON line to fd 3.
import { writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { adapters, arrived } from './adapters.mjs';

const { adapter, load, count, port, spool } = JSON.parse(process.argv[2]);
const logger = await adapters[adapter]({ port, spool });
const isPino = adapter.startsWith('pino');

class PaymentError extends Error {
  constructor(message) {
    super(message);
    this.name = 'PaymentError';
    this.code = 'E_CARD';
  }
}
const KINDS = [
  'card',
  'voucher',
  'invoice',
  'transfer',
  'wallet',
  'cash',
  'cheque',
  'debit',
  'token',
  'points',
];
const letters = (index) =>
  [...index.toString(26)].map((digit) => String.fromCharCode(103 + Number.parseInt(digit, 26))).join('');
const charge = (index) => {
  const kind = load === 'distinct' ? `${letters(index)} ${letters(index * 7)}` : KINDS[index % 10];
  throw new PaymentError(`${kind} declined for order E#${index}#`);
};
const serve = (index) => charge(index);
const makeError = (index) => {
  try {
    return serve(index);
  } catch (error) {
    return error;
  }
};
const info = isPino
  ? (index) => logger.info({ reqId: index, userId: 42, ms: 12.5 }, 'request completed')
  : (index) => logger.info('request completed', { reqId: index, userId: 42, ms: 12.5 });
const log = load === 'info' ? info : (index) => logger.error(makeError(index));

const rss = () => process.resourceUsage().maxRSS / 1024;
const report = (fields) => writeSync(3, `${JSON.stringify({ ...fields, peakMb: rss() })}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const BURST = 500;

if (load === 'crash') {
  await sleep(400);
  setTimeout(() => {
    report({ crashing: true });
    throw makeError(1);
  }, 1);
} else {
  await sleep(200);
  for (let index = 0; index < 5000; index++) info(index);
  await sleep(400);
  const before = arrived.lines;
  const cpu = process.cpuUsage();
  const began = performance.now();
  let worstMs = 0;
  for (let index = 0; index < count; ) {
    const turn = performance.now();
    for (let line = 0; line < BURST && index < count; line++) log(index++);
    // What the loop does beside logging counts, too; `down` is paced, to see what an outage of some length costs.
    if (load !== 'down') await new Promise(setImmediate);
    worstMs = Math.max(worstMs, performance.now() - turn);
    if (load === 'down') await sleep(200);
  }
  if (arrived.all) await arrived.all();
  else while (arrived.lines - before < count) await sleep(1);
  const seconds = (performance.now() - began) / 1000;
  if (load === 'down') report({ logged: true });
  await sleep(load === 'down' ? 8000 : 2500);
  const { user, system } = process.cpuUsage(cpu);
  report({ linesPerSecond: count / seconds, cpuUsPerLine: (user + system) / count, worstMs });
  process.exit(0);
}
