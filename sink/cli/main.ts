#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { Command, type CommanderError } from 'commander';
import { messageOf } from '../../src/errors.ts';
import { EXIT_CODES } from './commands/command.ts';
import { addCompletion } from './commands/completion.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addErrorCommands } from './commands/errors.ts';
import { addHistoryCommands } from './commands/history.ts';
import { addRuleCommands } from './commands/rules.ts';
import { addSinkCommands } from './commands/sink.ts';
import { addWebhookCommands } from './commands/webhooks.ts';

/** The command `patrol`. What a subcommand does is loaded when it is called, so that the pipe starts fast. */
const program = new Command('patrol')
  .description(
    'Finds the root cause of logged errors.\n\n' +
      'Without a command it is a pipe: `node app.js | patrol` passes the log on as it is and puts the analysis ' +
      'of each error beside it. Settings come from the environment (PATROL_…, OPENAI_API_KEY, …).',
  )
  .version(readVersion(), '-V, --version')
  // Commander takes the colours off where the output is no terminal, or NO_COLOR is set.
  .configureHelp({ styleTitle: (text) => styleText('bold', text, { validateStream: false }) })
  .addHelpText('after', `\n${EXIT_CODES}`)
  .exitOverride(endWith)
  .hook('preAction', (_program, command) => {
    // The pipe goes on whatever happens, and a server's crash is worth its stack.
    if (command !== program && command.name() !== 'serve') process.on('uncaughtException', giveUp);
  })
  .action(async (_options: unknown, command: Command) => {
    const [unknown] = command.args;
    if (unknown !== undefined)
      command.error(`patrol: unknown command ${JSON.stringify(unknown)}; see patrol --help`);
    if (process.stdin.isTTY) {
      command.outputHelp();
      return;
    }
    await pipeStdin();
  });

addErrorCommands(program);
addSinkCommands(program);
addDoctorCommand(program);
addHistoryCommands(program);
addRuleCommands(program);
addWebhookCommands(program);
// What follows no command is told by name, above; a command takes what it asks for and no more.
program.allowExcessArguments();
addCompletion(program, process.argv)
  .then(() => program.parseAsync())
  .catch((error: unknown) => {
    process.stderr.write(`patrol: ${messageOf(error)}\n`);
    process.exitCode = 1;
  });

/** One line for a user; none when they have read enough (`patrol … | head`). */
function giveUp(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`patrol: ${messageOf(error)}\n`);
  process.exit(1);
}

/** Help and version end well; whatever else Commander ends is a wrong call. */
function endWith({ exitCode }: CommanderError): never {
  process.exit(exitCode === 0 ? 0 : 2);
}

async function pipeStdin(): Promise<void> {
  const warn = (message: string) => process.stderr.write(`patrol: ${message}\n`);
  const impatient = new AbortController();
  let ended = false;
  process.stdin.once('end', () => {
    ended = true;
  });
  // Ctrl-C reaches the application too: what it still logs has to pass. A second one, after its end, is for Patrol.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ended) impatient.abort();
    });
  }
  process.on('uncaughtException', (error) => warn(messageOf(error)));
  const { runPipe } = await import('./pipe.ts');
  await runPipe({ input: process.stdin, output: process.stdout, warn, signal: impatient.signal });
  process.exit(0);
}

function readVersion(): string {
  // Built, this file stands one folder deeper: dist/sink/cli.
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version;
    } catch {
      // The other one, then.
    }
  }
  return 'unknown';
}
