import type { Milliseconds, Timestamp } from '../../src/types.ts';

/** What is remembered of an error's rate: as much after a year as after an hour. */
export interface Rate {
  /** When the stretch began that is being counted. */
  readonly since: Timestamp;
  readonly count: number;
  /** Exponentially weighted mean and variance of the counts of earlier stretches. */
  readonly mean: number;
  readonly variance: number;
  /** How many stretches they stand on; no more than it takes to trust them. */
  readonly stretches: number;
  /** The rate has left its band, and was not back within it for a whole stretch. */
  readonly spiking: boolean;
}

/** Counts are taken over stretches of this length. */
export const STRETCH: Milliseconds = 300_000;
/** Weight of the latest stretch: 0.1 looks back about an hour and a half. Roberts tabulates 0.05–0.3. */
const WEIGHT = 0.1;
/**
 * Width of the band in standard deviations. Charts of one process take 3; with thousands of errors, each looked at
 * 288 times a day, that would cry wolf every minute.
 */
const WIDTH = 5;
/** Fewer than this are no spike, however rare the error is. */
const MIN_COUNT = 20;
/** An error that is younger than an hour has no usual rate; that it is new was said. */
const MIN_STRETCHES = 12;
/** After so many silent stretches (a day) nothing is left of what was before. */
const FORGOTTEN = 288;

/** The rate of an error that comes for the first time. */
export function firstRate(at: Timestamp): Rate {
  return { since: stretchOf(at), count: 0, mean: 0, variance: 0, stretches: 0, spiking: false };
}

/**
 * Counts occurrences. The rate spikes when a stretch's count rises above
 * mean + {@link WIDTH} · σ: an EWMA control chart (S. W. Roberts, "Control Chart Tests Based on Geometric Moving
 * Averages", Technometrics 1, 1959) whose variance is an exponentially weighted one (J. F. MacGregor and T. J. Harris,
 * "The Exponentially Weighted Moving Variance", J. Quality Technology 25, 1993), and never less than the mean: counts
 * vary at least as Poisson's do (Borror, Champ and Rigdon, "Poisson EWMA Control Charts", J. Quality Technology 30,
 * 1998). What lies outside the band moves its middle no further than to the edge, so that a spike does not hide the next.
 */
export function counted(before: Rate, at: Timestamp, occurrences: number): Rate {
  const since = stretchOf(at);
  // What comes late belongs to a stretch that is closed.
  if (since < before.since) return before;
  const rate = since === before.since ? before : closed(before, (since - before.since) / STRETCH);
  const count = rate.count + occurrences;
  const spiking =
    rate.spiking || (rate.stretches >= MIN_STRETCHES && count >= MIN_COUNT && count > limit(rate));
  return { ...rate, since, count, spiking };
}

/** True while the rate is out of its band, as far as can be told at that time. */
export function isSpiking({ spiking, since }: Rate, now: Timestamp): boolean {
  return spiking && now - since < 2 * STRETCH;
}

/** The rate after its stretch has ended, and `later - 1` silent ones. */
function closed(rate: Rate, later: number): Rate {
  let { mean, variance } = rate;
  const edge = Math.max(limit(rate), MIN_COUNT);
  const isOut = rate.stretches >= MIN_STRETCHES && rate.count > edge;
  // Outside, the band follows slowly: what is no chance says nothing of how much chance there is.
  if (isOut) mean += WEIGHT * (edge - mean);
  const counts = [...(isOut ? [] : [rate.count]), ...Array(Math.min(later, FORGOTTEN) - 1).fill(0)];
  for (const count of counts) {
    const off = count - mean;
    mean += WEIGHT * off;
    variance = (1 - WEIGHT) * (variance + WEIGHT * off * off);
  }
  if (later >= FORGOTTEN) [mean, variance] = [0, 0];
  return {
    ...rate,
    count: 0,
    mean,
    variance,
    stretches: Math.min(MIN_STRETCHES, rate.stretches + later),
    spiking: rate.spiking && later === 1 && isOut,
  };
}

function limit({ mean, variance }: Rate): number {
  return mean + WIDTH * Math.sqrt(Math.max(variance, mean));
}

function stretchOf(at: Timestamp): Timestamp {
  return at - (at % STRETCH);
}
