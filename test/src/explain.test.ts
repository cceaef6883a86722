import { expect, test } from 'vitest';
import { explainDifference, explainErrorLog } from '../../src/explain.ts';
import { hashErrorLog } from '../../src/hashing.ts';

const errorLog = {
  message: 'connect ECONNREFUSED 127.0.0.1:5432',
  stackTrace: `Error: connect ECONNREFUSED 127.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)
    at Pool.query (/srv/shop/node_modules/pg/lib/pool.js:45:11)
    at async insertOrder (/srv/shop/src/repos/orders.js:12:3)
    at async createOrder (/srv/shop/src/services/orders.js:14:3)`,
};

test('names the hash, each part with its reason, and what was masked by which rule', () => {
  const text = explainErrorLog(errorLog);
  expect(text).toContain(hashErrorLog(errorLog).errorHash);
  expect(text).toMatch(/^class +Error\n +the class of the error$/m);
  expect(text).toMatch(/^message +connect ECONNREFUSED <\*>$/m);
  expect(text).toMatch(/^ +<\*> 127\.0\.0\.1:5432: a word with a digit$/m);
  expect(text).toMatch(/^frame +insertOrder src\/repos\/orders\.js$/m);
});

test('says of each frame whether it counted', () => {
  const frames = explainErrorLog(errorLog).split('frames (javascript):\n')[1];
  expect(
    frames
      ?.trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/)),
  ).toEqual([
    ['not the application’s', 'TCPConnectWrap.afterConnect node:net:1595'],
    ['not the application’s', 'Pool.query /srv/shop/node_modules/pg/lib/pool.js:45'],
    ['counts', 'insertOrder /srv/shop/src/repos/orders.js:12'],
    ['a caller', 'createOrder /srv/shop/src/services/orders.js:14'],
  ]);
});

test('says of two errors in which part they differ', () => {
  const other = { ...errorLog, stackTrace: errorLog.stackTrace.replace('insertOrder', 'findOrder') };
  const text = explainDifference(errorLog, other);
  expect(text).toMatch(
    /frame +first +insertOrder src\/repos\/orders\.js\n +second +findOrder src\/repos\/orders\.js/,
  );
  expect(text).toMatch(/message +both +connect ECONNREFUSED <\*>/);
});

test('says of two occurrences that they are one error', () => {
  const other = { ...errorLog, stackTrace: errorLog.stackTrace.replaceAll('5432', '6543') };
  expect(explainDifference(errorLog, other)).toContain('the same error');
});

test('says that a given fingerprint replaced everything', () => {
  expect(explainErrorLog(errorLog, { fingerprint: ['checkout'] })).toMatch(
    /^custom +checkout\n +given with the event, in place of everything else$/m,
  );
});
