import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorEvent } from '../support/events.ts';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const FRAMEWORK = file('node_modules/@google-cloud/functions-framework/build/src/main.js');

let folder: string;
let child: ChildProcess | undefined;
let url: string;
let output: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-function-'));
  const built = JSON.stringify(file('dist/sink/function.js'));
  await writeFile(join(folder, 'index.mjs'), `export { handleHttp, handleCloudEvent } from ${built};\n`);
  await writeFile(join(folder, 'package.json'), '{"type":"module","main":"index.mjs"}');
});
afterEach(async () => {
  if (child && child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Starts Google's Functions Framework as its command does. */
async function start(target: string, signature: 'http' | 'cloudevent', env: Record<string, string> = {}) {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  output = '';
  const args = [
    `--target=${target}`,
    `--signature-type=${signature}`,
    `--port=${port}`,
    `--source=${folder}`,
  ];
  child = spawn(process.execPath, [FRAMEWORK, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    if (await fetch(url).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the framework did not start: ${output}`);
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const cloudEvent = (type: string) => ({
  'ce-specversion': '1.0',
  'ce-type': type,
  'ce-source': '//pubsub.googleapis.com/projects/p/topics/t',
  'ce-id': 'ce-1',
  'ce-time': '2026-01-01T00:00:00Z',
});
const PUBSUB = cloudEvent('google.cloud.pubsub.topic.v1.messagePublished');
const message = (content: unknown) => ({
  message: { data: Buffer.from(JSON.stringify(content)).toString('base64'), messageId: 'm1' },
  subscription: 'projects/p/subscriptions/s',
});
const lines = () =>
  output
    .split('\n')
    .filter((line) => line.includes('patrol-sink'))
    .map((line) => JSON.parse(line));

describe('handleCloudEvent under the Functions Framework', () => {
  it('analyses the event in a Pub/Sub message', async () => {
    await start('handleCloudEvent', 'cloudevent');
    expect((await post('/', message({ errorLog: errorEvent().errorLog }), PUBSUB)).status).toBe(204);
    expect(lines()).toMatchObject([{ msg: 'Analysed', eventId: 'm1' }]);
  });

  it('analyses the log entries that a log sink routes, and passes over the others', async () => {
    await start('handleCloudEvent', 'cloudevent');
    const entry = (severity: string, insertId: string) => ({
      logName: 'projects/p/logs/run.googleapis.com%2Fstderr',
      insertId,
      severity,
      resource: { type: 'cloud_run_revision', labels: { service_name: 'cart' } },
      textPayload: 'Error: connect ECONNREFUSED 127.0.0.1:6379\n    at f (/app/a.js:1:1)',
      timestamp: '2026-01-01T00:00:00Z',
    });
    expect((await post('/', message(entry('INFO', 'i1')), PUBSUB)).status).toBe(204);
    expect((await post('/', message(entry('ERROR', 'i2')), PUBSUB)).status).toBe(204);
    expect(lines()).toMatchObject([{ msg: 'Analysed', eventId: 'i2', service: 'cart' }]);
  });

  it('analyses an event that Eventarc brings as it is', async () => {
    await start('handleCloudEvent', 'cloudevent');
    const response = await post('/', errorEvent({ eventId: 'e1' }), cloudEvent('com.example.error'));
    expect(response.status).toBe(204);
    expect(lines()).toMatchObject([{ msg: 'Analysed', eventId: 'e1' }]);
  });

  it('fails for a malformed message, so that it is delivered again or dead-lettered', async () => {
    await start('handleCloudEvent', 'cloudevent');
    expect((await post('/', { message: { data: 'bm9uc2Vuc2U=', messageId: 'm2' } }, PUBSUB)).status).toBe(
      500,
    );
    expect(lines()).toMatchObject([{ level: 'ERROR', recordId: 'm2', code: 'EVENT_INVALID' }]);
  });
});

describe('handleHttp under the Functions Framework', () => {
  it('answers with the analyses', async () => {
    await start('handleHttp', 'http');
    const response = await post('/v1/events', [errorEvent({ eventId: 'e1' })]);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ results: [{ eventId: 'e1', source: 'rules' }] });
  });

  it('takes a Pub/Sub push', async () => {
    await start('handleHttp', 'http');
    expect((await post('/push', message(errorEvent({ eventId: 'e1' })))).status).toBe(200);
    expect(lines()).toMatchObject([{ msg: 'Analysed', eventId: 'e1' }]);
  });

  it('asks for the token', async () => {
    await start('handleHttp', 'http', { PATROL_SINK_TOKEN: 'a-token-for-tests' });
    expect((await post('/v1/events', [])).status).toBe(401);
    const authorization = 'Bearer a-token-for-tests';
    expect((await post('/v1/events', errorEvent(), { authorization })).status).toBe(200);
  });
});
