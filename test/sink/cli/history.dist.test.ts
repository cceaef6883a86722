import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListedErrors } from '../../../sink/cli/history.ts';
import type { ErrorPage, ErrorSummary } from '../../../sink/history/history.ts';
import { errorEvent } from '../../support/events.ts';
import { runPatrol, type ServeProcess, startServe } from '../../support/serve.ts';

const TOKEN = 'a-dashboard-token-for-tests';
let server: ServeProcess;
let hash: string;

beforeAll(async () => {
  server = await startServe({ PATROL_HISTORY_FILE: ':memory:', PATROL_DASHBOARD_TOKEN: TOKEN });
  await fetch(`${server.url}/v1/events?wait`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([errorEvent({ occurrences: 7, timestamp: Date.now() })]),
  });
  const { errors } = JSON.parse(patrol('errors', 'list', '--json').stdout) as ErrorPage;
  hash = errors[0]?.errorHash ?? '';
});
afterAll(() => server.kill('SIGTERM'));

const patrol = (...args: string[]) =>
  runPatrol(args, { PATROL_SINK_URL: server.url, PATROL_DASHBOARD_TOKEN: TOKEN });

describe('patrol errors', () => {
  it('lists what the server remembers', () => {
    const { stdout, status } = patrol('errors');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^${hash.slice(0, 12)}  new +7 .*Error: connect ECONNREFUSED 127\\.0\\.0\\.1:5432$`, 'm'),
    );
    expect(patrol('errors', 'list', '--status', 'resolved').stdout).toBe('No errors.\n');
  });

  it('resolves, reopens, ignores, assigns and notes, in the name of who typed it', () => {
    const short = hash.slice(0, 8);
    expect(patrol('errors', 'resolve', short, '--release', 'v2').stdout).toMatch(/: resolved$/m);
    expect(patrol('errors', 'reopen', hash).stdout).toMatch(/: new$/m);
    expect(patrol('errors', 'ignore', short, '--occurrences', '10').stdout).toMatch(/: ignored$/m);
    const assigned = JSON.parse(patrol('errors', 'assign', short, 'mina', '--json').stdout) as ErrorSummary;
    expect(assigned).toMatchObject({ errorHash: hash, assignee: 'mina' });
    patrol('errors', 'note', short, 'look at the database');
    const { stdout } = patrol('errors', 'show', short);
    expect(stdout).toContain('look at the database');
    expect(stdout).toContain('resolved in v2');
    expect(stdout).toMatch(/^assignee +mina$/m);
  });

  it('says how bad it is, and shows until when it is ignored', () => {
    expect(patrol('errors', 'severity', hash, 'critical').stdout).toMatch(/, critical(?:,|$)/m);
    expect(patrol('errors', 'list', '--severity', 'critical', '--json').stdout).toContain(hash);
    expect(patrol('errors', 'severity', hash, 'awful').status).toBe(2);
    patrol('errors', 'ignore', hash, '--occurrences', '10', '--until', '2099-05-01');
    const { stdout } = patrol('errors', 'show', hash);
    expect(stdout).toMatch(/^severity +critical$/m);
    expect(stdout).toMatch(/^ignored +until 10 more or 2099-05-01 00:00 UTC$/m);
    expect(stdout).toMatch(/ignored until 10 more or 2099-05-01 00:00 UTC$/m);
    expect(patrol('errors', 'ignore', hash, '--until', '2020-01-01')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('still to come'),
    });
    patrol('errors', 'reopen', hash);
  });

  it('says what is wrong in one line, and ends with 1 or 2', () => {
    expect(patrol('errors', 'show', 'abc')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^patrol: .*six digits.*\n$/),
    });
    expect(patrol('errors', 'show', '000000000000')).toMatchObject({ status: 1 });
    expect(patrol('errors', 'ignore', hash, '--until', 'soon').status).toBe(2);
    const wrong = runPatrol(['errors'], { PATROL_SINK_URL: server.url });
    expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining('PATROL_DASHBOARD_TOKEN') });
    const none = runPatrol(['errors'], { PATROL_SINK_URL: 'http://127.0.0.1:9' });
    expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining('patrol serve') });
  });
});

describe('patrol stats', () => {
  it('tells figures and top errors', () => {
    const { stdout } = patrol('stats');
    expect(stdout).toMatch(/^occurrences +7 of 1 errors$/m);
    expect(stdout).toMatch(/^by rules +1 \(100 %\)$/m);
    expect(stdout).toContain('ECONNREFUSED');
    expect(JSON.parse(patrol('stats', '--days', '7', '--json').stdout)).toMatchObject({ occurrences: 7 });
  });
});

describe('patrol errors list', () => {
  it('lists page by page, and says how to see the next one', async () => {
    const events = ['cart', 'card', 'cat', 'car', 'cab'].map((name, index) =>
      errorEvent({
        eventId: `paged-${name}`,
        service: 'paged',
        timestamp: Date.now() - index * 60_000,
        errorLog: {
          message: `${name} failed`,
          stackTrace: `Error: failed\n    at ${name} (/app/${name}.js:3:9)`,
        },
      }),
    );
    await fetch(`${server.url}/v1/events?wait`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(events),
    });
    const list = (...args: string[]) =>
      patrol('errors', 'list', '--service', 'paged', '--limit', '2', ...args);
    const seen: string[] = [];
    let page: ListedErrors | undefined;
    do {
      const cursor = page?.nextCursor === undefined ? [] : ['--cursor', page.nextCursor];
      page = JSON.parse(list('--json', ...cursor).stdout) as ListedErrors;
      seen.push(...page.errors.map(({ message }) => message.split(' ')[0] ?? ''));
    } while (page.nextCursor !== undefined);
    expect(seen).toEqual(['cart', 'card', 'cat', 'car', 'cab']);

    const { stdout } = list();
    const next = /^… and more: 5 in all\. The next page: the same command with --cursor (\S+)$/m.exec(
      stdout,
    )?.[1];
    expect(list('--cursor', next ?? '').stdout).toMatch(/cat failed[\s\S]*car failed/);
    expect(list('--cursor', 'nonsense')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^patrol: .*cursor.*\n$/),
    });
  });
});
