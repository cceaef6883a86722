#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { messageOf } from '../../src/errors.ts';

/** The command `patrol`. Each subcommand is loaded when it is called, so that the pipe starts fast. */
const program = new Command('patrol')
  .description(
    'Finds the root cause of logged errors.\n\n' +
      'Without a command it is a pipe: `node app.js | patrol` passes the log on as it is and puts the analysis ' +
      'of each error beside it. Settings come from the environment (PATROL_…, OPENAI_API_KEY, …).',
  )
  .version(readVersion(), '-V, --version')
  .allowExcessArguments()
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

program
  .command('bundle')
  .description('write the zip to deploy as an AWS Lambda function')
  .option('-o, --out <file>', 'where to write it', 'patrol-lambda.zip')
  .action(async ({ out }: { out: string }) => {
    const { writeBundle } = await import('./bundle.ts');
    process.stdout.write(await writeBundle(out));
  });

program
  .command('deploy')
  .description('write what AWS SAM deploys: template and zip, and print the policy that applications need')
  .option('--dir <folder>', 'where to write it', 'patrol-deploy')
  .option('--stack <name>', 'name of the stack', 'patrol')
  .option('--dry-run', 'only say what would be made')
  .action(async (options: { dir: string; stack: string; dryRun?: boolean }) => {
    const { deploy } = await import('./deploy.ts');
    process.stdout.write(await deploy(options));
  });

program
  .command('explain')
  .description('say why an error has its fingerprint, and of two errors, where they differ')
  .argument('[file]', 'an event, log lines, or stacks parted by a line ---; - is the standard input', '-')
  .action(async (file: string) => {
    const { explain } = await import('./explain.ts');
    process.stdout.write(await explain(file));
  });

program
  .command('eval')
  .description('measure whether a model sees the code that known fixes changed, and what it makes of it')
  .option('--cases <folder>', 'cases (*.jsonl) to measure instead of those that Patrol brings along')
  .option('--mirrors <folder>', 'their repositories, each as <owner>+<name>/repo')
  .option('--only <regex>', 'only the cases whose id matches')
  .option('--no-answers', 'ask no model, even where one is configured')
  .action(async (options: { cases?: string; mirrors?: string; only?: string; answers: boolean }) => {
    const { evaluate } = await import('./eval.ts');
    const { text, passed } = await evaluate(options);
    process.stdout.write(text);
    if (!passed) process.exitCode = 1;
  });

program
  .command('flush')
  .description('send what ended applications left in the spool for PATROL_QUEUE_URL or PATROL_SINK_URL')
  .option('--timeout <seconds>', 'the longest that it may take', '30')
  .action(async ({ timeout }: { timeout: string }) => {
    const { flushSpool } = await import('./flush.ts');
    process.stdout.write(await flushSpool((Number(timeout) || 30) * 1000));
  });

program
  .command('serve')
  .description('run the sink as an HTTP server: /v1/events, /v1/logs, /v1/stream, /healthz, /metrics')
  .option('-p, --port <number>', 'port to listen on', '8080')
  .option('--host <address>', 'address to listen on (default: all with PATROL_SINK_TOKEN, else 127.0.0.1)')
  .option('--queue-url <url>', 'take events from this SQS queue too')
  .action(async (options: { port: string; host?: string; queueUrl?: string }) => {
    const { serve } = await import('./serve.ts');
    await serve(options);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`patrol: ${messageOf(error)}\n`);
  process.exitCode = 1;
});

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
