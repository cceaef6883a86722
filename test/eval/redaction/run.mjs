import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRedactor } from 'patrol';
import { generate } from './generate.mjs';
import { score } from './score.mjs';
import { measureSpeed } from './speed.mjs';

/**
 * Redacts a corpus with the built package, scores it, measures the speed.
 *
 *   npm run --silent eval:redaction -- --corpus corpus.jsonl > predictions.jsonl
 *
 * The predictions `{i, redacted_text}` go to stdout, the figures to stderr. Without `--corpus` the corpus is
 * generated (`--seed`), and nothing goes to stdout. Exits 1 below a bar. `--ips` redacts IP addresses too.
 */
const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    seed: { type: 'string', default: '1' },
    ips: { type: 'boolean', default: false },
    misses: { type: 'string', default: '10' },
  },
});

const BARS = {
  'credential events with nothing leaked': ['credential', 99],
  'personal-data events with nothing leaked': ['pii', 95],
};

const rows =
  values.corpus === undefined
    ? generate(Number(values.seed))
    : readFileSync(values.corpus, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
const { redact } = createRedactor({ ips: values.ips });
const redacted = rows.map(({ text }) => redact(text));

if (values.corpus !== undefined) {
  for (const [index, { i }] of rows.entries()) {
    process.stdout.write(`${JSON.stringify({ i, redacted_text: redacted[index] })}\n`);
  }
}

const { misses, destroyedTexts, ...figures } = score(rows, redacted);
const speed = measureSpeed(
  redact,
  rows.map(({ text }) => text),
);
const changedTwice = redacted.filter((text) => redact(text) !== text).length;

const failures = [];
const check = (label, value, passed) => {
  process.stderr.write(`${passed ? 'ok  ' : 'FAIL'} ${label}: ${value}\n`);
  if (!passed) failures.push(label);
};
for (const [label, [tier, bar]] of Object.entries(BARS)) {
  const found = figures.recall[tier];
  if (found !== undefined)
    check(`${label} (≥ ${bar} %)`, `${found.percent} % of ${found.events}`, found.percent >= bar);
}
for (const [tier, found] of Object.entries(figures.recall)) {
  if (tier !== 'credential' && tier !== 'pii')
    process.stderr.write(`     ${tier}: ${found.percent} % of ${found.events}\n`);
}
if (figures.destroyed !== null)
  check('useful text destroyed (≤ 2 %)', `${figures.destroyed} %`, figures.destroyed <= 2);
if (figures.framesKept !== null)
  check('stack frames kept (≥ 99 %)', `${figures.framesKept} %`, figures.framesKept >= 99);
check('texts that a second redaction changes (0)', changedTwice, changedTwice === 0);
// Shown, not judged: the same machine is twice as slow when it is busy.
process.stderr.write(
  `     speed (aim ≥ 10 MB/s of CPU time): ${speed.megabytesPerSecond.toFixed(1)} MB/s; 8 KB, p99 (aim ≤ 1 ms): ${speed.p99Milliseconds.toFixed(2)} ms\n`,
);

const shown = Number(values.misses);
const barred = misses.filter(({ tier }) => tier === 'credential' || tier === 'pii');
for (const { i, kind, redacted: text } of barred.slice(0, shown)) {
  process.stderr.write(`leaked ${kind} (${i}): ${JSON.stringify(text.slice(0, 300))}\n`);
}
for (const { i, kind, redacted: text } of destroyedTexts.slice(0, shown)) {
  process.stderr.write(`destroyed ${kind} (${i}): ${JSON.stringify(text.slice(0, 300))}\n`);
}
process.stderr.write(`${JSON.stringify({ ...figures, ...speed, failures })}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
