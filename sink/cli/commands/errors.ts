import type { Command } from 'commander';
import type { AnalyzeOptions } from '../analyze.ts';
import { withExamples, writeJson } from './command.ts';

/** The commands that look at errors without a sink. */
export function addErrorCommands(program: Command): void {
  withExamples(
    program
      .command('analyze')
      .description('read existing logs, and report their distinct errors with their causes')
      .argument('<log...>', 'files (also gzip) or folders; - is the standard input')
      .option('-n, --top <number>', 'how many distinct errors to analyse, the most frequent first', '20')
      .option('--dry-run', 'ask no model, and say what it would cost')
      .option('--max-cost <usd>', 'ask no more than this is worth')
      .option(
        '-f, --format <format>',
        'text, markdown, html, json or sarif (default: by the name of --out, else text)',
      )
      .option('-o, --out <file>', 'where to write the report (default: the standard output)')
      .option('--level <level>', 'least level that is an error (default: PATROL_LEVEL, error)'),
    ['patrol analyze /var/log/shop', 'all logs in a folder, rotated ones too'],
    ['patrol analyze app.log --dry-run', 'what it would cost'],
    ['patrol analyze app.log.gz --top 50 --max-cost 0.5 --out report.html', ''],
    ['kubectl logs deploy/shop | patrol analyze - --format sarif > shop.sarif', ''],
  ).action(async (logs: string[], options: AnalyzeOptions) => {
    const { analyze } = await import('../analyze.ts');
    await analyze(logs, options);
  });

  withExamples(
    program
      .command('explain')
      .description('say why an error has its fingerprint, and of two errors, where they differ')
      .argument('[file]', 'an event, log lines, or stacks parted by a line ---; - is the standard input', '-')
      .option('--json', 'every error with its hash and what went into it, as JSON'),
    ['patrol explain error.json', 'what went into its fingerprint'],
    ['grep TypeError app.log | patrol explain -', 'two lines: where they differ'],
  ).action(async (file: string, { json }: { json?: boolean }) => {
    const { explain, explainAsData } = await import('../explain.ts');
    if (json) writeJson(await explainAsData(file));
    else process.stdout.write(await explain(file));
  });

  withExamples(
    program
      .command('eval')
      .description('measure whether a model sees the code that known fixes changed, and what it makes of it')
      .option('--cases <folder>', 'cases (*.jsonl) to measure instead of those that Patrol brings along')
      .option('--mirrors <folder>', 'their repositories, each as <owner>+<name>/repo')
      .option('--only <regex>', 'only the cases whose id matches')
      .option('--no-answers', 'ask no model, even where one is configured'),
    ['patrol eval --no-answers', 'costs nothing'],
  ).action(async (options: { cases?: string; mirrors?: string; only?: string; answers: boolean }) => {
    const { evaluate } = await import('../eval.ts');
    const { text, passed } = await evaluate(options);
    process.stdout.write(text);
    if (!passed) process.exitCode = 1;
  });
}
