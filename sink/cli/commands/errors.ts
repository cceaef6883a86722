import type { Command } from 'commander';
import { withExamples } from './command.ts';

/** The commands that look at errors without a sink. */
export function addErrorCommands(program: Command): void {
  withExamples(
    program
      .command('explain')
      .description('say why an error has its fingerprint, and of two errors, where they differ')
      .argument(
        '[file]',
        'an event, log lines, or stacks parted by a line ---; - is the standard input',
        '-',
      ),
    ['patrol explain error.json', 'what went into its fingerprint'],
    ['grep TypeError app.log | patrol explain -', 'two lines: where they differ'],
  ).action(async (file: string) => {
    const { explain } = await import('../explain.ts');
    process.stdout.write(await explain(file));
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
