import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Bucket, BucketStep } from '../../../history/history.ts';
import { language, texts } from '../language/language.ts';
import { theme } from '../look/theme.ts';
import { compactNumber, exactTime, wholeNumber } from '../text/format.ts';

const STEP_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const HEIGHT = 160;
/** More rows than anybody reads; the picture shows them all. */
const MAX_ROWS = 200;

/** Counts over time as bars; for those who do not see them, in words and as a table. */
export function TimeChart({
  buckets,
  step,
  from,
  to,
}: {
  readonly buckets: readonly Bucket[];
  readonly step: BucketStep;
  readonly from: number;
  readonly to: number;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const { time, number, chartSummary, chartAsTable } = texts.value;
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const peak = buckets.reduce((most, { count }) => Math.max(most, count), 0);
  const summary = chartSummary(total, peak);
  const look = `${theme.value} ${language.value}`;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let draw: { destroy(): void } | undefined;
    let gone = false;
    // The library is loaded when the first chart is: the list does without.
    void import('./bars.ts').then(({ drawBars }) => {
      if (gone) return;
      draw = drawBars(element, filled(buckets, STEP_MS[step], from, to), {
        height: HEIGHT,
        label: number,
        step,
        language: language.value,
        format: compactNumber,
      });
    });
    return () => {
      gone = true;
      draw?.destroy();
    };
  }, [buckets, step, from, to, look]);

  return (
    <div class="chart">
      <div ref={place} class="bars" role="img" aria-label={summary} />
      <details>
        <summary>{chartAsTable}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{time}</th>
              <th scope="col" class="number">
                {number}
              </th>
            </tr>
          </thead>
          <tbody>
            {buckets
              .filter(({ count }) => count > 0)
              .slice(-MAX_ROWS)
              .map(({ at, count }) => (
                <tr key={at}>
                  <td>{exactTime(at)}</td>
                  <td class="number">{wholeNumber(count)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

/** With a zero where nothing came: a store leaves those out. */
function filled(
  buckets: readonly Bucket[],
  stepMs: number,
  from: number,
  to: number,
): readonly [readonly number[], readonly number[]] {
  const counts = new Map<number, number>();
  for (const { at, count } of buckets) {
    const start = Math.floor(at / stepMs) * stepMs;
    counts.set(start, (counts.get(start) ?? 0) + count);
  }
  const times: number[] = [];
  for (let at = Math.floor(from / stepMs) * stepMs; at < to; at += stepMs) times.push(at);
  return [times.map((at) => at / 1000), times.map((at) => counts.get(at) ?? 0)];
}
