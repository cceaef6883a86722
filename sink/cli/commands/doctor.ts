import type { Command } from 'commander';
import { withExamples, writeJson } from './command.ts';

/** `patrol doctor`. */
export function addDoctorCommand(program: Command): void {
  withExamples(
    program
      .command('doctor')
      .description(
        'check the settings of the environment, and everything that they name, with the real credentials',
      )
      .option('--ask-model', 'put a question to the model, too: it may cost a fraction of a cent')
      .option('--json', 'as JSON'),
    ['patrol doctor', 'ends with 1 where something does not work'],
    ['patrol doctor --ask-model', 'the model is really asked'],
    ['patrol doctor --json | jq \'.[] | select(.status == "failed")\'', ''],
  ).action(async (options: { askModel?: boolean; json?: boolean }) => {
    const { doctor } = await import('../doctor.ts');
    const colour = process.stdout.isTTY && process.stdout.hasColors();
    const { text, healthy, findings } = await doctor(options, colour);
    if (options.json) writeJson(findings);
    else process.stdout.write(text);
    if (!healthy) process.exitCode = 1;
  });
}
