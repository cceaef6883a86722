import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApplicationPolicy } from '../deploy/application-policy.ts';
import { createTemplate } from '../deploy/template.ts';
import { writeBundle } from './bundle.ts';

/** What the command line says. */
export interface DeployOptions {
  readonly dir: string;
  readonly stack: string;
  readonly dryRun?: boolean;
}

/**
 * `patrol deploy`: writes the function's zip and the template into a folder, and says how AWS SAM takes them; with
 * `--dry-run` it only says what would be made.
 *
 * @returns What to tell the user.
 */
export async function deploy({ dir, stack, dryRun = false }: DeployOptions): Promise<string> {
  const template = createTemplate();
  const resources = Object.entries(template.Resources).map(
    ([name, { Type }]) => `  ${name.padEnd(18)}${Type}`,
  );
  const policy = createApplicationPolicy({
    queueArn: `<QueueArn of the stack ${stack}>`,
    replyQueueArn: `<ReplyQueueArn of the stack ${stack}>`,
  });
  const made = [
    `The stack ${stack} has:`,
    ...resources,
    '',
    'The policy that an application needs:',
    JSON.stringify(policy, null, 2),
    '',
  ];
  if (dryRun) return made.join('\n');
  await mkdir(dir, { recursive: true });
  await writeBundle(join(dir, 'patrol-lambda.zip'));
  await writeFile(join(dir, 'template.json'), `${JSON.stringify(template, null, 2)}\n`);
  return [
    ...made,
    `Written to ${dir}. Deploy it with:`,
    `  sam deploy --template-file ${join(dir, 'template.json')} --stack-name ${stack} \\`,
    '    --capabilities CAPABILITY_IAM --resolve-s3 \\',
    '    --parameter-overrides OpenAiSecretArn=… DefaultRepositoryUrl=…',
    '',
  ].join('\n');
}
