import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PatrolError } from '../../src/errors.ts';
import { createApplicationPolicy } from '../deploy/application-policy.ts';
import type { Template } from '../deploy/cloudformation.ts';
import { checkStackName } from '../deploy/stack-name.ts';
import { createTemplate } from '../deploy/template.ts';
import { toTerraform } from '../deploy/terraform.ts';
import { snake } from '../deploy/terraform-blocks.ts';
import { writeBundle } from './bundle.ts';
import { bundleSettings, type SettingsFiles } from './bundled-settings.ts';
import { writing } from './writing.ts';

/** What the command line says. */
export interface DeployOptions extends SettingsFiles {
  readonly dir: string;
  readonly stack: string;
  readonly dryRun?: boolean;
  /** What is to deploy it: AWS SAM (and CDK, which includes its template), or Terraform. @defaultValue `sam` */
  readonly format?: string;
}

/** The file that a tool reads, and how it is called. */
interface Format {
  readonly file: string;
  readonly content: (template: Template, stack: string) => unknown;
  /** What it calls a parameter of the template. */
  readonly parameter: (name: string) => string;
  readonly commands: (dir: string, stack: string) => readonly string[];
}

const FORMATS: Readonly<Record<string, Format>> = {
  sam: {
    file: 'template.json',
    content: (template) => template,
    parameter: (name) => name,
    commands: (dir, stack) => [
      `  sam deploy --template-file ${join(dir, 'template.json')} --stack-name ${stack} \\`,
      '    --capabilities CAPABILITY_IAM --resolve-s3 \\',
      '    --parameter-overrides OpenAiSecretArn=… DefaultRepositoryUrl=…',
    ],
  },
  terraform: {
    file: 'main.tf.json',
    content: toTerraform,
    parameter: snake,
    commands: (dir) => [
      `  terraform -chdir=${dir} init`,
      `  terraform -chdir=${dir} apply -var open_ai_secret_arn=… -var default_repository_url=…`,
    ],
  },
};

/**
 * `patrol deploy`: writes the function's zip and what AWS SAM or Terraform reads into a folder, and says how they are
 * called; with `--dry-run` it only says what would be made.
 *
 * @returns What to tell the user.
 * @throws {PatrolError} `CONFIG_INVALID` for another format, a wrong name, a wrong file of webhooks, or a folder that
 *   cannot be written; `RULE_INVALID` for a wrong rule file.
 */
export async function deploy(options: DeployOptions): Promise<string> {
  const { dir, stack, dryRun = false, format = 'sam' } = options;
  const wanted = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (!wanted) throw new PatrolError('CONFIG_INVALID', 'Expected --format to be sam or terraform.');
  checkStackName(stack);
  const settings = await bundleSettings(options);
  const template = createTemplate(settings);
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
    ...Object.values(settings.environment).map((file) => `Its function has your settings in ${file}.`),
    ...settings.secrets.map((arn) => `Its function may read ${arn}.`),
    ...(Object.keys(settings.files).length > 0 ? [''] : []),
    `It asks for (${Object.keys(template.Parameters).length} parameters, each may be left out):`,
    ...describeParameters(template, wanted),
    '',
    'The policy that an application needs:',
    JSON.stringify(policy, null, 2),
    '',
  ];
  if (dryRun) return made.join('\n');
  await writing('--dir', dir, async () => {
    await mkdir(dir, { recursive: true });
    await writeBundle(join(dir, 'patrol-lambda.zip'), settings);
    await writeFile(join(dir, wanted.file), `${JSON.stringify(wanted.content(template, stack), null, 2)}\n`);
  });
  return [...made, `Written to ${dir}. Deploy it with:`, ...wanted.commands(dir, stack), ''].join('\n');
}

/** Each parameter as the format calls it, what it is for, and what it is unless it is said. */
function describeParameters({ Parameters }: Template, { parameter }: Format): readonly string[] {
  const names = Object.keys(Parameters).map(parameter);
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return Object.values(Parameters).map(({ Description, Default, AllowedValues }, index) => {
    const values = Array.isArray(AllowedValues) ? ` (${AllowedValues.join(', ')})` : '';
    const otherwise = Default === '' ? '' : `; otherwise ${Default}`;
    return `  ${(names[index] ?? '').padEnd(width)}${Description}${values}${otherwise}`;
  });
}
