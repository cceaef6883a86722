import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnalysisRecord } from '../../../src/analysis-record.ts';
import { errorEvent } from '../../support/events.ts';
import { startSqs, type TestSqs } from '../../support/sqs.ts';

const CLI = fileURLToPath(new URL('../../../dist/sink/cli/main.js', import.meta.url));

let sqs: TestSqs;
let child: ChildProcess;
let output = '';

beforeEach(async () => {
  sqs = await startSqs();
});
afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await sqs.stop();
});

/** Starts the command and answers the URL that it says it listens on. */
async function start(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  output = '';
  child = spawn(process.execPath, [CLI, 'serve', '--port', '0', ...args], {
    env: { PATH: process.env.PATH, PATROL_HISTORY_FILE: 'off', ...sqs.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  while (!output.includes('"Listening"')) {
    if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return JSON.parse(output.split('\n').find((line) => line.includes('"Listening"')) ?? '').url;
}

describe('patrol serve', () => {
  it('takes events over HTTP, and ends quietly on SIGTERM with all of them done', async () => {
    const url = await start([]);
    const body = JSON.stringify([errorEvent({ eventId: 'e1' }), errorEvent({ eventId: 'e2' })]);
    expect((await fetch(`${url}/v1/events`, { method: 'POST', body })).status).toBe(202);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    for (const eventId of ['e1', 'e2']) expect(output).toContain(`"eventId":"${eventId}"`);
  });

  it('takes events from a queue, replies, and leaves poison to its redrive policy', async () => {
    const [dead, replies] = [await sqs.createQueue(), await sqs.createQueue()];
    const redrive = { deadLetterTargetArn: await sqs.queueArn(dead), maxReceiveCount: '1' };
    const queue = await sqs.createQueue({ RedrivePolicy: JSON.stringify(redrive) });
    await sqs.send(queue, errorEvent({ eventId: 'e1' }));
    await sqs.send(queue, 'poison');
    await start(['--queue-url', queue], { PATROL_REPLY_QUEUE_URL: replies });
    const [reply] = await sqs.receiveJson<AnalysisRecord>(replies, 1);
    expect(reply?.patrol.eventId).toBe('e1');
    expect(output).toContain('Expected body to be JSON');
    while ((await sqs.count(queue)).inFlight > 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await sqs.count(queue)).toEqual({ ready: 0, inFlight: 1, delayed: 0 });
  });

  it('takes what a real OpenTelemetry SDK exports', async () => {
    const url = await start([], { PATROL_SINK_TOKEN: 'a-token-for-tests' });
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({
        'service.name': 'checkout',
        'deployment.environment.name': 'production',
      }),
      processors: [
        new BatchLogRecordProcessor({
          exporter: new OTLPLogExporter({
            url: `${url}/v1/logs`,
            headers: { authorization: 'Bearer a-token-for-tests' },
          }),
        }),
      ],
    });
    const error = Object.assign(new TypeError('cart is not priced'), { code: 'E_CART' });
    const logger = provider.getLogger('shop');
    logger.emit({ severityNumber: 9, severityText: 'INFO', body: 'all is well' });
    logger.emit({ severityNumber: 17, severityText: 'ERROR', body: 'connect ECONNREFUSED 127.0.0.1:5432' });
    logger.emit({
      severityNumber: 17,
      body: 'could not check out',
      attributes: {
        'exception.type': error.name,
        'exception.message': error.message,
        'exception.stacktrace': error.stack ?? '',
        'vcs.ref.head.revision': 'abc123',
      },
    });
    await provider.forceFlush();
    await provider.shutdown();
    child.kill('SIGTERM');
    await once(child, 'exit');
    const lines = output
      .split('\n')
      .filter((line) => line.includes('"eventId"'))
      .map((line) => JSON.parse(line))
      .sort((one, other) => other.message.localeCompare(one.message));
    expect(lines).toMatchObject([
      { msg: 'Analysed', service: 'checkout', message: 'connect ECONNREFUSED 127.0.0.1:5432' },
      { msg: 'Analysed', service: 'checkout', message: 'cart is not priced', result: { source: 'none' } },
    ]);
    expect(lines[1].result.location).toMatchObject({ file: expect.stringContaining('serve.dist.test') });
  });

  it.each([
    ['credentials', { AWS_REGION: 'eu-central-1' }, /no credentials of this process .*Set AWS_PROFILE, or/],
    [
      'a region',
      { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      /No region of AWS is named.*Set AWS_REGION, or/,
    ],
  ])('says what to do where %s is missing, and serves on', async (_what, env, said) => {
    const missing = { AWS_REGION: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const files = {
      AWS_CONFIG_FILE: '/no/such',
      AWS_SHARED_CREDENTIALS_FILE: '/no/such',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const url = await start(['--queue-url', await sqs.createQueue()], { ...missing, ...files, ...env });
    while (!output.includes('Queue not read')) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(output).toMatch(said);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it.each([
    ['--queue-url', 'errors', /--queue-url to be the URL of a queue .*, got a string of 6 characters/],
    ['--port', '70000', /--port to be a whole number from 0 to 65535, got a string of 5 characters/],
  ])('refuses a wrong %s before it listens', async (option, value, said) => {
    await expect(start([option, value])).rejects.toThrow(said);
    expect(child.exitCode).toBe(1);
  });

  it('says what is wrong and ends', async () => {
    await expect(start([], { CACHE_TTL: 'long' })).rejects.toThrow(/patrol: Expected CACHE_TTL/);
    expect(child.exitCode).toBe(1);
  });
});
