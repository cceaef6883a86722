import type { Command } from 'commander';
import { withExamples } from './command.ts';

const NAME = 'complete';

/**
 * `patrol complete <shell>`: the script that lets a shell complete Patrol's commands and options. The package that
 * knows the shells is loaded only when that is asked for; it replaces the command that stands here for the help.
 */
export async function addCompletion(program: Command, argv: readonly string[]): Promise<void> {
  if (argv[2] === NAME && argv.length > 3 && !argv.includes('--help') && !argv.includes('-h')) {
    const { default: tab } = await import('@bomb.sh/tab/commander');
    tab(program);
    return;
  }
  withExamples(
    program
      .command(NAME)
      .description('print the script that completes commands and options in your shell')
      .argument('<shell>', 'zsh, bash, fish or powershell'),
    ['source <(patrol complete zsh)', 'in ~/.zshrc'],
    ['source <(patrol complete bash)', 'in ~/.bashrc'],
    ['patrol complete fish > ~/.config/fish/completions/patrol.fish', ''],
  );
}
