import { parseArgs } from 'node:util';
import { readFolder, writeFolder } from './folder.mjs';
import { generate } from './generate.mjs';
import { compareGroups, compareHardNegatives } from './metrics.mjs';
import { TIERS } from './tiers.mjs';

/**
 * Groups errors with the built package and prints how well, by the hash alone and with the similar tier, which sees
 * the errors in their order and never looks ahead.
 *
 *   npm run eval:grouping                        on generated errors; exits 1 below a bar
 *   npm run eval:grouping -- --dir <folder>      on a folder as `folder.mjs` reads it
 *
 * `--write <folder>` keeps what was generated, `--seed` makes another set, `--errors` names the groups that went
 * wrong, `--bars` holds a given folder to the bars too, `--json` prints the figures as JSON.
 */
const { values: options } = parseArgs({
  options: {
    dir: { type: 'string' },
    write: { type: 'string' },
    seed: { type: 'string', default: '1' },
    errors: { type: 'boolean', default: false },
    bars: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const data = options.dir === undefined ? generate(Number(options.seed)) : readFolder(options.dir);
if (options.write !== undefined) writeFolder(options.write, data);

const figures = {};
const lines = [];
if (data.traces.length > 0) measureTraces();
if (Object.keys(data.messages).length > 0) measureMessages();
console.log(options.json ? JSON.stringify(figures) : lines.join('\n'));
if (options.dir === undefined || options.bars) checkBars();

function measureTraces() {
  const truth = data.traces.map(({ group }) => group);
  const errorLogs = data.traces.map(({ event }) => ({
    message: event.message,
    ...(event.name && { name: event.name }),
    ...(event.stack && { stackTrace: event.stack }),
  }));
  figures.traces = {};
  for (const [tier, predict] of Object.entries(TIERS)) {
    const predicted = predict(errorLogs);
    const result = compareGroups(truth, predicted);
    const apart = compareHardNegatives(data.hardNegatives, truth, predicted);
    figures.traces[tier] = { ...result, hardNegatives: apart };
    lines.push(
      `traces, ${tier}: ${result.events} errors, ${result.trueGroups} true groups, ${result.predictedGroups} predicted (ratio ${result.ratio.toFixed(3)})`,
      `  grouping accuracy ${result.ga.toFixed(3)}   pairs: precision ${result.precision.toFixed(4)}, recall ${result.recall.toFixed(4)}, F1 ${result.f1.toFixed(4)}`,
      ...apart.map(
        ({ axis, pairs, joined }) =>
          `  kept apart: ${axis.padEnd(30)} ${pairs - joined.length}/${pairs}${joined.map((pair) => `  joined: ${pair.join(' ~ ')}`).join('')}`,
      ),
      ...wrong(result),
      '',
    );
  }
}

function measureMessages() {
  figures.messages = {};
  const names = Object.keys(data.messages).sort();
  const tiers = Object.entries(TIERS).map(([tier, predict]) => {
    const results = names.map((name) => {
      const rows = data.messages[name];
      const predicted = predict(rows.map(({ content }) => ({ message: content })));
      return compareGroups(
        rows.map(({ event_id }) => event_id),
        predicted,
      );
    });
    figures.messages[tier] = {
      systems: Object.fromEntries(names.map((name, index) => [name, results[index]])),
      mean: results.reduce((total, { ga }) => total + ga, 0) / results.length,
    };
    return { tier, results };
  });
  lines.push(
    `${'messages: grouping accuracy'.padEnd(30)}${tiers.map(({ tier }) => tier.padEnd(20)).join('')}`,
  );
  for (const [index, name] of names.entries()) {
    const cells = tiers.map(({ results }) => {
      const { ga, predictedGroups, trueGroups } = results[index];
      return `${ga.toFixed(3)}  ${predictedGroups}/${trueGroups}`.padEnd(20);
    });
    lines.push(
      `  ${name.padEnd(28)}${cells.join('')}`,
      ...tiers.flatMap(({ results }) => wrong(results[index])),
    );
  }
  const means = tiers.map(({ tier }) => figures.messages[tier].mean.toFixed(3).padEnd(20));
  lines.push(`  ${'mean'.padEnd(28)}${means.join('')}`);
}

function wrong({ split, joined }) {
  if (!options.errors) return [];
  return [
    ...(split.length > 0 ? [`    split:  ${split.slice(0, 40).join(', ')}`] : []),
    ...joined.slice(0, 40).map((groups) => `    joined: ${groups.join(' + ')}`),
  ];
}

function checkBars() {
  const traces = figures.traces?.['hash alone'];
  const messages = figures.messages;
  const bars = [
    ...(traces
      ? [
          ['grouping accuracy of traces', traces.ga, traces.ga >= 0.95],
          ['pair precision of traces', traces.precision, traces.precision >= 0.985],
          ['pair F1 of traces', traces.f1, traces.f1 >= 0.98],
          ['groups per true group', traces.ratio, traces.ratio >= 0.98 && traces.ratio <= 1.05],
          ...traces.hardNegatives.map(({ axis, pairs, joined }) => [
            `kept apart: ${axis}`,
            pairs - joined.length,
            joined.length <= 1 && pairs - joined.length >= Math.min(pairs, 0.95 * pairs) - 1,
          ]),
        ]
      : []),
    ...(messages
      ? [
          ['messages by the hash alone', messages['hash alone'].mean, messages['hash alone'].mean >= 0.83],
          [
            'messages with the similar tier',
            messages['with similar'].mean,
            messages['with similar'].mean >= 0.9,
          ],
        ]
      : []),
  ];
  const failed = bars.filter(([, , passed]) => !passed);
  for (const [label, value] of failed) console.error(`below the bar: ${label} (${value})`);
  if (failed.length > 0) process.exitCode = 1;
}
