import { beforeEach, describe, expect, it } from 'vitest';
import { createGuesses, type Guesses } from '../../../sink/http-api/guesses.ts';

let now: number;
let guesses: Guesses;

beforeEach(() => {
  now = 1_000_000;
  guesses = createGuesses(() => now);
});

const wrong = (address: string) => guesses.weigh(address, () => undefined);
const right = (address: string) => guesses.weigh(address, () => 'mina');

describe('too many guesses', () => {
  it('are forgiven a minute after the first one, however many came while they were not looked at', () => {
    for (let count = 0; count < 10; count++) wrong('192.0.2.1');
    now += 59_000;
    for (let count = 0; count < 100; count++) expect(wrong('192.0.2.1')).toEqual({ wait: 1 });
    now += 1001;
    expect(right('192.0.2.1')).toEqual({ found: 'mina' });
  });

  it('are not forgiven for a right one between them: a reader may guess the token of an admin', () => {
    for (let count = 0; count < 10; count++) {
      right('192.0.2.1');
      wrong('192.0.2.1');
    }
    expect(right('192.0.2.1').wait).toBeGreaterThan(0);
  });

  it('of everybody together keep out a new address for a minute at most', () => {
    for (let index = 0; index < 300; index++) wrong(`network ${index}`);
    expect(right('192.0.2.1')).toEqual({ wait: 60 });
    now += 60_001;
    expect(right('192.0.2.1')).toEqual({ found: 'mina' });
  });
});
