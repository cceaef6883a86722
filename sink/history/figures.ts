import type { AnalysisResult, Milliseconds } from '../../src/types.ts';
import type { Statistics } from './history.ts';

/** Sums by name, such as `tokens`; `delay:13` counts analyses that took about as long as {@link delayOf} says. */
export type Figures = Map<string, number>;

/** Buckets to a doubling: what is read from them is off by at most 9 %. */
const PER_OCTAVE = 4;
const DELAY = 'delay:';

/** What an answered event adds to the figures. */
export function figuresOf(result: AnalysisResult, took: Milliseconds): Figures {
  const { cached, similarTo, source, usage } = result;
  const costUsd = usage?.costUsd ?? 0;
  const isUnpriced = source === 'llm' && usage?.costUsd === undefined;
  const savings: readonly (readonly [string, number])[] = [
    ...(costUsd > 0 ? ([['saved', costUsd]] as const) : []),
    ...(isUnpriced ? ([['saved-unpriced', 1]] as const) : []),
  ];
  if (cached) return new Map([['cached', 1], ...savings]);
  const delay = `${DELAY}${Math.round(PER_OCTAVE * Math.log2(Math.max(0, took) + 1))}`;
  if (similarTo !== undefined) {
    return new Map([['similar', 1], ...savings, [delay, 1]]);
  }
  return new Map([
    [source === 'llm' ? 'model' : source, 1],
    ['tokens', usage?.totalTokens ?? 0],
    ['spent', costUsd],
    ...(isUnpriced ? ([['spent-unpriced', 1]] as const) : []),
    [delay, 1],
  ]);
}

/** Adds to sums. */
export function addFigures(sums: Figures, more: Iterable<readonly [string, number]>): void {
  for (const [name, value] of more) sums.set(name, (sums.get(name) ?? 0) + value);
}

/** The sums as statistics show them. */
export function toStatistics(
  sums: Figures,
): Pick<Statistics, 'answers' | 'tokens' | 'spentUsd' | 'savedUsd' | 'unpriced' | 'timeToAnalysis'> {
  const sum = (name: string) => sums.get(name) ?? 0;
  const delays = [...sums]
    .filter(([name]) => name.startsWith(DELAY))
    .map(([name, count]) => ({ bucket: Number(name.slice(DELAY.length)), count }))
    .sort((a, b) => a.bucket - b.bucket);
  return {
    answers: {
      model: sum('model'),
      rules: sum('rules'),
      none: sum('none'),
      cached: sum('cached'),
      similar: sum('similar'),
    },
    tokens: sum('tokens'),
    spentUsd: sum('spent'),
    savedUsd: sum('saved'),
    unpriced: { spent: sum('spent-unpriced'), saved: sum('saved-unpriced') },
    ...(delays.length > 0 && {
      timeToAnalysis: { p50: percentile(delays, 0.5), p95: percentile(delays, 0.95) },
    }),
  };
}

function percentile(
  delays: readonly { readonly bucket: number; readonly count: number }[],
  share: number,
): Milliseconds {
  let left = share * delays.reduce((sum, { count }) => sum + count, 0);
  const found = delays.find(({ count }) => {
    left -= count;
    return left <= 0;
  });
  return delayOf(found?.bucket ?? 0);
}

function delayOf(bucket: number): Milliseconds {
  return Math.round(2 ** (bucket / PER_OCTAVE) - 1);
}
