import uPlot from 'uplot';
import type { BucketStep } from '../../../history/history.ts';

const STEP_S = { minute: 60, hour: 3600, day: 86_400 } as const satisfies Record<BucketStep, number>;

/** How the bars look. */
export interface BarsLook {
  readonly height: number;
  readonly label: string;
  readonly step: BucketStep;
  readonly language: string;
  readonly format: (value: number) => string;
}

/** Draws counts over time (in seconds) into an element, as wide as it is. */
export function drawBars(
  element: HTMLElement,
  [times, counts]: readonly [readonly number[], readonly number[]],
  { height, label, step, language, format }: BarsLook,
): { destroy(): void } {
  const style = getComputedStyle(element);
  const [text, grid, fill] = ['--muted', '--line', '--bar'].map((name) => resolved(element, style, name));
  const axis = { stroke: text ?? '', grid: { stroke: grid ?? '', width: 1 }, ticks: { show: false } };
  const timeFormat = new Intl.DateTimeFormat(
    language,
    step === 'day' ? { month: 'short', day: 'numeric' } : { hour: 'numeric', minute: '2-digit' },
  );
  const full = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const plot = new uPlot(
    {
      width: Math.max(element.clientWidth, 100),
      height,
      // On the right half of a label has room.
      padding: [8, 30, 0, 0],
      legend: { live: true },
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      scales: {
        // The last bar stands behind its time, too.
        x: { time: true, range: [times[0] ?? 0, (times.at(-1) ?? 0) + STEP_S[step]] },
        y: { range: (_plot, _min, max) => [0, Math.max(max, 1) * 1.1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 30,
          values: (_plot, splits) => splits.map((at) => timeFormat.format(at * 1000)),
          space: 70,
        },
        {
          ...axis,
          values: (_plot, splits) => splits.map((value) => (Number.isInteger(value) ? format(value) : '')),
          size: 46,
        },
      ],
      series: [
        { label: '', value: (_plot, at) => (at === null ? '' : full.format(at * 1000)) },
        {
          label,
          fill: fill ?? '',
          stroke: fill ?? '',
          width: 0,
          points: { show: false },
          ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.8, 60], align: 1 }) }),
        },
      ],
    },
    [[...times], [...counts]],
    element,
  );
  const observer = new ResizeObserver(() => {
    if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height });
  });
  observer.observe(element);
  return {
    destroy() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

/** The colour that a custom property stands for here: a canvas does not understand `light-dark()`. */
function resolved(element: HTMLElement, style: CSSStyleDeclaration, property: string): string {
  const before = element.style.color;
  element.style.color = `var(${property})`;
  const colour = style.color;
  element.style.color = before;
  return colour;
}
