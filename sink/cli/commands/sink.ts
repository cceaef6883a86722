import { type Command, Option } from 'commander';
import type { SettingsFiles } from '../bundled-settings.ts';
import type { DeployOptions } from '../deploy.ts';
import { withExamples } from './command.ts';

/** The commands that run or deploy the sink. */
export function addSinkCommands(program: Command): void {
  withExamples(
    program
      .command('serve')
      .description('run the sink as an HTTP server: /v1/events, /v1/logs, /v1/stream, /healthz, /metrics')
      .option('-p, --port <number>', 'port to listen on', '8080')
      .option(
        '--host <address>',
        'address to listen on (default: all with PATROL_SINK_TOKEN, else 127.0.0.1)',
      )
      .option('--queue-url <url>', 'take events from this SQS queue too'),
    ['patrol serve', 'on http://127.0.0.1:8080, for this machine'],
    ['PATROL_SINK_TOKEN=… patrol serve --port 80', 'for others, who bring the token'],
  ).action(async (options: { port: string; host?: string; queueUrl?: string }) => {
    const { serve } = await import('../serve.ts');
    await serve(options);
  });

  withExamples(
    program
      .command('deploy')
      .description(
        'write what AWS SAM, CDK or Terraform deploys, and print the policy that applications need',
      )
      .option('--dir <folder>', 'where to write it', 'patrol-deploy')
      .option('--stack <name>', 'name of the stack', 'patrol')
      .addOption(
        new Option('--format <tool>', 'what is to deploy it; sam is for CDK, too')
          .choices(['sam', 'terraform'])
          .default('sam'),
      )
      .option('--rules <file>', 'your rule file: the function goes by it')
      .option(
        '--webhooks <file>',
        'your file of webhooks: the function alerts them, and may read their secrets',
      )
      .option('--dry-run', 'only say what would be made'),
    ['patrol deploy --dry-run', 'what would be made'],
    ['patrol deploy && cd patrol-deploy && sam deploy --guided', ''],
    ['patrol deploy --rules rules.yaml --webhooks webhooks.yaml', 'with your rules and webhooks'],
  ).action(async (options: DeployOptions) => {
    const { deploy } = await import('../deploy.ts');
    process.stdout.write(await deploy(options));
  });

  withExamples(
    program
      .command('bundle')
      .description('write the zip to deploy as an AWS Lambda function')
      .option('-o, --out <file>', 'where to write it', 'patrol-lambda.zip')
      .option('--rules <file>', 'put this rule file into it, as rules.json')
      .option('--webhooks <file>', 'put this file of webhooks into it, as webhooks.json'),
    ['patrol bundle', 'writes patrol-lambda.zip'],
    ['patrol bundle --rules rules.yaml', 'with your rules; set PATROL_RULES_FILE=rules.json'],
  ).action(async ({ out, ...files }: { readonly out: string } & SettingsFiles) => {
    const { writeBundle } = await import('../bundle.ts');
    const { bundleSettings } = await import('../bundled-settings.ts');
    const { writing } = await import('../writing.ts');
    const settings = await bundleSettings(files);
    process.stdout.write(await writing('--out', out, () => writeBundle(out, settings)));
  });

  withExamples(
    program
      .command('flush')
      .description('send what ended applications left in the spool for PATROL_QUEUE_URL or PATROL_SINK_URL')
      .option('--timeout <seconds>', 'the longest that it may take', '30'),
    ['patrol flush', 'after a crash, or before a machine goes away'],
  ).action(async ({ timeout }: { timeout: string }) => {
    const { flushSpool } = await import('../flush.ts');
    process.stdout.write(await flushSpool((Number(timeout) || 30) * 1000));
  });
}
