import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServer, type SinkServer } from '../../sink/server.ts';
import { createSinkLog } from '../../sink/sink-log.ts';
import { errorEvent } from '../support/events.ts';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
type Answer = any;

let folder: string;
let file: string;
let server: SinkServer;
let lines: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-rules-'));
  file = join(folder, 'rules.yaml');
});
afterEach(async () => {
  await server.close(1000);
  rmSync(folder, { recursive: true, force: true });
});

const RULES = `# Reviewed every Monday.
rules:
  - id: noise # The nightly job.
    match: { service: cron }
    then: { ignore: true }
`;

async function start(rules: string | null = RULES): Promise<void> {
  lines = [];
  if (rules !== null) writeFileSync(file, rules);
  server = await createServer({
    port: 0,
    host: '127.0.0.1',
    parts: { log: createSinkLog((line) => lines.push(line)) },
    rulesFile: file,
  });
}

const send = async (path: string, body?: unknown) => {
  const response = await fetch(`${server.url}${path}`, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  });
  return { status: response.status, body: (await response.json()) as Answer };
};

describe('what a rule sets aside', () => {
  it('is answered for, counted by its records, and said in the log', async () => {
    await start();
    const event = errorEvent({ eventId: 'e1', service: 'cron', occurrences: 7 });
    const { status, body } = await send('/v1/events?wait', [event, errorEvent({ eventId: 'e2' })]);
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { eventId: 'e1', setAside: 'ignored', rule: 'noise' },
      { eventId: 'e2', source: 'rules' },
    ]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('patrol_ignored_total 7');
    expect(metrics).toContain('patrol_analysed_total 1');
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({
        msg: 'Set aside by a rule',
        eventId: 'e1',
        occurrences: 7,
        reason: 'ignored',
        rule: 'noise',
      }),
    );
  });
});

describe('/v1/rules', () => {
  it('shows the file as it stands', async () => {
    await start();
    expect((await send('/v1/rules')).body).toEqual({
      file,
      rules: [{ id: 'noise', match: { service: 'cron' }, then: { ignore: true } }],
      writable: true,
    });
  });

  it('says what would happen to an event', async () => {
    await start();
    const { body } = await send('/v1/rules/check', { event: errorEvent({ service: 'cron' }) });
    expect(body).toMatchObject({
      findings: [{ rule: 'noise', matched: true }],
      decision: { setAside: { reason: 'ignored', rule: 'noise' } },
    });
    expect((await send('/v1/rules/check', { event: {} })).status).toBe(400);
  });

  it('adds a rule at the end, keeping comments, and the sink takes it up', async () => {
    await start();
    const rule = {
      id: 'orders',
      match: { service: 'orders' },
      then: { severity: 'critical', assignee: 'mina' },
    };
    expect(await send('/v1/rules', { rule })).toEqual({ status: 201, body: { rule } });
    const text = readFileSync(file, 'utf8');
    expect(text.startsWith(RULES)).toBe(true);
    expect(text.slice(RULES.length)).toContain('id: orders');
    expect((await send('/v1/rules')).body.rules).toHaveLength(2);
    const { body } = await send('/v1/rules/check', { event: errorEvent() });
    expect(body.decision).toMatchObject({ severity: 'critical', assignee: 'mina' });
    expect(readdirSync(folder)).toEqual(['rules.yaml']);
  });

  it('adds to a JSON file, through a link, and leaves its permissions', async () => {
    const real = join(folder, 'real.json');
    writeFileSync(real, '[]');
    chmodSync(real, 0o640);
    symlinkSync(real, file);
    await start(null);
    const rule = { id: 'a', then: { ignore: true } };
    expect((await send('/v1/rules', { rule })).status).toBe(201);
    expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual([rule]);
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  it.each([
    ['YAML that looks like JSON', '{rules: [{id: a, then: {ignore: true}}]} # all in one line\n', 2],
    ['JSON with a comma too many', '[{"id": "a", "then": {"ignore": true}},]\n', 2],
    ['an empty file', '', 1],
    ['a file of comments', '# none yet\n', 1],
  ])('adds to %s', async (_, source, count) => {
    await start(source.trim() === '' || source.startsWith('#') ? '[]' : source);
    writeFileSync(file, source);
    const { status } = await send('/v1/rules', { rule: { id: 'b', then: { ignore: true } } });
    expect(status).toBe(201);
    expect((await send('/v1/rules')).body.rules).toHaveLength(count);
  });

  it('says where a file is broken to which a rule is to be added', async () => {
    await start();
    writeFileSync(file, `${RULES}  - id: "torn\n`);
    const { status, body } = await send('/v1/rules', { rule: { id: 'b', then: { ignore: true } } });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'RULE_INVALID',
      message: expect.stringContaining('rules.yaml:'),
    });
  });

  it('refuses a wrong rule and one that is there already, and leaves the file alone', async () => {
    await start();
    for (const rule of [
      { id: 'b', then: { sample: 2 } },
      { id: 'noise', then: { ignore: true } },
      { id: 'slow', match: { message: { regex: '(a+)+b' } }, then: { ignore: true } },
    ]) {
      const { status, body } = await send('/v1/rules', { rule });
      expect(status).toBe(400);
      expect(body.error.code).toBe('RULE_INVALID');
    }
    expect(readFileSync(file, 'utf8')).toBe(RULES);
  });

  it('loses none of many that come at once', async () => {
    await start();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        send('/v1/rules', { rule: { id: `r${index}`, then: { ignore: false } } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect((await send('/v1/rules')).body.rules).toHaveLength(9);
  });
});

it('without a rule file there is nothing to show and nothing to add to', async () => {
  server = await createServer({ port: 0, host: '127.0.0.1', parts: { log: createSinkLog(() => {}) } });
  expect((await send('/v1/rules')).body).toEqual({ file: null, rules: [], writable: false });
  expect((await send('/v1/rules', { rule: { id: 'a', then: { ignore: true } } })).status).toBe(409);
});
