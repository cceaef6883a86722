// npm run bench:coldstart [-- --runs=15]
// From the start of a container to its first answer, and a warm answer: the bundle under AWS's runtime client beside a
// handler that does nothing, turn by turn. The answer is a known error's: no model, no network.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTypeScript } from '../load-typescript.mjs';

const runs = Number(process.argv.find((one) => one.startsWith('--runs='))?.split('=')[1] ?? 15);
const WARM = 20;
const MOST_COLD_RATIO = 2;
const MOST_WARM_MS = 2;

const support = (name) => loadTypeScript(new URL(`../../support/${name}.ts`, import.meta.url));
const { startLambda } = await support('lambda-runtime');
const { errorEvent, sqsRecord } = await support('events');
const { unzip } = await support('unzip');

const folder = await mkdtemp(join(tmpdir(), 'patrol-coldstart-'));
const roots = { empty: join(folder, 'empty'), patrol: join(folder, 'patrol') };
const cli = fileURLToPath(new URL('../../../dist/sink/cli/main.js', import.meta.url));
execFileSync(process.execPath, [cli, 'bundle', '--out', join(folder, 'patrol.zip')]);
await unzip(join(folder, 'patrol.zip'), roots.patrol);
await mkdir(roots.empty);
await writeFile(
  join(roots.empty, 'index.mjs'),
  'export const handler = async () => ({ batchItemFailures: [] });\n',
);

const event = (index) => ({ Records: [sqsRecord(`m${index}`, errorEvent({ eventId: `e${index}` }))] });

/** @returns Milliseconds from the start of the process to the first answer, and of warm answers. */
async function measure(taskRoot) {
  const began = performance.now();
  const lambda = await startLambda({ taskRoot });
  const invoke = async (index) => {
    const { result, error, durationMs } = await lambda.invoke(event(index));
    if (error || result.batchItemFailures.length > 0) throw new Error(JSON.stringify({ error, result }));
    return durationMs;
  };
  await invoke(0);
  const cold = performance.now() - began;
  const warm = [];
  for (let index = 1; index <= WARM; index++) warm.push(await invoke(index));
  await lambda.stop();
  return { cold, warm };
}

const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
const taken = { empty: { cold: [], warm: [] }, patrol: { cold: [], warm: [] } };
for (const root of Object.values(roots)) await measure(root);
for (let run = 0; run < runs; run++) {
  for (const [name, root] of Object.entries(roots)) {
    const { cold, warm } = await measure(root);
    taken[name].cold.push(cold);
    taken[name].warm.push(...warm);
  }
}
await rm(folder, { recursive: true });

const line = (name) =>
  `${name.padEnd(8)} cold ${median(taken[name].cold).toFixed(1)} ms   warm ${median(taken[name].warm).toFixed(2)} ms`;
for (const name of Object.keys(taken)) console.log(line(name));
const ratio = median(taken.patrol.cold) / median(taken.empty.cold);
const later = median(taken.patrol.warm) - median(taken.empty.warm);
console.log(`cold: ${ratio.toFixed(2)} × an empty handler's (at most ${MOST_COLD_RATIO})`);
console.log(`warm: ${later.toFixed(2)} ms more (at most ${MOST_WARM_MS})`);
process.exitCode = ratio <= MOST_COLD_RATIO && later <= MOST_WARM_MS ? 0 : 1;
