import pLimit from 'p-limit';
import { loadConfig } from '../../src/config.ts';
import { createModel } from '../../src/create-providers.ts';
import { PatrolError } from '../../src/errors.ts';
import { type ContextCase, readCases } from '../eval/case.ts';
import { type Measured, measure } from '../eval/measure.ts';
import { measurePaths } from '../eval/paths.ts';
import { type Report, reportAnswers, reportContext, reportPaths } from '../eval/report.ts';
import { findMirror, type PlacedCase, withOwnCases } from '../eval/repositories.ts';
import { resolveSecrets } from '../secrets.ts';

/** What the command line says. */
export interface EvalOptions {
  /** A folder of cases (`*.jsonl`) instead of Patrol's own. */
  readonly cases?: string;
  /** The folder of their repositories. */
  readonly mirrors?: string;
  /** Only cases whose id this regular expression matches. */
  readonly only?: string;
  /** Whether a model is asked where one is configured. */
  readonly answers: boolean;
}

/** Cases that are measured side by side; each runs git. */
const CONCURRENCY = 2;

/**
 * `patrol eval`: whether the code that the known fixes changed reaches the prompt, whether stacks lead to the right
 * files, and, where a model is configured, what it makes of it, for how much and how long.
 *
 * @returns What to tell the user, and whether every bar was reached.
 */
export async function evaluate(options: EvalOptions): Promise<Report> {
  if (options.cases === undefined) return withOwnCases((own) => run(own, options), isChosen(options));
  if (options.mirrors === undefined) {
    throw new PatrolError(
      'CONFIG_INVALID',
      'Expected --mirrors, the folder of the repositories that --cases are about.',
    );
  }
  const { placed, missing } = await place(await readCases(options.cases), options.mirrors);
  const report = await run(placed, options);
  const left =
    missing.length > 0
      ? `Left out, for their repository is not among the mirrors: ${missing.join(', ')}\n`
      : '';
  return { ...report, text: left + report.text };
}

function isChosen({ only }: EvalOptions): (one: Pick<ContextCase, 'id'>) => boolean {
  const wanted = only === undefined ? undefined : new RegExp(only);
  return ({ id }) => wanted?.test(id) ?? true;
}

async function run(placed: readonly PlacedCase[], options: EvalOptions): Promise<Report> {
  const { answers } = options;
  const config = loadConfig();
  const model = answers ? await createModel(await resolveSecrets(config)) : undefined;
  const chosen = placed.filter(isChosen(options));
  if (chosen.length === 0) throw new PatrolError('EVENT_INVALID', 'No case is left to be measured.');
  const limit = pLimit(CONCURRENCY);
  const measured: Measured[] = await Promise.all(
    chosen.map((one) => limit(() => measure(one, config, model))),
  );
  const reports = [reportContext(measured), reportPaths(await measurePaths())];
  if (model) reports.push(reportAnswers(measured, model.model));
  const skipped = model
    ? ''
    : `Answers: skipped, ${answers ? 'for no model is configured (OPENAI_API_KEY)' : 'as asked'}.\n`;
  return {
    text: reports.map(({ text }) => text).join('\n') + skipped,
    passed: reports.every(({ passed }) => passed),
  };
}

async function place(
  cases: readonly ContextCase[],
  mirrors: string,
): Promise<{ readonly placed: readonly PlacedCase[]; readonly missing: readonly string[] }> {
  const placed: PlacedCase[] = [];
  const missing = new Set<string>();
  for (const one of cases) {
    const directory = await findMirror(mirrors, one.repository);
    if (directory === undefined) missing.add(one.repository);
    else placed.push({ ...one, directory });
  }
  return { placed, missing: [...missing] };
}
