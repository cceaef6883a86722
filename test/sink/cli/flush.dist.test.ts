import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runApp } from '../../support/run-app.ts';
import { type SinkServer, startSink } from '../../support/sink-server.ts';

const app = new URL('../../transports/fixtures/app.mjs', import.meta.url);
const patrol = new URL('../../../dist/sink/cli/main.js', import.meta.url);

let spool: string;
let sink: SinkServer;
beforeEach(async () => {
  spool = mkdtempSync(join(tmpdir(), 'patrol-flush-'));
  sink = await startSink();
});
afterEach(async () => {
  await sink.stop();
  rmSync(spool, { recursive: true, force: true });
});

const flush = (args: string[] = [], env: Record<string, string | undefined> = {}) =>
  runApp(patrol, {
    args: ['flush', ...args],
    env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: spool, ...env },
  });

describe('patrol flush', () => {
  it('sends what a killed application left, and says how much', async () => {
    await runApp(app, {
      args: ['winston', 'sigkill', '30'],
      env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: spool },
    });
    const { stdout, stderr, code } = await flush();
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toBe('30 records found, 30 delivered, 0 left\n');
    expect(sink.occurrences()).toBe(30);
    expect(readdirSync(spool)).toEqual([]);
  });

  it('finds nothing where nothing is', async () => {
    expect((await flush()).stdout).toBe('0 records found, 0 delivered, 0 left\n');
  });

  it('keeps what the sink does not take, and fails', async () => {
    await runApp(app, {
      args: ['winston', 'sigkill', '10'],
      env: { PATROL_SINK_URL: sink.url, PATROL_SPOOL_DIRECTORY: spool },
    });
    sink.answer = 503;
    const { stderr, code } = await flush(['--timeout', '1']);
    expect(code).toBe(1);
    expect(stderr).toContain('10 records found, 0 delivered, 10 left');
    sink.answer = 202;
    await flush();
    expect(sink.occurrences()).toBe(10);
  });

  it('needs to know the sink', async () => {
    const { stderr, code } = await flush([], { PATROL_SINK_URL: undefined });
    expect(code).toBe(1);
    expect(stderr).toContain('PATROL_SINK_URL');
  });
});
