import { fileURLToPath } from 'node:url';
import { captureErrorLog, ErrorAnalysisEngine, LocalFilesCodeProvider, PatrolError, priceOf } from 'patrol';
import { seen } from './traffic.js';

/** English text and code come to about four characters a token: https://platform.openai.com/tokenizer */
const CHARACTERS_PER_TOKEN = 4;
/** What an answer takes, where none was measured: cause, fix, evidence and next steps come to about this. */
const ANSWER_TOKENS = 350;
const LINES = 1_000_000;

/**
 * The figures at the end of a demo.
 *
 * @param {import('./apps.js').App[]} apps
 * @returns {string[]}
 */
export function countsOf(apps) {
  const errors = apps.flatMap((app) => app.log.errors);
  const analyses = apps.flatMap((app) => app.log.analyses);
  const fresh = analyses.filter((analysis) => !analysis.cached);
  const cached = analyses.filter((analysis) => analysis.cached);
  return table([
    ['errors logged', errors.length],
    ['errors accounted for in analyses', seen(analyses)],
    ['distinct errors', new Set(analyses.map((analysis) => analysis.hash)).size],
    ['analyses made', fresh.length],
    ['answered from the cache', cached.length],
    ['repeats that were only counted', seen(analyses) - analyses.length],
    ['calls to a model', fresh.filter((analysis) => analysis.byModel).length],
  ]);
}

/**
 * What a million such lines would cost, computed from the prompts that these very errors make.
 *
 * @param {import('./apps.js').App[]} apps
 * @param {string} model
 * @returns {Promise<string[]>}
 */
export async function costOf(apps, model) {
  const distinct = firstOfEach(apps);
  const all = await measurePrompts(distinct, model, []);
  const needed = await measurePrompts(distinct, model, undefined);
  const price = priceOf(model);
  if (!price || all.length === 0) return [`The price of ${model} is not known.`];
  const characters = all.reduce((sum, length) => sum + length, 0) / all.length;
  const tokens = characters / CHARACTERS_PER_TOKEN;
  const billed = apps.flatMap((app) => app.log.analyses).filter((analysis) => analysis.costUsd > 0);
  const perCall =
    billed.length > 0
      ? billed.reduce((sum, analysis) => sum + analysis.costUsd, 0) / billed.length
      : (tokens * price.input + ANSWER_TOKENS * price.output) / 1e6;
  const how =
    billed.length > 0
      ? `the ${billed.length} calls above cost $${perCall.toFixed(6)} on average, by the tokens that the model counted`
      : `the prompts for these ${all.length} errors, with the code around them, have ${Math.round(characters)} characters on average,\n  about ${Math.round(tokens)} tokens; with ${ANSWER_TOKENS} tokens for an answer that makes $${perCall.toFixed(6)} a call`;
  return [
    `What ${LINES.toLocaleString('en')} such lines a day would cost with ${model} ($${price.input} in, $${price.output} out per million tokens)`,
    ...table([
      ['without Patrol: every line asks', `$${(perCall * LINES).toFixed(2)}`],
      [
        `with Patrol: ${needed.length} distinct errors ask, once a day each`,
        `$${(perCall * needed.length).toFixed(4)}`,
      ],
    ]),
    `  How this is computed: ${how}.`,
    `  Known-error rules answer ${all.length - needed.length} of the ${all.length} without a model; repeats are only counted, and an answer is kept for a day.`,
  ];
}

/** One record for each distinct error: its first line without the request's id, and its place, are alike. */
function firstOfEach(apps) {
  const found = new Map();
  for (const { log } of apps) {
    for (const lines of log.errors) {
      const text = [lines[0].replace(/^\S+ ERROR:? +(?:\[[^\]]*\] )?/, ''), ...lines.slice(1)].join('\n');
      if (!found.has(text)) found.set(text, captureErrorLog(text));
    }
  }
  return [...found.values()];
}

/** Lets the engine build its prompts, as it would for that model, and answers none. */
async function measurePrompts(errorLogs, model, rules) {
  const lengths = [];
  const engine = new ErrorAnalysisEngine({
    llmProvider: {
      model,
      async complete({ system, user, schema }) {
        lengths.push(system.length + user.length + JSON.stringify(schema).length);
        throw new PatrolError('MODEL_REJECTED', 'Only measured.');
      },
    },
    codeProvider: new LocalFilesCodeProvider({ root: fileURLToPath(new URL('../', import.meta.url)) }),
    ...(rules && { rules }),
  });
  await engine.processErrorBatch(errorLogs.map((errorLog) => ({ errorLog })));
  return lengths;
}

/** @param {(readonly [string, number | string])[]} rows */
export function table(rows) {
  const width = Math.max(...rows.map(([label]) => label.length));
  const right = Math.max(...rows.map(([, value]) => String(value).length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${String(value).padStart(right)}`);
}
