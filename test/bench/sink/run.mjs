// npm run bench:sink [-- --rounds=11 --distinct=100 --memory=1000000]
// How fast the Lambda function answers from its cache, beside JSON.parse + SHA-256 of the same records in the same
// process, turn by turn; and whether its memory stays flat. The ratio is the median of the rounds'.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const flag = (name, otherwise) =>
  Number(process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise);
const LEAST_RATIO = 0.5;
const MOST_GROWTH_MB = 8;

const settings = {
  distinct: flag('distinct', 100),
  rounds: flag('rounds', 11),
  perRound: 20_000,
  memoryEvents: flag('memory', 1_000_000),
  handlerPath: new URL('../../../dist/sink/lambda.js', import.meta.url).href,
};
const child = spawn(
  process.execPath,
  [
    '--expose-gc',
    ...process.execArgv,
    fileURLToPath(new URL('./measured.mjs', import.meta.url)),
    JSON.stringify(settings),
  ],
  { env: { PATH: process.env.PATH, CACHE_MAX_SIZE: '1000' }, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
);
const ended = new Promise((resolve) => child.once('exit', resolve));

const rounds = [];
const heaps = [];
for await (const text of createInterface({ input: child.stdio[3] })) {
  const line = JSON.parse(text);
  if ('floor' in line) rounds.push(line);
  else {
    heaps.push(line);
    console.log(`${String(line.events).padStart(9)} events: heap ${line.heapMb.toFixed(1)} MB`);
  }
}
if ((await ended) !== 0) process.exit(1);

const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
const middle = (name) => median(rounds.map((round) => round[name]));
const perSecond = (rate) => `${Math.round(rate).toLocaleString('en')} events/s`;
const ratio = median(rounds.map(({ floor, sink }) => sink / floor));
console.log(`JSON.parse + SHA-256   ${perSecond(middle('floor'))}`);
console.log(`sink, answer cached    ${perSecond(middle('sink'))} (reading, engine, log line; batches of 10)`);
console.log(`ratio                  ${ratio.toFixed(2)} (at least ${LEAST_RATIO})`);
let good = ratio >= LEAST_RATIO;
if (heaps.length > 1) {
  // The caches are full after the first tenth.
  const growth = heaps.at(-1).heapMb - heaps[0].heapMb;
  console.log(
    `heap growth            ${growth.toFixed(1)} MB after the first tenth (at most ${MOST_GROWTH_MB})`,
  );
  good &&= growth <= MOST_GROWTH_MB;
}
process.exitCode = good ? 0 : 1;
