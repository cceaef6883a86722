import { captureErrorLog } from '../src/capture.ts';
import type { PatrolConfig } from '../src/config.ts';
import { hashErrorLog } from '../src/hashing.ts';
import { redact } from '../src/redaction.ts';
import { withSourceFrames } from '../src/source-maps.ts';
import type { Milliseconds } from '../src/types.ts';
import { toEvent, withinLimit } from './outgoing-event.ts';
import { createKeyMemo, repeatKey } from './repeat-key.ts';
import { newSpoolName } from './spool/owner.ts';

/** Texts that make the redaction look, since its expressions are compiled when they are first needed. */
const TEXTS = [
  'Patrol warms up',
  'no token for the key of user jane@example.com, card 12, at 10.0.0.1:80',
  'GET https://example.com/a?b=1 answered 503 Service Unavailable',
  "Cannot read properties of undefined (reading 'total')",
  'connect ECONNREFUSED 127.0.0.1:5432, order A-1234567 declined',
];
/** Rounds after which V8 has compiled what runs for a new error; and repeats for each of them. */
const ROUNDS = 40;
const REPEATS = 40;
/** A part of it at a time, with pauses: nobody who logs in between notices. */
const SLICE_MS: Milliseconds = 3;
const PAUSE_MS: Milliseconds = 5;

let warm = false;

/**
 * The first errors take ten times as long as later ones, and a storm begins with them. An application that is
 * starting can spare some 50 ms better than one that is in trouble. Once per process, in the pauses that the start
 * leaves; not in a Lambda, which pays for each millisecond and mostly ends before an error comes.
 */
export function warmUpOnce(config: PatrolConfig): void {
  if (warm || process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined) return;
  warm = true;
  // Node's own client is all that it loads; SQS's is large, and waits until it is needed.
  if (config.queueUrl === undefined && config.sinkUrl !== undefined) void import('./delivery/http.ts');
  const memo = createKeyMemo(ROUNDS);
  let round = 0;
  const work = () => {
    const began = performance.now();
    while (round < ROUNDS && performance.now() - began < SLICE_MS) warmUp(round++, config, memo);
    if (round < ROUNDS) setTimeout(work, PAUSE_MS).unref();
  };
  setTimeout(work, 0).unref();
}

function warmUp(round: number, config: PatrolConfig, memo: ReturnType<typeof createKeyMemo>): void {
  const message = `${TEXTS[round % TEXTS.length]} ${round}`;
  const error = new Error(message, round % 4 === 0 ? { cause: new TypeError('a cause') } : {});
  const record = { level: 'error', message, stack: error.stack, code: 'E_WARM', reqId: round };
  const errorLog = withSourceFrames(captureErrorLog(round % 2 === 0 ? record : { ...record, err: error }));
  const { errorHash } = hashErrorLog(errorLog);
  withinLimit(toEvent(redact(errorLog), Date.now(), config, undefined));
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const key = repeatKey({ message, stack: error.stack, code: 'E_WARM' });
    if (key !== undefined && memo.get(key) === undefined) memo.set(key, errorHash);
  }
  newSpoolName('');
}
