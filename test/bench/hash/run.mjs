import { createHash } from 'node:crypto';
import { hashErrorLog } from 'patrol';
import { generateKinds } from '../../eval/grouping/generate.mjs';

/**
 * How fast errors are hashed, beside `JSON.parse` + SHA-256 of the same records in the same process, turn by turn.
 * Records are timed a few at a time, and of each few the best round counts: a machine is only ever slowed.
 *
 *   npm run bench:hash [-- --rounds=150]
 *
 * At first sight every record is another occurrence, with ids of its own; repeated, the same records come again,
 * each time as new strings. Exits 1 below a bar.
 */
const rounds = Number(process.argv.find((one) => one.startsWith('--rounds='))?.split('=')[1] ?? 150);
const BARS = { 'at first sight': 0.5, repeated: 0.8 };

/** Of each kind of error so many occurrences in a round. */
const OCCURRENCES = 5;
// A stack that overflowed in Python fills the wire's limit alone.
const errorLogs = generateKinds(1).filter(({ stackTrace = '' }) => stackTrace.length < 20_000);

const recordOf = (errorLog, index) =>
  JSON.stringify({
    eventId: `0198c0de-0000-7000-8000-${String(index).padStart(12, '0')}`,
    timestamp: 1_767_225_600_000 + index,
    errorLog: {
      ...errorLog,
      context: { reqId: `req-${index}`, method: 'POST', url: '/orders', status: 500, userId: index % 977 },
    },
    service: 'shop',
    environment: 'production',
    commit: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
    occurrences: 1,
    firstSeen: 1_767_225_600_000 + index,
    lastSeen: 1_767_225_600_500 + index,
  });

/** The same error with another id in its message, wherever that stands. */
function occurrenceOf({ message, stackTrace, ...others }, id) {
  const lineEnd = message.indexOf('\n');
  const first = lineEnd < 0 ? message : message.slice(0, lineEnd);
  const added = `${first} [request ${id}]${lineEnd < 0 ? '' : message.slice(lineEnd)}`;
  const inStack =
    stackTrace && first !== '' ? stackTrace.replace(first, () => `${first} [request ${id}]`) : stackTrace;
  return { message: added, ...(inStack && { stackTrace: inStack }), ...others };
}

/** Records that are timed together: few enough to be done before the machine turns to something else. */
const CHUNK = 20;

/** Remembers of each chunk the shortest time. */
function stopwatch(work) {
  const shortest = [];
  return {
    run(records) {
      for (let first = 0; first < records.length; first += CHUNK) {
        const last = Math.min(records.length, first + CHUNK);
        const start = process.hrtime.bigint();
        for (let index = first; index < last; index++) work(records[index]);
        const time = Number(process.hrtime.bigint() - start);
        shortest[first / CHUNK] = Math.min(time, shortest[first / CHUNK] ?? time);
      }
      this.perSecond = (records.length * 1e9) / shortest.reduce((sum, time) => sum + time, 0);
    },
  };
}

const floor = (record) => {
  JSON.parse(record);
  createHash('sha256').update(record).digest('hex');
};
const hash = ({ errorLog }) => hashErrorLog(errorLog).errorHash;
const parsed = (records) => records.map((record) => JSON.parse(record));

const watches = { floor: stopwatch(floor), 'at first sight': stopwatch(hash), repeated: stopwatch(hash) };
const kinds = errorLogs.length;
for (let round = 0; round < rounds; round++) {
  const fresh = Array.from({ length: OCCURRENCES * kinds }, (_, index) =>
    recordOf(occurrenceOf(errorLogs[index % kinds], `r${round}x${index}`), index),
  );
  watches.floor.run(fresh);
  watches['at first sight'].run(parsed(fresh));
}
const repeated = Array.from({ length: OCCURRENCES * kinds }, (_, index) =>
  recordOf(errorLogs[index % kinds], index),
);
for (let round = 0; round < rounds; round++) watches.repeated.run(parsed(repeated));

const bytes = repeated.reduce((sum, record) => sum + record.length, 0) / repeated.length;
const perSecond = (value) => `${Math.round(value).toLocaleString('en').padStart(11)} records/s`;
console.log(`${kinds} kinds of records, of ${Math.round(bytes)} characters on average`);
console.log(`JSON.parse + SHA-256     ${perSecond(watches.floor.perSecond)}`);
for (const [name, bar] of Object.entries(BARS)) {
  const ratio = watches[name].perSecond / watches.floor.perSecond;
  console.log(
    `hash, ${name.padEnd(18)} ${perSecond(watches[name].perSecond)}   ratio ${ratio.toFixed(2)} (at least ${bar})`,
  );
  if (ratio < bar) process.exitCode = 1;
}
