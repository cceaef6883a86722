import { createHash } from 'node:crypto';
import { hashErrorLog } from 'patrol';
import { generate } from '../../eval/grouping/generate.mjs';

/**
 * How fast errors are hashed, beside `JSON.parse` + SHA-256 of the same records in the same process, turn by turn.
 * The best round of each counts: a machine is only ever slowed.
 *
 *   npm run bench:hash [-- --rounds=40]
 *
 * At first sight every record is another occurrence, with ids of its own; repeated, the same records come again,
 * each time as new strings. Exits 1 below a bar.
 */
const rounds = Number(process.argv.find((one) => one.startsWith('--rounds='))?.split('=')[1] ?? 40);
const BARS = { 'at first sight': 0.5, repeated: 0.8 };

/** Errors of all kinds as a transport sends them: a program's, other languages', bare messages. */
function makeErrorLogs() {
  const { traces, messages } = generate(1);
  const thrown = traces
    // A stack that overflowed in Python fills the wire's limit alone.
    .filter(({ event }) => (event.stack?.length ?? 0) < 20_000)
    .map(({ event: { message, name, stack } }) => ({
      message,
      ...(name && { name }),
      ...(stack && { stackTrace: stack }),
    }));
  const bare = Object.values(messages).flatMap((rows) => rows.slice(0, 40).map(({ content }) => ({ message: content })));
  return [...thrown, ...bare];
}

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
  const inStack = stackTrace && first !== '' ? stackTrace.replace(first, () => `${first} [request ${id}]`) : stackTrace;
  return { message: added, ...(inStack && { stackTrace: inStack }), ...others };
}

const errorLogs = makeErrorLogs();
const rate = (work, records) => {
  const start = process.hrtime.bigint();
  for (const record of records) work(record);
  return (records.length * 1e9) / Number(process.hrtime.bigint() - start);
};
const floor = (record) => {
  JSON.parse(record);
  createHash('sha256').update(record).digest('hex');
};
const hash = ({ errorLog }) => hashErrorLog(errorLog).errorHash;
const parsed = (records) => records.map((record) => JSON.parse(record));

const best = { floor: 0, 'at first sight': 0, repeated: 0 };
const note = (name, value) => {
  best[name] = Math.max(best[name], value);
};
const repeated = errorLogs.map(recordOf);
for (let round = 0; round < rounds; round++) {
  const fresh = errorLogs.map((errorLog, index) => recordOf(occurrenceOf(errorLog, `r${round}x${index}`), index));
  note('floor', rate(floor, fresh));
  note('at first sight', rate(hash, parsed(fresh)));
}
for (let round = 0; round < rounds; round++) {
  note('floor', rate(floor, repeated));
  note('repeated', rate(hash, parsed(repeated)));
}

const bytes = repeated.reduce((sum, record) => sum + record.length, 0) / repeated.length;
const perSecond = (value) => `${Math.round(value).toLocaleString('en').padStart(11)} records/s`;
console.log(`${errorLogs.length} records of ${Math.round(bytes)} characters on average`);
console.log(`JSON.parse + SHA-256     ${perSecond(best.floor)}`);
for (const [name, bar] of Object.entries(BARS)) {
  const ratio = best[name] / best.floor;
  console.log(`hash, ${name.padEnd(18)} ${perSecond(best[name])}   ratio ${ratio.toFixed(2)} (at least ${bar})`);
  if (ratio < bar) process.exitCode = 1;
}
