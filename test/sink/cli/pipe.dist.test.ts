import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createServer } from 'patrol/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisRecord } from '../../../src/analysis-record.ts';
import { analysisRecord } from '../../support/events.ts';
import { startSqs, type TestSqs } from '../../support/sqs.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const PATROL = `${process.execPath} ${path('../../../dist/sink/cli/main.js')}`;
const PRETTY = `${process.execPath} ${path('../../../node_modules/pino-pretty/bin.js')}`;
const app = (name: string) => `${process.execPath} ${path(`../fixtures/${name}.mjs`)}`;

interface Run {
  readonly stdout: Buffer;
  readonly text: string;
  readonly stderr: string;
  readonly code: number | null;
}

interface RunOptions {
  readonly input?: Buffer | string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent to the whole pipeline, as a terminal does on Ctrl-C, when the output holds this text. */
  readonly interruptAt?: string;
}

/** Runs a pipeline in a shell; its exit code is the first failure's. */
function run(command: string, { input, env = {}, interruptAt }: RunOptions = {}): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
      detached: true,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    });
    const stdout: Buffer[] = [];
    let stderr = '';
    let interrupted = false;
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk);
      if (interruptAt === undefined || interrupted || !Buffer.concat(stdout).includes(interruptAt)) return;
      interrupted = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('close', (code) => {
      const all = Buffer.concat(stdout);
      resolve({ stdout: all, text: all.toString(), stderr, code });
    });
  });
}

const jsonLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** Two lines of text that cost no analysis. */
const PLAIN = 'one\ntwo\n';

describe('node app.js | patrol', () => {
  it('puts a pino line below pino’s, with the ids of the request', async () => {
    const { text, code } = await run(`${app('pino-app')} | ${PATROL}`);
    const records = jsonLines(text);
    expect(code).toBe(0);
    expect(records.map(({ msg }) => msg).filter((msg) => !msg.startsWith('Patrol'))).toEqual([
      'up',
      'could not save',
      'still up',
    ]);
    expect(records.find(({ patrol }) => patrol)).toMatchObject({
      level: 30,
      name: 'orders',
      reqId: 'r-1',
      patrol: { event: 'analysis', source: 'rules' },
    });
  });

  it('still works before pino-pretty', async () => {
    const { text, code } = await run(`${app('pino-app')} | ${PATROL} | ${PRETTY} --no-colorize`);
    expect(code).toBe(0);
    expect(text).toMatch(/INFO \(orders\/\d+\): Patrol \(\d+ % sure\).*PostgreSQL/);
  });

  it('puts a winston line below winston’s', async () => {
    const { text } = await run(`${app('winston-app')} | ${PATROL}`);
    const analysis = jsonLines(text).find(({ patrol }) => patrol);
    expect(analysis).toMatchObject({
      level: 'info',
      patrol: { message: 'getaddrinfo ENOTFOUND db.internal' },
    });
    expect(analysis.message).toContain('DNS');
    expect(analysis.timestamp).toMatch(/^\d{4}-.*Z$/);
  });

  it('explains what a process printed when it crashed', async () => {
    const { text } = await run(`${app('crashing-app')} 2>&1 | ${PATROL}`);
    expect(text).toMatch(
      / {2}patrol> Error {2}connect ECONNREFUSED 127\.0\.0\.1:6379\n {2}patrol> Cause .*Redis/,
    );
    expect(text).toMatch(/ {2}patrol> Where {2}.*crashing-app\.mjs:2/);
  });

  it('gives each record of a mixed log an analysis in its own format', async () => {
    const log = [
      '{"level":50,"time":1767225600000,"msg":"connect ECONNREFUSED 127.0.0.1:5432"}',
      '{"level":"error","message":"getaddrinfo ENOTFOUND a.internal","timestamp":"2026-01-01T00:00:00Z"}',
      'Traceback (most recent call last):',
      '  File "/app/main.py", line 3, in <module>',
      '    open("x")',
      "FileNotFoundError: [Errno 2] No such file or directory: 'x'",
      '[error] read ECONNRESET',
      '',
    ].join('\n');
    const { text } = await run(PATROL, { input: log });
    const [pino, winston] = [
      jsonLines(text).find(({ patrol, msg }) => patrol && msg),
      jsonLines(text).find(({ patrol, message }) => patrol && message),
    ];
    expect(pino.patrol.message).toContain('ECONNREFUSED');
    expect(winston.patrol.message).toContain('ENOTFOUND');
    const blocks = text.split('\n').filter((line) => line.startsWith('  patrol> Error'));
    expect(blocks.map((line) => line.slice(17)).sort()).toEqual([
      "[Errno 2] No such file or directory: 'x'",
      'read ECONNRESET',
    ]);
  });

  it('counts repeats and explains them once', async () => {
    const line = '{"level":50,"msg":"connect ECONNREFUSED 127.0.0.1:5432"}\n';
    const { text } = await run(PATROL, { input: line.repeat(500) });
    const analyses = jsonLines(text).filter(({ patrol }) => patrol);
    expect(analyses.map(({ patrol }) => patrol.occurrences)).toEqual([500]);
  });
});

