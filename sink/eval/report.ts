import { CASE_KINDS } from './case.ts';
import type { Measured } from './measure.ts';
import type { PathReport } from './paths.ts';

/** A figure that must be reached; `npm run eval:context` fails below it. */
interface Bar {
  readonly what: string;
  readonly is: number;
  /** What it must be, at least or at most. */
  readonly least?: number;
  readonly most?: number;
  readonly unit: '%' | '';
}

/** Text for a person, and whether every bar was reached. */
export interface Report {
  readonly text: string;
  readonly passed: boolean;
}

/** The bars, in percent and tokens: what Patrol promises of the code that a model sees. */
const BARS = { inStack: 92, notInStack: 30, tokens: 5000, mapped: 98, wrong: 1 };

/** Recall of the fix against tokens, by where the fix lies. */
export function reportContext(all: readonly Measured[]): Report {
  const rows = [
    ...CASE_KINDS.map((kind) => [kind, all.filter((one) => one.kind === kind)] as const),
    ['all', all] as const,
  ].filter(([, set]) => set.length > 0);
  const lines = [
    row('where the fix lies', 'cases', 'file', 'function', 'lines', 'tokens'),
    ...rows.map(([name, set]) =>
      row(
        name,
        String(set.length),
        percent(share(set, ({ recall }) => recall.file)),
        percent(share(set, ({ recall }) => recall.function)),
        percent(mean(set.map(({ recall }) => recall.lines))),
        Math.round(mean(set.map(({ tokens }) => tokens))).toString(),
      ),
    ),
  ];
  const of = (kind: Measured['kind']): readonly Measured[] => all.filter((one) => one.kind === kind);
  const functionOf = (set: readonly Measured[]): number => 100 * share(set, ({ recall }) => recall.function);
  const bars: Bar[] = [];
  if (of('fix-in-stack').length > 0) {
    bars.push({
      what: 'function shown, fix in the stack',
      is: functionOf(of('fix-in-stack')),
      least: BARS.inStack,
      unit: '%',
    });
  }
  const elsewhere = all.filter(({ kind }) => kind !== 'fix-in-stack');
  if (elsewhere.length > 0) {
    bars.push({
      what: 'function shown, fix elsewhere',
      is: functionOf(elsewhere),
      least: BARS.notInStack,
      unit: '%',
    });
  }
  bars.push({
    what: 'tokens on average',
    is: mean(all.map(({ tokens }) => tokens)),
    most: BARS.tokens,
    unit: '',
  });
  const missed = all.filter(({ recall, kind }) => kind === 'fix-in-stack' && recall.function === false);
  return finish(
    'Context: is the code that the fix changed in the prompt?',
    [
      ...lines,
      ...(missed.length > 0 ? [`in the stack, not shown: ${missed.map(({ id }) => id).join(', ')}`] : []),
      ...failures(all),
    ],
    bars,
  );
}

/** Whether stacks led to the right files. */
export function reportPaths({ cases, right, abstained, wrong, mistakes }: PathReport): Report {
  const bars: Bar[] = [
    { what: 'right or abstaining', is: (100 * (right + abstained)) / cases, least: BARS.mapped, unit: '%' },
    { what: 'wrong', is: (100 * wrong) / cases, most: BARS.wrong, unit: '%' },
  ];
  const counts = `${cases} paths: ${right} right, ${abstained} abstained, ${wrong} wrong`;
  return finish('Paths: do stacks lead to the right files?', [counts, ...mistakes], bars);
}

/** What a model made of it, case by case, with cost and time. */
export function reportAnswers(all: readonly Measured[], model: string): Report {
  const answers = all.flatMap(({ id, kind, answer, failure }) =>
    answer ? [{ id, kind, failure, ...answer }] : [],
  );
  const costs = answers.flatMap(({ costUsd }) => costUsd ?? []);
  const lines = [
    row('case', 'found', 'patched', 'sure', 'cost', 'time'),
    ...answers.map((one) =>
      row(
        one.id,
        one.found ? 'yes' : 'no',
        one.patched ? 'yes' : 'no',
        `${one.confidence} %`,
        one.costUsd === undefined ? 'unknown' : dollars(one.costUsd),
        `${(one.ms / 1000).toFixed(1)} s`,
      ),
    ),
    `${answers.filter(({ found }) => found).length} of ${all.length} found the function of the fix, ${answers.filter(({ patched }) => patched).length} with a patch at its place; ${costs.length === 0 ? 'cost unknown' : `${dollars(costs.reduce((sum, one) => sum + one, 0))} in all`}, ${(mean(answers.map(({ ms }) => ms)) / 1000).toFixed(1)} s each`,
    ...failures(all),
  ];
  return finish(`Answers of ${model}, held against the known fix`, lines, []);
}

function failures(all: readonly Measured[]): string[] {
  const failed = all.filter(({ failure }) => failure !== undefined);
  return failed.slice(0, 3).map(({ id, failure }) => `${id} failed: ${failure}`);
}

function finish(title: string, lines: readonly string[], bars: readonly Bar[]): Report {
  const judged = bars.map((bar) => ({
    ...bar,
    passed: bar.is >= (bar.least ?? -1) && bar.is <= (bar.most ?? bar.is),
  }));
  const text = [
    title,
    ...lines.map((line) => `  ${line}`),
    ...judged.map(({ what, is, least, most, unit, passed }) => {
      const wanted = least === undefined ? `at most ${most}` : `at least ${least}`;
      return `  ${passed ? 'ok  ' : 'FAIL'} ${what}: ${unit === '%' ? is.toFixed(1) : Math.round(is)}${unit && ' %'} (${wanted})`;
    }),
    '',
  ].join('\n');
  return { text, passed: judged.every(({ passed }) => passed) };
}

function row(name: string, ...cells: readonly string[]): string {
  return name.padEnd(20) + cells.map((cell) => cell.padStart(10)).join('');
}

function share(set: readonly Measured[], of: (one: Measured) => boolean | undefined): number {
  return mean(
    set.flatMap((one) => {
      const is = of(one);
      return is === undefined ? [] : [is ? 1 : 0];
    }),
  );
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(0)} %`;
}

function dollars(value: number): string {
  return `$${value.toFixed(4)}`;
}
