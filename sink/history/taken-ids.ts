import { createHash } from 'node:crypto';
import type { SqliteFile } from './sqlite-file.ts';
import { number } from './sqlite-rows.ts';

/** The ids of events that were taken: looked up in memory, and appended to the file with their transaction. */
export interface TakenIds {
  /** True for an id that was not taken before. */
  add(key: bigint): boolean;
  /** Writes those that were added since the last time. */
  write(): void;
  /** What was written is on the disk. */
  committed(): void;
  /** What was added since then is not. */
  forget(): void;
}

/** Ids in one of two generations; where it is full, the older one is forgotten. */
const MAX_IDS = 1_000_000;

const READ = 'SELECT number, generation, keys FROM taken_ids WHERE number > ? ORDER BY number LIMIT 1000';

/**
 * Reads the ids that the file holds. An id is a random number: in a table of its own each would dirty another page,
 * and be the dearest part of an event. So they lie in the file as they came, and the table is in memory: at most
 * 16 MB for a generation.
 *
 * @param maxIds - Of one generation.
 */
export function openTakenIds(file: SqliteFile, maxIds: number = MAX_IDS): TakenIds {
  let [current, before] = [new KeySet(), new KeySet()];
  let generation = number(file.get('SELECT max(generation) AS latest FROM taken_ids')?.latest);
  /** Added, not committed; and of these, not written. */
  const added = new Set<bigint>();
  let unwritten: bigint[] = [];

  // Some at a time: together they are as large as the tables.
  for (let [after, more] = [-1, true]; more; ) {
    const rows = file.all(READ, after);
    for (const { number: row, generation: of, keys } of rows) {
      const into = number(of) === generation ? current : before;
      for (const key of keysIn(keys)) into.add(key);
      after = number(row);
    }
    more = rows.length > 0;
  }

  return {
    add(key) {
      if (before.has(key) || current.has(key) || added.has(key)) return false;
      added.add(key);
      unwritten.push(key);
      return true;
    },
    write() {
      if (unwritten.length === 0) return;
      const keys = new Uint8Array(BigInt64Array.from(unwritten).buffer);
      file.run('INSERT INTO taken_ids (generation, keys) VALUES (?, ?)', generation, keys);
      // The next generation begins: of two that are left, this one is the older.
      if (isFull()) file.run('DELETE FROM taken_ids WHERE generation < ?', generation);
      unwritten = [];
    },
    committed() {
      const full = isFull();
      for (const key of added) current.add(key);
      added.clear();
      if (!full) return;
      generation += 1;
      [current, before] = [new KeySet(), current];
    },
    forget() {
      added.clear();
      unwritten = [];
    },
  };

  function isFull(): boolean {
    return current.size + added.size >= maxIds;
  }
}

/** An event's id in 64 bits: of two million that are remembered, two meet with a likelihood of 10⁻⁷. */
export function keyOf(eventId: string): bigint {
  return createHash('sha256').update(eventId).digest().readBigInt64BE();
}

function keysIn(value: unknown): BigInt64Array {
  return value instanceof Uint8Array ? new BigInt64Array(value.slice().buffer) : new BigInt64Array();
}

/** A set of random 64-bit numbers in 16 to 32 bytes each, where a `Set` takes about 70: a table with linear probing. */
class KeySet {
  size = 0;
  #table = new BigInt64Array(1024);

  has(key: bigint): boolean {
    return this.#table[this.#placeOf(key)] !== 0n;
  }

  /** False for one that is there. */
  add(key: bigint): boolean {
    const place = this.#placeOf(key);
    if (this.#table[place] !== 0n) return false;
    this.#table[place] = key || 1n;
    this.size += 1;
    if (this.size * 2 > this.#table.length) this.#grow();
    return true;
  }

  /** Where the key is, or the empty place where it belongs. */
  #placeOf(key: bigint): number {
    const mask = this.#table.length - 1;
    const sought = key || 1n;
    let place = Number(BigInt.asUintN(30, sought)) & mask;
    for (;;) {
      const found = this.#table[place];
      if (found === 0n || found === sought) return place;
      place = (place + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new BigInt64Array(old.length * 2);
    for (const key of old) if (key !== 0n) this.#table[this.#placeOf(key)] = key;
  }
}
