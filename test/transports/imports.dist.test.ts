import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { runApp } from '../support/run-app.ts';
import { startSink } from '../support/sink-server.ts';

const app = new URL('./fixtures/app.mjs', import.meta.url);
const recorder = fileURLToPath(new URL('./fixtures/record-imports.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'patrol-imports-'));
afterAll(() => rmSync(directory, { recursive: true }));

const loadedBy = async (logger: string, env: Record<string, string>) => {
  const file = join(directory, `${logger}.txt`);
  const { code } = await runApp(app, {
    args: [logger, 'natural', '1'],
    nodeArgs: ['--import', recorder],
    env: { IMPORTS_FILE: file, PATROL_SPOOL_DIRECTORY: 'off', ...env },
  });
  expect(code).toBe(0);
  return readFileSync(file, 'utf8');
};

it.each(['winston', 'pino stream'])('%s with an HTTP sink loads no SDK and no engine', async (logger) => {
  const sink = await startSink();
  const loaded = await loadedBy(logger, { PATROL_SINK_URL: sink.url });
  await sink.stop();
  expect(sink.occurrences()).toBe(1);
  expect(loaded).toContain('/chunks/http.js');
  expect(loaded).not.toMatch(/node_modules\/(openai|@octokit|@aws-sdk|@smithy)\//);
  expect(loaded).not.toContain('/chunks/create-engine.js');
});

it('the embedded engine without a key loads no SDK either', async () => {
  const loaded = await loadedBy('winston', {});
  expect(loaded).toContain('/chunks/create-engine.js');
  expect(loaded).not.toMatch(/node_modules\/(openai|@octokit|@aws-sdk|@smithy)\//);
});

it('the winston door does not load pino, nor the pino door winston', async () => {
  const sink = await startSink();
  expect(await loadedBy('winston', { PATROL_SINK_URL: sink.url })).not.toMatch(/node_modules\/pino/);
  expect(await loadedBy('pino stream', { PATROL_SINK_URL: sink.url })).not.toMatch(/node_modules\/winston/);
  await sink.stop();
});
