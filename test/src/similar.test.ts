import { describe, expect, test } from 'vitest';
import { hashErrorLog } from '../../src/hashing.ts';
import { createSimilarIndex, type SimilarIndex } from '../../src/similar.ts';
import type { ErrorLog } from '../../src/types.ts';

const add = (index: SimilarIndex, errorLog: ErrorLog) => {
  const { errorHash, normalized } = hashErrorLog(errorLog);
  index.add(errorHash, normalized);
  return errorHash;
};
const find = (index: SimilarIndex, errorLog: ErrorLog) => index.find(hashErrorLog(errorLog).normalized);
const areSimilar = (one: ErrorLog, other: ErrorLog) => {
  const index = createSimilarIndex();
  const hash = add(index, one);
  return find(index, other)?.errorHash === hash;
};
const failed = (message: string, more: Partial<ErrorLog> = {}): ErrorLog => ({ message, ...more });
const thrown = (message: string, frame = 'load (/app/src/a.js:1:2)'): ErrorLog => ({
  message,
  stackTrace: `LoadError: ${message}\n    at ${frame}`,
});

describe('an error is similar to a known one', () => {
  test.each([
    ['when names differ', 'Failed password for uucp from host one', 'Failed password for sshd from host one'],
    [
      'when classes differ that are values',
      'cannot start com.acme.Mailer in time',
      'cannot start com.acme.Biller in time',
    ],
    [
      'when one has a value where the other has a name',
      'no route to host7 for the job',
      'no route to backend for the job',
    ],
    [
      'when one has a name more',
      'connection from <10.0.0.1> lost for good',
      'connection from <10.0.0.1> mercury lost for good',
    ],
  ])('%s', (_what, one, other) => {
    expect(areSimilar(failed(one), failed(other))).toBe(true);
  });

  test('when the same function fails with the same words and says more', () => {
    expect(
      areSimilar(
        thrown('4 DEADLINE_EXCEEDED: Deadline exceeded'),
        thrown(
          '4 DEADLINE_EXCEEDED: Deadline exceeded after 0.1s,name resolution: 0.002s,Waiting for LB pick',
        ),
      ),
    ).toBe(true);
  });

  test('and says how similar', () => {
    const index = createSimilarIndex();
    const errorHash = add(index, failed('Failed password for uucp from host one'));
    expect(find(index, failed('Failed password for sshd from host one'))).toEqual({
      errorHash,
      similarity: 6 / 7,
    });
  });
});

describe('an error is not similar to another', () => {
  test.each([
    [
      'that differs in an ordinary word',
      'session opened for the main worker',
      'session closed for the main worker',
    ],
    [
      'that differs in a negation',
      'the order was found in the store',
      'the order was not found in the store',
    ],
    ['of another status', 'Request failed with status code 404', 'Request failed with status code 500'],
    [
      'of another property',
      "Cannot read properties of undefined (reading 'id')",
      "Cannot read properties of undefined (reading 'map')",
    ],
    [
      'of another column',
      "null value in column 'a_id' violates not-null constraint",
      "null value in column 'b_id' violates not-null constraint",
    ],
    [
      'of another constant',
      'job ended in state TIMED_OUT as it seems',
      'job ended in state CANCELLED as it seems',
    ],
    [
      'of another boolean',
      'layout done with overlap=true and more',
      'layout done with overlap=false and more',
    ],
    [
      'that is about something else from its first word on',
      'Mailer could not be started in time',
      'Biller could not be started in time',
    ],
    [
      'that differs in a variable of the program',
      'checked that stepSum or calorieSum is enough',
      'checked that stepStat or calorieStat is enough',
    ],
    ['that has a field more', 'intent of act=1 and flag', 'intent of flag'],
    ['that shares too little with it', 'cannot load uucp', 'cannot load sshd'],
  ])('%s', (_what, one, other) => {
    expect(areSimilar(failed(one), failed(other))).toBe(false);
    expect(areSimilar(failed(other), failed(one))).toBe(false);
  });

  test('of another class, code, cause or function', () => {
    const one = 'Failed password for uucp from host one';
    const other = 'Failed password for sshd from host one';
    expect(areSimilar(failed(one, { name: 'AError' }), failed(other, { name: 'BError' }))).toBe(false);
    expect(areSimilar(failed(one, { code: 'E_A' }), failed(other, { code: 'E_B' }))).toBe(false);
    expect(areSimilar(thrown(one), thrown(other, 'store (/app/src/a.js:1:2)'))).toBe(false);
    expect(areSimilar(thrown(one), thrown(other))).toBe(true);
  });
});

test('a template becomes more general with each error that resembles it', () => {
  const index = createSimilarIndex();
  const errorHash = add(index, failed('Failed password for uucp from host mercury in time'));
  expect(find(index, failed('Failed password for sshd from host venus in time'))?.errorHash).toBe(errorHash);
  add(index, failed('Failed password for sshd from host mercury in time'));
  add(index, failed('Failed password for uucp from host venus in time'));
  expect(index.size).toBe(1);
  expect(find(index, failed('Failed password for mysql from host pluto in time'))?.errorHash).toBe(errorHash);
});

test('looking changes nothing', () => {
  const index = createSimilarIndex();
  find(index, failed('Failed password for uucp from host one'));
  expect(index.size).toBe(0);
});

test('the same history gives the same answers', () => {
  const names = ['uucp', 'sshd', 'mysql', 'venus', 'pluto'];
  const run = () => {
    const index = createSimilarIndex();
    return names.map((name) => {
      const errorLog = failed(`Failed password for ${name} from host one`);
      const answer = find(index, errorLog);
      add(index, errorLog);
      return answer;
    });
  };
  expect(run()).toEqual(run());
});

test('no more templates are kept than allowed; the one longest unused goes first', () => {
  const index = createSimilarIndex({ maxTemplates: 2 });
  const message = (kind: string) => failed(`Failed ${kind} for uucp from host one`);
  add(index, message('login'));
  add(index, message('logout'));
  add(index, message('login'));
  add(index, message('signature'));
  expect(index.size).toBe(2);
  expect(find(index, message('login'))).toBeDefined();
  expect(find(index, message('logout'))).toBeUndefined();
});
