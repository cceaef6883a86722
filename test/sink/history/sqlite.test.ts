import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteHistory } from '../../../sink/history/sqlite.ts';
import { openSqliteFile } from '../../../sink/history/sqlite-file.ts';
import { describeHistory, hashOf, NOON, resultFor, takenEvent } from '../../support/history-kit.ts';

describeHistory('SQLite', async (now, options) => {
  const history = createSqliteHistory({ file: ':memory:', gather: 0, now, ...options });
  return { history, stop: () => history.close() };
});

describe('the history’s file', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'patrol-history-'));
    file = join(folder, 'new', 'history.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = () => createSqliteHistory({ file, gather: 0, now: () => NOON });

  it('keeps everything for the next start', async () => {
    const first = open();
    await first.take([takenEvent('cart', NOON), takenEvent('cart', NOON)]);
    await first.act(hashOf('cart'), { action: 'note', text: 'again' }, 'mina');
    await first.close();
    const second = open();
    expect(await second.find(hashOf('cart'))).toMatchObject({ occurrences: 2, trail: [{ by: 'mina' }] });
    await second.close();
  });

  it('says which events were never analysed, oldest first, without their secrets', async () => {
    const secret = ['hunter', '2-', 'opensesame'].join('');
    const first = open();
    const events = ['a', 'b', 'c'].map((name) =>
      takenEvent(name, NOON, { errorLog: { message: `${name} password=${secret}` } }),
    );
    await first.take(events);
    await first.analysed(events[1]!, undefined);
    await first.close();
    const second = open();
    const left = await second.unanalysed(10);
    expect(left.map(({ eventId }) => eventId)).toEqual([events[0]!.event.eventId, events[2]!.event.eventId]);
    expect(JSON.stringify(left)).not.toContain(secret);
    await second.close();
  });

  it('belongs to one process at a time', async () => {
    const first = open();
    expect(open).toThrow(expect.objectContaining({ code: 'HISTORY_UNAVAILABLE' }));
    await first.close();
    await open().close();
  });

  it('is free again when its owner was killed', async () => {
    await open().close();
    mkdirSync(`${file}.lock`);
    // No process has this id: Linux counts to 4,194,304.
    writeFileSync(`${file}.owner`, JSON.stringify({ pid: 2 ** 30, host: hostname() }));
    await open().close();
  });

  it('is not taken from an owner on another machine that lives', async () => {
    await open().close();
    writeFileSync(`${file}.owner`, JSON.stringify({ pid: 1, host: 'another-machine' }));
    expect(open).toThrow(/another-machine/);
  });

  it('says what to set where it cannot be made', () => {
    writeFileSync(join(folder, 'new'), 'no folder');
    expect(open).toThrow(/set PATROL_HISTORY_FILE/);
  });

  it('is refused when it is none', () => {
    mkdirSync(join(folder, 'new'));
    writeFileSync(file, 'these are a few notes of mine, and no database at all'.repeat(100));
    expect(open).toThrow(expect.objectContaining({ code: 'HISTORY_UNAVAILABLE' }));
  });

  it('has its log written back whatever was asked before', () => {
    const opened = openSqliteFile(file);
    opened.run('INSERT INTO releases (release, first_seen) VALUES (?, ?), (?, ?)', 'v1', 1, 'v2', 2);
    opened.get('SELECT * FROM releases');
    const [written] = opened.all('PRAGMA wal_checkpoint');
    expect(written).toMatchObject({ busy: 0, checkpointed: written?.log });
    expect(written?.log).toBeGreaterThan(0);
    opened.close();
  });

  it('makes room for new errors when there are too many', async () => {
    const history = createSqliteHistory({ file: ':memory:', gather: 0, maxErrors: 2, now: () => NOON });
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      await history.take([takenEvent(name, NOON - 1000 + index)]);
    }
    expect(await history.prune()).toBe(1);
    expect((await history.list({})).errors.map(({ message }) => message)).toEqual(['c failed', 'b failed']);
    await history.close();
  });

  it('counts for an error that is left what came of it, not of one that made room', async () => {
    const history = createSqliteHistory({ file: ':memory:', gather: 0, maxErrors: 1, now: () => NOON });
    await history.take([takenEvent('a', NOON - 1000, { occurrences: 9 }), takenEvent('b', NOON - 500)]);
    expect(await history.prune()).toBe(1);
    const { top } = await history.statistics({ from: NOON - 3_600_000, to: NOON });
    expect(top.map(({ message, inRange }) => [message, inRange])).toEqual([['b failed', 1]]);
    await history.close();
  });

  it('forgets what is too old in the same round in which it makes room', async () => {
    const options = { file: ':memory:', gather: 0, maxErrors: 3, retention: 30, now: () => NOON };
    const history = createSqliteHistory(options);
    const names = ['a', 'b', 'c', 'd'];
    await history.take(names.map((name, index) => takenEvent(name, NOON - (40 - index) * 86_400_000)));
    expect(await history.prune()).toBe(4);
    await history.close();
  });

  it('keeps no more than a few samples of an error whose clock was never set', async () => {
    const history = open();
    for (let time = 0; time < 20; time++) await history.take([takenEvent('cart', 0)]);
    const details = await history.find(hashOf('cart'));
    expect(details?.occurrences).toBe(20);
    expect(details?.samples.length).toBeLessThanOrEqual(5);
    await history.close();
  });

  it('forgets minutes after two days and hours after thirty, and keeps the days', async () => {
    let now = NOON;
    const history = createSqliteHistory({ file: ':memory:', gather: 0, now: () => now });
    await history.take([takenEvent('cart', NOON), takenEvent('cart', NOON - 60_000)]);
    const count = async (step: 'minute' | 'hour' | 'day') => {
      const range = { from: NOON - 3_600_000, to: NOON + 60_000 };
      const buckets = await history.occurrences(hashOf('cart'), range, step);
      return buckets.reduce((sum, bucket) => sum + bucket.count, 0);
    };
    const counts = async () => [await count('minute'), await count('hour'), await count('day')];
    expect(await counts()).toEqual([2, 2, 2]);
    now += 3 * 86_400_000;
    await history.prune();
    expect(await counts()).toEqual([0, 2, 2]);
    now += 30 * 86_400_000;
    await history.prune();
    expect(await counts()).toEqual([0, 0, 2]);
    await history.close();
  });

  it('names no error as similar that it has forgotten', async () => {
    const history = createSqliteHistory({ file: ':memory:', gather: 0, maxErrors: 1, now: () => NOON });
    const [old, late] = [takenEvent('old', NOON - 1000), takenEvent('late', NOON - 500)];
    await history.take([old, late]);
    await history.analysed(late, resultFor('late', NOON, { similarTo: hashOf('old') }));
    expect((await history.find(hashOf('late')))?.similar).toEqual([hashOf('old')]);
    await history.prune();
    expect((await history.find(hashOf('late')))?.similar).toEqual([]);
    await history.close();
  });

  it('writes what comes together once, also when somebody in it is too late', async () => {
    const history = createSqliteHistory({ file, gather: 20, now: () => NOON });
    await history.take([takenEvent('cart', NOON)]);
    const before = statSync(`${file}-wal`).size;
    const many = Array.from({ length: 100 }, () => history.take([takenEvent('cart', NOON)]));
    const late = history.act(hashOf('cart'), { action: 'resolve' }, 'mina', 99);
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT', current: { occurrences: 101 } });
    await Promise.all(many);
    // A hundred writes, each for itself, would be some three hundred pages of 4096 bytes.
    expect(statSync(`${file}-wal`).size - before).toBeLessThan(60 * 4096);
    await history.close();
  });

  it('takes what can be taken when one of those that came together cannot', async () => {
    const history = open();
    const bad = { ...takenEvent('bad', NOON), event: undefined as never };
    const settled = await Promise.allSettled([history.take([takenEvent('cart', NOON)]), history.take([bad])]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await history.list({})).total).toBe(1);
    await history.close();
  });
});
