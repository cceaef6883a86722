import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureErrorLog } from '../src/capture.ts';
import type { PatrolConfig } from '../src/config.ts';
import { hashErrorLog } from '../src/hashing.ts';
import { redact } from '../src/redaction.ts';
import { withSourceFrames } from '../src/source-maps.ts';
import type { Milliseconds } from '../src/types.ts';
import type { Delivery } from './delivery/delivery.ts';
import { createForwarder } from './forwarder.ts';
import type { Forwarder } from './forwarder-port.ts';
import { createHttpClient } from './http-client.ts';
import { RehearsalSocket } from './rehearsal-socket.ts';
import { repeatKey } from './repeat-key.ts';
import { createSpool } from './spool.ts';

/**
 * Errors that make the redaction and the masks look, since their expressions are compiled when they are first needed,
 * and once more when they are needed again. What they found out about a word they remember, so the word is another
 * each time.
 */
const TEXTS: readonly ((word: string, id?: number) => string)[] = [
  (word, id = 1234) => `the card${word} of account${word} was declined for order E#${id}#`,
  (word, id = 12) =>
    `token ${word} declined, no token${word} for the key of user ${word}@example.com, pin${word} ${id}, at 10.0.0.1:80`,
  (word) => `GET https://example.com/${word}?b=1 answered 503 Service Unavailable`,
  (word) => `Cannot read properties of undefined (reading '${word}')`,
  (word, id = 1234567) => `connect ECONNREFUSED 127.0.0.1:5432, ${word} A-${id} phone${word}`,
];
/** As the engine shows them. */
const CALLS = new Error('').stack?.replace(/^Error/, '') ?? '';
/** Rounds after which V8 has compiled what runs for a new error; and repeats for each of them. */
const ROUNDS = 20;
const REPEATS = 40;
/** Batches that are delivered to nobody. */
const BATCHES = 4;
/** A part of it at a time, with pauses: nobody who logs in between notices. */
const SLICE_MS: Milliseconds = 3;
const PAUSE_MS: Milliseconds = 5;
/** An application that was busy for more of the pause than this share has no time to spare, and is asked again later. */
const BUSY = 0.5;
const BUSY_PAUSE_MS: Milliseconds = 100;

let warm = false;

/**
 * The first errors take ten times as long as later ones, and a storm begins with them. An application that is
 * starting can spare some 100 ms better than one that is in trouble. So a forwarder of its own rehearses what the
 * application's will do, with a spool that it removes again and a sink that is not there. Once per process, in the
 * pauses that the start leaves; not in a Lambda, which pays for each millisecond and mostly ends before an error comes.
 */
export function warmUpOnce(config: PatrolConfig): void {
  if (warm || process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined) return;
  warm = true;
  const steps = rehearse(config);
  let before = performance.eventLoopUtilization();
  const pause = (time: Milliseconds) => {
    before = performance.eventLoopUtilization();
    setTimeout(work, time).unref();
  };
  const work = () => {
    if (performance.eventLoopUtilization(before).utilization > BUSY) return pause(BUSY_PAUSE_MS);
    const began = performance.now();
    try {
      while (performance.now() - began < SLICE_MS) if (steps.next().done) return;
    } catch {
      return;
    }
    pause(PAUSE_MS);
  };
  pause(PAUSE_MS);
}

function* rehearse(config: PatrolConfig): Generator<void> {
  yield* takeApart();
  // Node's own client is all that it loads; SQS's is large, and waits until it is needed.
  const overHttp = config.queueUrl === undefined && config.sinkUrl !== undefined;
  const delivery = overHttp ? httpDelivery() : Promise.resolve(NOWHERE);
  const forwarder = createForwarder({ config, delivery: () => delivery, write() {} });
  yield;
  for (let round = 1; round <= ROUNDS; round++) {
    logErrors(round, forwarder);
    yield;
    if (round % (ROUNDS / BATCHES) === 0) {
      void forwarder.flush(1000);
      yield;
    }
  }
  if (config.spoolDirectory !== false) {
    useSpool();
    yield;
  }
  void forwarder.close(1000);
  delivery.then((made) => setTimeout(() => made.close(), 1000).unref());
}

/** What is done for one error, one thing at a time: the first time takes longest. */
function* takeApart(): Generator<void> {
  const logged = errorOf(0);
  repeatKey(logged);
  yield;
  const errorLog = withSourceFrames(captureErrorLog(logged));
  yield;
  hashErrorLog(errorLog);
  yield;
  for (const text of TEXTS) {
    redact(text('word'));
    yield;
  }
  redact(errorLog.stackTrace);
  yield;
}

const NOWHERE: Delivery = {
  name: 'http',
  send: () => Promise.resolve({ retry: [], rejected: [] }),
  close() {},
};

async function httpDelivery(): Promise<Delivery> {
  const { createHttpDelivery } = await import('./delivery/http.ts');
  const client = createHttpClient(() => new RehearsalSocket());
  return createHttpDelivery({ sinkUrl: 'http://rehearsal.invalid', token: 'none', client });
}

function logErrors(round: number, { record, repeat }: Forwarder): void {
  const logged = errorOf(round);
  const { message, code } = logged;
  record(captureErrorLog(round % 2 === 0 ? logged : { ...logged, err: new TypeError(message) }), {
    key: repeatKey(logged),
  });
  for (let count = 0; count < REPEATS; count++) {
    const { message, stack } = errorOf(round, 100_000 + count);
    const key = repeatKey({ message, stack, code });
    if (key !== undefined) repeat(key, Date.now());
  }
}

/** A record as winston makes it. */
function errorOf(round: number, id?: number) {
  const word = wordOf(round);
  const message = TEXTS[round % TEXTS.length]?.(word, id) ?? word;
  const place = `at Shop.${word} (/nowhere/app/src/${word}-service.js:10:5)`;
  const stack = `Error: ${message}${CALLS}\n    ${place}`;
  return { level: 'error', message, stack, code: 'E_WARM', [word]: round };
}

/** A word that no text had before. */
function wordOf(round: number): string {
  return [...`${round + 100}`].map((digit) => 'moritavelu'[Number(digit)]).join('');
}

/** In one go, so that nothing is left behind when the process ends. */
function useSpool(): void {
  const directory = mkdtempSync(join(tmpdir(), 'patrol-'));
  const spool = createSpool({ directory, destination: '0'.repeat(16), onTrouble() {} });
  const entries = [1, 2, 3].map((number) => spool.add(`{"message":"${wordOf(number)}"}`, 0));
  for (let at = 0; at < ROUNDS * 10; at++) entries[at % 3]?.repeat?.(at);
  for (const entry of entries) entry?.settle();
  spool.close();
  rmdirSync(directory);
}
