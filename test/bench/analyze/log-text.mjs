// A log of any length, made as it is read: pino, winston and plain text in turn, one record of a hundred an error.

const word = (number) => [...String(number)].map((digit) => 'abcdefghij'[digit]).join('');

/** Blocks of lines, `bytes` in all or a little more; `distinct` different errors. */
export function* logText(bytes, distinct) {
  let size = 0;
  for (let record = 0; size < bytes; ) {
    let block = '';
    for (let line = 0; line < 2000; line++, record++) {
      block +=
        record % 100 === 99 ? failure(record, word(Math.floor(record / 100) % distinct)) : fine(record);
    }
    size += Buffer.byteLength(block);
    yield block;
  }
}

const time = (record) => 1_767_225_600_000 + record;
const iso = (record) => new Date(time(record)).toISOString();

function fine(record) {
  const url = `/api/orders/${record}`;
  switch (record % 3) {
    case 0:
      return `{"level":30,"time":${time(record)},"pid":1,"hostname":"h","req":{"id":${record},"url":"${url}"},"msg":"request completed"}\n`;
    case 1:
      return `{"level":"info","message":"handled ${url}","service":"pay","timestamp":"${iso(record)}","ms":12}\n`;
    default:
      return `${iso(record)} INFO  [main] item ${record} of the nightly import is done in 12 ms, the next one is waiting\n`;
  }
}

function failure(record, what) {
  const message = `${what} order ${record} failed`;
  const stack = `Error: ${message}\n    at ${what}Order (/srv/shop/src/${what}.js:1:2)\n    at run (/srv/shop/src/main.js:4:3)`;
  switch (Math.floor(record / 100) % 3) {
    case 0:
      return `${JSON.stringify({ level: 50, time: time(record), err: { type: 'Error', message, stack }, msg: message })}\n`;
    case 1:
      return `${JSON.stringify({ level: 'error', message, stack, timestamp: iso(record) })}\n`;
    default:
      return `${iso(record)} ERROR [main] job failed\n${stack}\n`;
  }
}
