import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteFile, type SqliteFile } from '../../../sink/history/sqlite-file.ts';
import { keyOf, openTakenIds, type TakenIds } from '../../../sink/history/taken-ids.ts';

let file: SqliteFile;
beforeEach(() => {
  file = openSqliteFile(':memory:');
});
afterEach(() => {
  file.close();
});

const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => keyOf(`event-${from + index}`));

const take = (ids: TakenIds, all: readonly bigint[]): number => {
  const news = all.filter((key) => ids.add(key)).length;
  ids.write();
  ids.committed();
  return news;
};

describe('ids of events that were taken', () => {
  it('are known again, also by who opens the file later', () => {
    const ids = openTakenIds(file);
    expect(take(ids, keys(0, 3000))).toBe(3000);
    expect(take(ids, keys(2990, 3010))).toBe(10);
    expect(take(openTakenIds(file), keys(0, 3020))).toBe(10);
  });

  it('are known twice in one transaction', () => {
    const ids = openTakenIds(file);
    expect(take(ids, [5n, 5n, 0n, 0n])).toBe(2);
    expect(take(openTakenIds(file), [0n, 5n])).toBe(0);
  });

  it('are news again when their transaction failed', () => {
    const ids = openTakenIds(file);
    take(ids, keys(0, 10));
    expect(() =>
      file.transaction(() => {
        for (const key of keys(10, 20)) ids.add(key);
        ids.write();
        throw new Error('the disk is full');
      }),
    ).toThrow();
    ids.forget();
    expect(take(ids, keys(0, 20))).toBe(10);
    expect(take(openTakenIds(file), keys(0, 20))).toBe(0);
  });

  it('are forgotten by generations, the older of two first', () => {
    let ids = openTakenIds(file, 100);
    for (let from = 0; from < 350; from += 50) take(ids, keys(from, from + 50));
    for (const round of ['as it ran', 'opened again']) {
      const known = keys(0, 350).filter((key) => !ids.add(key)).length;
      ids.forget();
      expect(known, round).toBe(150);
      ids = openTakenIds(file, 100);
    }
    expect(take(ids, keys(200, 350))).toBe(0);
  });
});
