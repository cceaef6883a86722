import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { errorEvent } from '../../support/events.ts';
import { type LambdaFunction, startLambda } from '../../support/lambda-runtime.ts';
import { unzip } from '../../support/unzip.ts';
import { startSlack, type WebhookServer } from '../../support/webhook-server.ts';

const CLI = fileURLToPath(new URL('../../../dist/sink/cli/main.js', import.meta.url));
const CLOCK = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

let folder: string;
let slack: WebhookServer;
let lambda: LambdaFunction | undefined;

beforeEach(async () => {
  [slack, folder] = await Promise.all([startSlack(), mkdtemp(join(tmpdir(), 'patrol-alerts-'))]);
});
afterEach(async () => {
  await lambda?.stop();
  await slack.stop();
  await rm(folder, { recursive: true, force: true });
});

it('a function with webhooks in its zip tells within the invocation, and sends its digest when the clock comes', async () => {
  const file = join(folder, 'webhooks.yaml');
  await writeFile(
    file,
    `webhooks: [{ id: team, kind: slack, url: "${slack.url}", rateLimit: { messages: 1, seconds: 1 } }]`,
  );
  const zip = join(folder, 'function.zip');
  const taskRoot = join(folder, 'code');
  execFileSync(process.execPath, [CLI, 'bundle', '--out', zip, '--webhooks', file]);
  await unzip(zip, taskRoot);
  lambda = await startLambda({ taskRoot, env: { PATROL_WEBHOOKS_FILE: join(taskRoot, 'webhooks.json') } });

  const event = (message: string) => errorEvent({ errorLog: { name: 'Error', message } });
  await lambda.invoke(['first', 'second', 'third'].map(event));
  const told = () => slack.taken.map(({ text }) => text).join();
  expect(told()).toContain('first');
  // The second that they came in is over by then, and a digest due.
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const { error } = await lambda.invoke(CLOCK);
  expect(error).toBeUndefined();
  expect(told()).toMatch(/second.*third|third.*second/);
});
