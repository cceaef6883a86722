import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unzip } from '../../support/unzip.ts';

const CLI = fileURLToPath(new URL('../../../dist/sink/cli/main.js', import.meta.url));
const patrol = (...args: readonly string[]) =>
  execFileSync(process.execPath, [CLI, 'deploy', ...args], { encoding: 'utf8' });

/** What a call that is refused says, and its exit code. */
const refused = (...args: readonly string[]) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
  expect(stdout).toBe('');
  return { status, said: stderr };
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-deploy-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('patrol deploy', () => {
  it('writes the template and the code that it names, and says how to go on', async () => {
    const said = patrol('--dir', folder, '--stack', 'errors');
    expect((await readdir(folder)).sort()).toEqual(['patrol-lambda.zip', 'template.json']);
    const template = JSON.parse(await readFile(join(folder, 'template.json'), 'utf8'));
    expect(template.Resources.Function.Properties.CodeUri).toBe('patrol-lambda.zip');
    expect(said).toContain(`sam deploy --template-file ${join(folder, 'template.json')} --stack-name errors`);
  });

  it('writes a module for Terraform', async () => {
    const said = patrol('--dir', folder, '--format', 'terraform');
    expect((await readdir(folder)).sort()).toEqual(['main.tf.json', 'patrol-lambda.zip']);
    const { resource } = JSON.parse(await readFile(join(folder, 'main.tf.json'), 'utf8'));
    expect(resource.aws_lambda_function.function.filename).toMatch(/^\$.*\/patrol-lambda\.zip$/);
    expect(said).toContain(`terraform -chdir=${folder} apply`);
  });

  it('puts rules and webhooks into the zip, and lets the function read what they name', async () => {
    const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:slack';
    const parameter = 'arn:aws:ssm:eu-central-1:123456789012:parameter/patrol/hook';
    const [rules, webhooks] = [join(folder, 'rules.yaml'), join(folder, 'webhooks.yaml')];
    await writeFile(rules, '- { id: noise, match: { service: cron }, then: { ignore: true } }\n');
    const hooks = [
      { id: 'bot', token: `${secret}#token`, channel: '#errors' },
      { id: 'other', kind: 'slack', url: parameter },
    ];
    await writeFile(webhooks, JSON.stringify({ webhooks: hooks }));
    const out = join(folder, 'out');
    const said = patrol('--dir', out, '--rules', rules, '--webhooks', webhooks);
    expect(said).toContain(`may read ${secret}`);
    await unzip(join(out, 'patrol-lambda.zip'), join(out, 'unpacked'));
    const unpacked = async (name: string) => JSON.parse(await readFile(join(out, 'unpacked', name), 'utf8'));
    expect(await unpacked('rules.json')).toMatchObject({ rules: [{ id: 'noise' }] });
    expect(await unpacked('webhooks.json')).toMatchObject({ webhooks: [{ id: 'bot' }, { id: 'other' }] });
    const {
      Function: made,
      Role,
      Clock,
    } = JSON.parse(await readFile(join(out, 'template.json'), 'utf8')).Resources;
    expect(made.Properties.Environment.Variables).toMatchObject({
      PATROL_RULES_FILE: 'rules.json',
      PATROL_WEBHOOKS_FILE: 'webhooks.json',
    });
    expect(Clock.Properties.State).toBe('ENABLED');
    const [{ PolicyDocument }] = Role.Properties.Policies;
    expect(PolicyDocument.Statement).toEqual(
      expect.arrayContaining([
        {
          Effect: 'Allow',
          Action: ['secretsmanager:GetSecretValue'],
          Resource: [secret, `${secret}-??????`],
        },
        { Effect: 'Allow', Action: ['ssm:GetParameter'], Resource: [parameter] },
      ]),
    );
    const terraform = join(folder, 'terraform');
    patrol('--dir', terraform, '--format', 'terraform', '--rules', rules, '--webhooks', webhooks);
    const module = await readFile(join(terraform, 'main.tf.json'), 'utf8');
    expect(module).toContain(secret);
    expect(JSON.parse(module).resource.aws_cloudwatch_event_rule.clock.state).toBe('ENABLED');
  });

  it('refuses a wrong rule file before it writes anything', async () => {
    const rules = join(folder, 'rules.yaml');
    await writeFile(rules, '- { id: noise }\n');
    expect(() => patrol('--dir', join(folder, 'out'), '--rules', rules)).toThrow(/rules\.yaml:1/);
    expect(await readdir(folder)).toEqual(['rules.yaml']);
  });

  it('only says what would be made with --dry-run: the resources, and the policy that applications need', async () => {
    const said = patrol('--dir', folder, '--dry-run');
    expect(await readdir(folder)).toEqual([]);
    expect(said).toMatch(/ErrorQueue +AWS::SQS::Queue/);
    expect(said).toContain('"sqs:SendMessage"');
    expect(said).not.toContain('"*"');
  });

  it('names every parameter as the tool calls it, what it is for, and what it is otherwise', () => {
    const sam = patrol('--dry-run');
    expect(sam).toMatch(/OpenAiSecretArn +ARN of the secret that holds the key of the model; empty: /);
    expect(sam).toMatch(/WebhookKind .*\(slack, discord, teams\); otherwise slack/);
    expect(patrol('--dry-run', '--format', 'terraform')).toMatch(
      /maximum_concurrency +Most .*; otherwise 10/,
    );
  });

  it('gives the module for Terraform the name of the stack', async () => {
    patrol('--dir', folder, '--format', 'terraform', '--stack', 'errors');
    const { variable } = JSON.parse(await readFile(join(folder, 'main.tf.json'), 'utf8'));
    expect(variable.stack_name.default).toBe('errors');
  });

  it.each([
    [
      'another format',
      ['deploy', '--format', 'cdk'],
      2,
      /'--format <tool>'.*'cdk' is invalid.*sam, terraform/,
    ],
    ['a word too many', ['deploy', 'production'], 2, /too many arguments/],
    [
      'a name with a space',
      ['deploy', '--stack', 'a b'],
      1,
      /--stack to be a letter, then.*a string of 3 char/,
    ],
    ['no name', ['deploy', '--stack', ''], 1, /--stack .*58 characters at most; got /],
    ['a folder that is a file', ['deploy', '--dir', CLI], 1, /--dir ".*": there is a file of that name/],
    [
      'a zip where no folder is',
      ['bundle', '-o', 'no/such/a.zip'],
      1,
      /--out "no\/such\/a\.zip": its folder does/,
    ],
    ['a folder for a zip', ['bundle', '-o', '.'], 1, /--out "\.": that is a folder: name a file in it/],
    [
      'webhooks that are not there',
      ['bundle', '--webhooks', 'no.yaml'],
      1,
      /Could not read --webhooks no\.yaml/,
    ],
  ])('refuses %s, and says what to do', (_what, args, status, said) => {
    const answer = refused(...args);
    expect(answer.said).toMatch(said);
    expect(answer.said.trimEnd().split('\n')).toHaveLength(1);
    expect(answer.status).toBe(status);
  });
});