describe('the bytes of the application', () => {
  it.each([
    ['not UTF-8', Buffer.from([0xff, 0xfe, 0x0a, 0xc3, 0x28, 0x0a])],
    ['CRLF', Buffer.from('a\r\nb\r\n')],
    ['a last line without newline', Buffer.from('a\nb')],
    ['broken JSON', Buffer.from('{"level":50,\n{}\n[1]\nnull\n')],
    ['NUL and escape characters', Buffer.from('\u0000\u001b[31mred\u001b[0m\n')],
    ['a line of 3 MB', Buffer.concat([Buffer.alloc(3_000_000, 'x'), Buffer.from('\nend\n')])],
    ['8 MB in 100,000 lines', Buffer.from(`${'y'.repeat(80)}\n`.repeat(100_000))],
    ['nothing', Buffer.alloc(0)],
  ])('pass unchanged: %s', async (_, input) => {
    const { stdout, code, stderr } = await run(PATROL, { input });
    expect(stdout.equals(input)).toBe(true);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('pass unchanged and in order around the analyses', async () => {
    const error = '{"level":50,"msg":"connect ECONNREFUSED 127.0.0.1:5432"}';
    const lines = Array.from({ length: 2000 }, (_, index) => (index % 400 === 0 ? error : `line ${index}`));
    const { text } = await run(`sh -c 'cat; sleep 1.5; echo late' | ${PATROL}`, {
      input: `${lines.join('\n')}\n`,
    });
    const own = text.split('\n').filter((line) => !line.includes('"patrol"'));
    expect(own).toEqual([...lines, 'late', '']);
    expect(text.split('\n').length).toBeGreaterThan(own.length);
  });

  it('pass on when a setting is wrong, which is said on stderr', async () => {
    const env = { PATROL_QUEUE_URL: 'nonsense' };
    const { text, stderr, code } = await run(PATROL, { input: `${PLAIN}[error] boom\n`, env });
    expect(text.startsWith(`${PLAIN}[error] boom\n`)).toBe(true);
    expect(stderr).toContain('PATROL_QUEUE_URL');
    expect(stderr).not.toContain('nonsense');
    expect(code).toBe(0);
  });

  it('pass on when the sink cannot be reached', async () => {
    const env = { PATROL_SINK_URL: 'http://127.0.0.1:9', PATROL_MODEL_TIMEOUT: '500' };
    const { text, code } = await run(PATROL, { input: `[error] boom\n${PLAIN}`, env });
    expect(text.startsWith(`[error] boom\n${PLAIN}`)).toBe(true);
    expect(code).toBe(0);
  });
});

describe('the ends of the pipe', () => {
  it('lets go quietly when the reader has had enough', async () => {
    const { text, stderr } = await run(`yes '[error] read ECONNRESET' | ${PATROL} | head -2`);
    expect(text).toBe('[error] read ECONNRESET\n'.repeat(2));
    expect(stderr).toBe('');
  });

  it('goes on after Ctrl-C until the application has ended', async () => {
    const { text, stderr } = await run(`${app('lingering-app')} | ${PATROL}`, { interruptAt: 'up' });
    expect(text).toContain('while shutting down\n');
    expect(text).toContain('bye\n');
    expect(text).toContain('  patrol> Cause');
    expect(stderr).toBe('');
  });
});

describe('through SQS', () => {
  let sqs: TestSqs;
  beforeAll(async () => {
    sqs = await startSqs();
  });
  afterAll(() => sqs.stop());

  it('waits at the end of the input for the reply', async () => {
    const [queue, replies] = [await sqs.createQueue(), await sqs.createQueue()];
    const env = { ...sqs.env, PATROL_QUEUE_URL: queue, PATROL_REPLY_QUEUE_URL: replies, PATROL_SERVICE: 's' };
    const running = run(PATROL, { input: '{"level":50,"msg":"boom"}\n', env });
    const [event] = await sqs.receiveJson<{ eventId: string }>(queue, 1);
    const reply: AnalysisRecord = analysisRecord({ eventId: event?.eventId ?? '', service: 's' });
    await sqs.send(replies, reply);
    const { text, code } = await running;
    expect(jsonLines(text)[1]).toMatchObject({ level: 30, msg: reply.msg });
    expect(code).toBe(0);
  });
});

describe('through a self-hosted sink', () => {
  it('waits at the end of the input for the analysis on the stream', async () => {
    const server = await createServer({ port: 0, sinkToken: 'a-token-for-tests', host: '127.0.0.1' });
    const env = { PATROL_SINK_URL: server.url, PATROL_SINK_TOKEN: 'a-token-for-tests', PATROL_SERVICE: 's' };
    const { text, code } = await run(PATROL, {
      input: '{"level":50,"msg":"connect ECONNREFUSED 127.0.0.1:5432"}\n',
      env,
    });
    await server.close();
    expect(jsonLines(text)[1]).toMatchObject({ level: 30, patrol: { event: 'analysis', service: 's' } });
    expect(code).toBe(0);
  });
});

describe('the command', () => {
  it('knows its version and its help', async () => {
    expect((await run(`${PATROL} --version`)).text).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await run(`${PATROL} --help`)).text).toContain('bundle');
  });

  it('refuses what it does not know', async () => {
    const { code, stderr } = await run(`${PATROL} nonsense`);
    expect(code).toBe(2);
    expect(stderr).toContain('nonsense');
  });
});
