import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctor } from '../../sink/cli/doctor.ts';
import { checkClock } from '../../sink/doctor/clock-check.ts';
import { checkNode } from '../../sink/doctor/machine-checks.ts';
import { createServer, type SinkServer } from '../../sink/server.ts';
import { createSinkLog } from '../../sink/sink-log.ts';
import {
  createRepository,
  startGitHub,
  type TestGitHub,
  type TestRepository,
} from '../support/github-server.ts';
import { startOpenAI, type TestOpenAI } from '../support/openai-server.ts';
import { startSqs, type TestSqs } from '../support/sqs.ts';
import { startDynamoDb } from '../support/stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'patrol-doctor-'));
let openai: TestOpenAI;
let sqs: TestSqs;
let repository: TestRepository;
let github: TestGitHub;
let sink: SinkServer;
const SINK_TOKEN = ['sink', 'token', 'for', 'tests'].join('-');
const GITHUB_TOKEN = ['github', 'token', 'for', 'tests'].join('-');

beforeAll(async () => {
  [openai, sqs, repository] = await Promise.all([startOpenAI(), startSqs(), createRepository()]);
  writeFileSync(join(repository.directory, 'a.js'), '1\n');
  await repository.git('add', '.');
  await repository.git('commit', '-m', 'a');
  github = await startGitHub({ 'acme/shop': repository }, { token: GITHUB_TOKEN });
  sink = await createServer({
    port: 0,
    host: '127.0.0.1',
    sinkToken: SINK_TOKEN,
    parts: { log: createSinkLog(() => {}) },
  });
});
afterAll(async () => {
  await Promise.all([openai.stop(), sqs.stop(), github.stop(), sink.close(1000)]);
  rmSync(repository.directory, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (/^(?:PATROL_|OPENAI_|GITHUB_|AWS_|CACHE_|DEFAULT_REPO|REPOSITORY_)/.test(name))
      vi.stubEnv(name, undefined);
  }
  vi.stubEnv('PATROL_SPOOL_DIRECTORY', folder);
});
afterEach(() => vi.unstubAllEnvs());

const set = (variables: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
};
const examine = async (variables: Readonly<Record<string, string>> = {}, askModel = false) => {
  set(variables);
  const { findings, text, healthy } = await doctor({ askModel }, false);
  return { text, healthy, of: (check: string) => findings.filter((one) => one.check === check) };
};

describe('with nothing configured', () => {
  it('nothing is wrong, and it is said what is not in use', async () => {
    const { healthy, text, of } = await examine();
    expect(healthy).toBe(true);
    expect(text).toContain('All that is configured works.');
    for (const check of [
      'model',
      'repository',
      'queue',
      'reply queue',
      'sink',
      'store',
      'rules',
      'webhooks',
    ]) {
      expect(of(check)).toMatchObject([{ status: 'unused' }]);
    }
    for (const check of ['node', 'settings', 'spool']) expect(of(check)).toMatchObject([{ status: 'ok' }]);
  });
});

describe('settings', () => {
  it('are all told when they are wrong, and a slip of the pen finds its name', async () => {
    const { healthy, of } = await examine({
      CACHE_TTL: 'long',
      PATROL_BATCH_SIZE: 'many',
      PATROL_QUEUE_ULR: 'x',
      PATROL_NONSENSE_AND_MORE: 'x',
      OPENAI_APIKEY: 'x',
    });
    expect(healthy).toBe(false);
    expect(
      of('settings').map(({ status, message, mend }) => [
        status,
        message.split(' ').slice(0, 2).join(' '),
        mend,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['failed', 'Expected CACHE_TTL', 'Correct it, or unset it to take the default.'],
        ['failed', 'Expected PATROL_BATCH_SIZE', 'Correct it, or unset it to take the default.'],
        ['warning', 'PATROL_QUEUE_ULR is', 'Did you mean PATROL_QUEUE_URL?'],
        ['warning', 'PATROL_NONSENSE_AND_MORE is', 'Remove it, or look its name up in the README.'],
        ['warning', 'OPENAI_APIKEY is', 'Did you mean OPENAI_API_KEY?'],
      ]),
    );
  });
});

