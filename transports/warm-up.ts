import { mkdtempSync, rmSync } from 'node:fs';
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
import type { ErrorTaker, Forwarder } from './forwarder-port.ts';
import { createHttpClient } from './http-client.ts';
import { RehearsalSocket } from './rehearsal-socket.ts';
import { repeatKey } from './repeat-key.ts';
import { createSpool } from './spool.ts';

/** Has `apart` call what a door calls when its logger logs an error. */
export type Rehearse = (taker: ErrorTaker, error: Error, apart: Apart) => void;

/** Calls a function so that V8 compiles it for itself, and not as a part of what calls it here. */
export type Apart = <A extends readonly unknown[]>(work: (...given: A) => void, ...given: A) => void;

/** Where many functions are called from one place, V8 takes none of them for the only one. */
const OTHERS: readonly (() => void)[] = [() => {}, () => {}, () => {}, () => {}, () => {}, () => {}];
const apart: Apart = (work, ...given) => work(...given);

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
/** Rounds after which V8 has compiled what runs for a new error; and repeats for each of them. */
const ROUNDS = 40;
const REPEATS = 80;
/** So often a batch is delivered to nobody; an odd number, so that both forwarders come by. */
const ROUNDS_A_BATCH = 9;
/** A part of it at a time, with pauses: nobody who logs in between notices. */
const SLICE_MS: Milliseconds = 3;
const PAUSE_MS: Milliseconds = 2;
/** An application that was busy for more of the pause than this share has no time to spare, and is asked again later. */
const BUSY = 0.5;
const BUSY_PAUSE_MS: Milliseconds = 20;

let warm = false;

/**
 * The first errors take ten times as long as later ones, and a storm begins with them. An application that is
 * starting can spare some 0.4 s of its CPUs better than one that is in trouble. So forwarders of its own rehearse what the
 * application's will do, with files that have no names and a sink that is not there. Once per process, in the
 * pauses that the start leaves; not in a Lambda, which pays for each millisecond and mostly ends before an error comes.
 */
export function warmUpOnce(config: PatrolConfig, rehearse: Rehearse): void {
  if (warm || process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined) return;
  warm = true;
  const steps = rehearsal(config, rehearse);
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

function* rehearsal(config: PatrolConfig, rehearse: Rehearse): Generator<void> {
  yield* takeApart();
  // Node's own client is all that it loads; SQS's is large, and waits until it is needed.
  const overHttp = config.queueUrl === undefined && config.sinkUrl !== undefined;
  const delivery = overHttp ? httpDelivery() : Promise.resolve(NOWHERE);
  // Two of them, since V8 would compile for the one and throw that away when it meets the application's.
  const forwarders = [rehearser(config, delivery, rehearse), rehearser(config, delivery, rehearse)] as const;
  yield;
  for (let round = 1; round <= ROUNDS; round++) {
    const forwarder = forwarders[round % 2 === 0 ? 0 : 1];
    const taker = { ...forwarder, [`of${round % SHAPES}`]: round };
    const error = errorOf(round);
    rehearse(taker, error, apart);
    yield;
    for (const other of OTHERS) apart(other);
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      sayAnew(error, textOf(round, 100_000 + repeat), repeat);
      rehearse(taker, error, apart);
      yield;
      // The repeats that follow begin a new event of the same error.
      if (repeat === REPEATS / 2 && round % ROUNDS_A_BATCH === 0) void forwarder.flush(1000);
    }
  }
  for (const forwarder of forwarders) void forwarder.close(1000);
  delivery.then((made) => setTimeout(() => made.close(), 1000).unref());
}

/** Its spool is a file that has no name: whatever ends the process, nothing is left behind. */
function rehearser(config: PatrolConfig, delivery: Promise<Delivery>, rehearse: Rehearse): Forwarder {
  const directory = config.spoolDirectory === false ? undefined : temporaryDirectory();
  const spool =
    directory === undefined
      ? undefined
      : createSpool({ directory, destination: '0'.repeat(16), onTrouble() {} });
  const forwarder = createForwarder({ config, delivery: () => delivery, write() {}, spool });
  rehearse(forwarder, errorOf(0), apart);
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  return forwarder;
}

function temporaryDirectory(): string | undefined {
  try {
    return mkdtempSync(join(tmpdir(), 'patrol-'));
  } catch {
    return undefined;
  }
}

/** What is done for one error, one thing at a time: the first time takes longest. */
function* takeApart(): Generator<void> {
  const error = errorOf(0);
  repeatKey(error);
  yield;
  const errorLog = withSourceFrames(captureErrorLog(error));
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

class RehearsedError extends Error {
  readonly code = 'E_WARM';
  override readonly name = 'RehearsedError';
}

/** More than V8 tells apart where a field is read: it must not compile for these, the application has others. */
const SHAPES = 6;

/** Every other one is thrown somewhere else. */
function errorOf(round: number): Error {
  const word = wordOf(round);
  const message = asStored(textOf(round), round);
  const error = round % 4 < 2 ? new RehearsedError(message) : new TypeError(message);
  Object.assign(error, { [`of${round % SHAPES}`]: round });
  if (round % 2 === 0) error.stack += `\n    at Shop.${word} (/nowhere/app/src/${word}-service.js:10:5)`;
  return error;
}

/** To make another error takes longer than to capture it. */
function sayAnew(error: Error, message: string, way: number): void {
  const { stack = '' } = error;
  error.stack = `${stack.slice(0, stack.indexOf(':'))}: ${message}${stack.slice(stack.indexOf('\n'))}`;
  error.message = asStored(message, way);
}

const textOf = (round: number, id?: number): string =>
  TEXTS[round % TEXTS.length]?.(wordOf(round), id) ?? `${id}`;

/** V8 stores texts in several ways, and what it has compiled for one it throws away when it meets another. */
function asStored(text: string, way: number): string {
  switch (way % 4) {
    case 0:
      return text;
    case 1:
      return Buffer.from(text).toString();
    case 2:
      return `-${text}`.slice(1);
    default:
      return Object.keys({ [text]: 0 })[0] ?? text;
  }
}

/** A word that no text had before. */
function wordOf(round: number): string {
  return [...`${round + 100}`].map((digit) => 'moritavelu'[Number(digit)]).join('');
}
