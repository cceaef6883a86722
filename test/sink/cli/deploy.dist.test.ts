import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../../../dist/sink/cli/main.js', import.meta.url));
const patrol = (...args: readonly string[]) =>
  execFileSync(process.execPath, [CLI, 'deploy', ...args], { encoding: 'utf8' });

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

  it('only says what would be made with --dry-run: the resources, and the policy that applications need', async () => {
    const said = patrol('--dir', folder, '--dry-run');
    expect(await readdir(folder)).toEqual([]);
    expect(said).toMatch(/ErrorQueue +AWS::SQS::Queue/);
    expect(said).toContain('"sqs:SendMessage"');
    expect(said).not.toContain('"*"');
  });
});