describe('the model', () => {
  it('is asked when that is wished', async () => {
    const { of } = await examine(openai.env, true);
    expect(of('model')).toMatchObject([{ status: 'ok', message: expect.stringContaining('answers') }]);
    expect(openai.requests()).toHaveLength(1);
  });

  it.each([
    ['has it', 200, { data: [{ id: 'gpt-4o-mini' }] }, 'ok', 'takes the key and has gpt-4o-mini'],
    ['has others', 200, { data: [{ id: 'llama' }] }, 'failed', 'has no model gpt-4o-mini'],
    ['refuses the key', 401, {}, 'failed', 'refuses the key (401)'],
    ['lists none', 404, {}, 'warning', 'does not list its models'],
  ])('is looked for in the list: the server %s', async (_what, status, body, expected, message) => {
    const server = createHttpServer((_request, response) =>
      response.writeHead(status).end(JSON.stringify(body)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const key = ['model', 'key', 'for', 'tests'].join('-');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const { of, text } = await examine({ OPENAI_API_KEY: key, OPENAI_BASE_URL: url });
    expect(of('model')).toMatchObject([{ status: expected, message: expect.stringContaining(message) }]);
    expect(of('clock')).toMatchObject([{ status: 'ok' }]);
    expect(text).not.toContain(key);
    server.closeAllConnections();
    server.close();
  });

  it('is said to be out of reach when nothing listens there', async () => {
    const { of } = await examine({ OPENAI_BASE_URL: 'http://127.0.0.1:59999/v1' });
    expect(of('model')).toMatchObject([
      {
        status: 'failed',
        message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/),
        mend: expect.stringContaining('OPENAI_BASE_URL'),
      },
    ]);
  });
});

describe('repositories', () => {
  it('are read with the real token, each by itself', async () => {
    const { of } = await examine({
      GITHUB_API_URL: github.url,
      GITHUB_TOKEN,
      PATROL_ALLOWED_REPOSITORIES: 'acme/shop,acme/nothing',
    });
    expect(of('repository')).toMatchObject([
      { status: 'ok', message: expect.stringContaining('acme/shop can be read') },
      { status: expect.stringMatching(/failed|warning/), message: expect.stringContaining('acme/nothing') },
    ]);
  });

  it('a wrong token is said, and not shown', async () => {
    const wrong = ['wrong', 'token', 'for', 'tests'].join('-');
    const { of, text } = await examine({
      GITHUB_API_URL: github.url,
      GITHUB_TOKEN: wrong,
      PATROL_ALLOWED_REPOSITORIES: 'acme/shop',
    });
    expect(of('repository')).toMatchObject([
      { status: 'failed', message: expect.stringContaining('GITHUB_TOKEN is wrong') },
    ]);
    expect(text).not.toContain(wrong);
  });
});

describe('queues', () => {
  it('are reached, or said not to be there', async () => {
    const queue = await sqs.createQueue();
    const { of } = await examine({
      ...sqs.env,
      PATROL_QUEUE_URL: queue,
      PATROL_REPLY_QUEUE_URL: `${queue}-that-is-not-there`,
    });
    expect(of('queue')).toMatchObject([
      { status: 'ok', message: expect.stringContaining('0 messages wait') },
    ]);
    expect(of('reply queue')).toMatchObject([
      {
        status: 'failed',
        message: expect.stringContaining('There is no queue'),
        mend: expect.stringContaining('PATROL_REPLY_QUEUE_URL'),
      },
    ]);
  });
});

describe('the sink', () => {
  it('takes the token, or does not', async () => {
    expect(
      (await examine({ PATROL_SINK_URL: sink.url, PATROL_SINK_TOKEN: SINK_TOKEN })).of('sink'),
    ).toMatchObject([{ status: 'ok' }]);
    expect((await examine({ PATROL_SINK_TOKEN: 'another-token' })).of('sink')).toMatchObject([
      { status: 'failed', mend: expect.stringContaining('PATROL_SINK_TOKEN') },
    ]);
  });

  it('is told from another server', async () => {
    const { of } = await examine({ PATROL_SINK_URL: openai.url });
    expect(of('sink')).toMatchObject([{ status: 'failed', message: expect.stringContaining('is no sink') }]);
  });
});

describe('the store', () => {
  it('is written and read', async () => {
    const dynamo = await startDynamoDb();
    set(dynamo.env);
    const { of } = await examine({ PATROL_CACHE_TABLE: dynamo.tableName });
    expect(of('store')).toMatchObject([{ status: 'ok' }]);
    await dynamo.stop();
  });

  it('is said to be out of reach', async () => {
    const { of } = await examine({ PATROL_REDIS_URL: 'redis://127.0.0.1:1' });
    expect(of('store')).toMatchObject([
      { status: 'failed', mend: expect.stringContaining('PATROL_REDIS_URL') },
    ]);
  });
});

describe('this machine', () => {
  it('has a Node that is new enough', () => {
    expect(checkNode('20.19.0').status).toBe('ok');
    expect(checkNode('22.1.0').status).toBe('ok');
    expect(checkNode('20.18.3')).toMatchObject({ status: 'failed', mend: 'Take Node 20.19 or later.' });
  });

  it('has a clock that others agree with', () => {
    expect(checkClock(new Map([['a', 2000]]), 0).status).toBe('ok');
    expect(
      checkClock(
        new Map([
          ['a', 2000],
          ['b', -400_000],
        ]),
        0,
      ),
    ).toMatchObject({
      status: 'failed',
      message: 'The clock is 400 s ahead of that of b.',
    });
  });

  it('can write its spool', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { of } = await examine({ PATROL_SPOOL_DIRECTORY: file });
    expect(of('spool')).toMatchObject([
      { status: 'failed', mend: expect.stringContaining('PATROL_SPOOL_DIRECTORY') },
    ]);
    expect((await examine({ PATROL_SPOOL_DIRECTORY: 'off' })).of('spool')).toMatchObject([
      { status: 'unused' },
    ]);
  });

  it('can write the history', async () => {
    const fresh = await examine({ PATROL_HISTORY_FILE: join(folder, 'history.db') });
    expect(fresh.of('history')).toMatchObject([{ status: 'ok' }]);
    const nowhere = await examine({ PATROL_HISTORY_FILE: join(folder, 'nowhere', 'history.db') });
    expect(nowhere.of('history')).toMatchObject([
      { status: 'failed', mend: expect.stringContaining('PATROL_HISTORY_FILE') },
    ]);
  });

  it('has rules without a fault, or it is said which', async () => {
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, '- id: a\n  then: { ignroe: true }\n');
    const { of } = await examine({ PATROL_RULES_FILE: file });
    expect(of('rules')).toMatchObject([
      { status: 'failed', message: expect.stringContaining(`${file}:2: Rule "a"`) },
    ]);
  });
});
