// The measured process, its stdout thrown away; see run.mjs. Answers on file descriptor 3.
import { hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { batchOf, bodyOf } from './records.mjs';

const { distinct, rounds, perRound, memoryEvents, handlerPath } = JSON.parse(process.argv[2]);
const BATCH = 10;
const { handler } = await import(handlerPath);
const bodies = Array.from({ length: 20_000 }, (_, index) => bodyOf(index, distinct));
const report = (line) => writeSync(3, `${JSON.stringify(line)}\n`);

const context = { getRemainingTimeInMillis: () => 60_000 };
const now = () => performance.now();
/** Between two invocations the runtime goes back to the network. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** What nobody can do without: to read the record and to tell its text from others. */
function parseAndHash(count) {
  let length = 0;
  const began = now();
  for (let index = 0; index < count; index++) {
    const body = bodies[index % bodies.length];
    length += JSON.parse(body).errorLog.message.length + hash('sha256', body, 'hex').length;
  }
  const seconds = (now() - began) / 1000;
  if (length === 0) throw new Error('nothing was read');
  return count / seconds;
}

async function throughHandler(count) {
  let seconds = 0;
  for (let index = 0; index < count; index += BATCH) {
    // The runtime parses the whole event; that is not the function's time.
    const event = batchOf(bodies, index, BATCH);
    const began = now();
    const { batchItemFailures } = await handler(event, context);
    seconds += (now() - began) / 1000;
    if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} failed`);
    await nextTurn();
  }
  return count / seconds;
}

await throughHandler(perRound);
parseAndHash(perRound);
for (let round = 0; round < rounds; round++) {
  report({ floor: parseAndHash(perRound), sink: await throughHandler(perRound) });
}

if (memoryEvents > 0) {
  const fresh = Array.from({ length: BATCH });
  const steps = 10;
  for (let step = 0; step < steps; step++) {
    const first = (memoryEvents / steps) * step;
    for (let index = first; index < first + memoryEvents / steps; index += BATCH) {
      // Twice as many distinct errors as the cache holds, a new message each time.
      for (let at = 0; at < BATCH; at++) fresh[at] = bodyOf(index + at, 2 * 1000);
      await handler(batchOf(fresh, 0, BATCH), context);
      await nextTurn();
    }
    gc();
    gc();
    report({ events: first + memoryEvents / steps, heapMb: process.memoryUsage().heapUsed / 2 ** 20 });
  }
}
