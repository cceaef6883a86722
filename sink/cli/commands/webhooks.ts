import type { Command } from 'commander';
import { withExamples, writeJson } from './command.ts';

/** `patrol webhooks …`. */
export function addWebhookCommands(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('where alerts go: list the configured webhooks, send a test, the schema of their file');

  withExamples(
    webhooks
      .command('list')
      .description('the webhooks of PATROL_WEBHOOKS_FILE and PATROL_WEBHOOK_URL, without their addresses')
      .option('--json', 'as JSON'),
    ['PATROL_WEBHOOKS_FILE=webhooks.yaml patrol webhooks list', ''],
  ).action(async ({ json }: { json?: boolean }) => {
    const { listWebhooks } = await import('../webhooks.ts');
    const { text, data } = await listWebhooks();
    if (json) writeJson(data);
    else process.stdout.write(text);
  });

  withExamples(
    webhooks
      .command('test')
      .description('send a test message, whatever routes and quiet hours say')
      .argument('[id]', 'the webhook (default: all)')
      .option('--json', 'as JSON'),
    ['patrol webhooks test', 'all of them; ends with 1 where one did not take it'],
    ['patrol webhooks test team-slack', ''],
  ).action(async (id: string | undefined, { json }: { json?: boolean }) => {
    const { testWebhooks } = await import('../webhooks.ts');
    const { text, data } = await testWebhooks(id);
    if (json) writeJson(data);
    else process.stdout.write(text);
    if (data.some(({ delivered }) => !delivered)) process.exitCode = 1;
  });

  withExamples(
    webhooks.command('schema').description('print the JSON schema of a file of webhooks, for editors'),
    ['patrol webhooks schema > webhooks.schema.json', ''],
    [
      '# yaml-language-server: $schema=./webhooks.schema.json',
      'first line of webhooks.yaml: editors complete and check it',
    ],
  ).action(async () => {
    const { webhookFileJsonSchema } = await import('../../alerts/webhook-schema.ts');
    writeJson(webhookFileJsonSchema());
  });
}
