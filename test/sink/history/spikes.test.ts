import { describe, expect, it } from 'vitest';
import { counted, firstRate, isSpiking, type Rate, STRETCH } from '../../../sink/history/spikes.ts';
import { NOON } from '../../support/history-kit.ts';

/** Numbers that look like chance and are the same in every run (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A count as Poisson's distribution has it: Knuth, The Art of Computer Programming, vol. 2, 3.4.1. */
function poisson(mean: number, next: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = next(); product > limit; product *= next()) count += 1;
  return count;
}

/** Counts stretch after stretch; says how often a spike began. */
function run(rate: Rate, from: number, counts: readonly number[]): { rate: Rate; spikes: number } {
  let spikes = 0;
  let now = rate;
  for (const [index, count] of counts.entries()) {
    if (count === 0) continue;
    const after = counted(now, from + index * STRETCH, count);
    if (after.spiking && !now.spiking) spikes += 1;
    now = after;
  }
  return { rate: now, spikes };
}

const steady = (mean: number, stretches: number, seed: number): number[] => {
  const next = chance(seed);
  return Array.from({ length: stretches }, () => poisson(mean, next));
};

describe('a rate', () => {
  it('that only varies as chance has it hardly ever spikes', () => {
    let spikes = 0;
    for (const mean of [0.2, 2, 8, 30, 60]) {
      for (let error = 0; error < 20; error++) {
        spikes += run(firstRate(NOON), NOON, steady(mean, 288, 1000 * mean + error)).spikes;
      }
    }
    // A hundred errors, each looked at for a day.
    expect(spikes).toBeLessThanOrEqual(2);
  });

  it.each([2, 8, 30])('that rises tenfold from %i spikes, once', (mean) => {
    const before = run(firstRate(NOON), NOON, steady(mean, 50, mean));
    const burst = steady(Math.max(10 * mean, 40), 6, mean + 1);
    const during = run(before.rate, NOON + 50 * STRETCH, burst);
    expect(during.spikes).toBe(1);
    expect(isSpiking(during.rate, NOON + 56 * STRETCH)).toBe(true);
  });

  it('can spike again when it was back for a while', () => {
    const calm = steady(8, 40, 1);
    const first = run(firstRate(NOON), NOON, [...calm, 200, ...calm]);
    expect(first.spikes).toBe(1);
    expect(run(first.rate, NOON + 81 * STRETCH, [200]).spikes).toBe(1);
  });

  it('that stays high becomes the usual one', () => {
    const before = run(firstRate(NOON), NOON, steady(8, 40, 1));
    const high = run(before.rate, NOON + 40 * STRETCH, steady(80, 200, 2));
    expect(high.spikes).toBe(1);
    expect(high.rate.spiking).toBe(false);
  });

  it('of a rare error does not spike for a few of them, nor that of a new one', () => {
    expect(run(firstRate(NOON), NOON, [1, ...Array(30).fill(0), 12]).spikes).toBe(0);
    expect(run(firstRate(NOON), NOON, [1, 500, 500]).spikes).toBe(0);
  });

  it('is remembered in as much room after a year of silence as after an hour', () => {
    const { rate } = run(firstRate(NOON), NOON, steady(8, 40, 1));
    const later = counted(rate, NOON + 366 * 86_400_000, 1);
    expect(Object.keys(later)).toEqual(Object.keys(rate));
    expect(later.mean).toBe(0);
  });
});
