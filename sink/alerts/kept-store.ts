import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createMemoryStore, type MemoryStoreContent } from '../../src/stores/memory.ts';
import type { Store } from '../../src/stores/store.ts';
import type { Milliseconds } from '../../src/types.ts';
import { MAX_REMEMBERED } from './alerts.ts';

/** How long changes wait for company. A process that is killed forgets no more than that: at worst it tells twice. */
const GATHER_MS: Milliseconds = 2000;

/**
 * A store of one process that outlives it: in memory, written to a file after changes and at its end.
 *
 * @param onTrouble - Told once when the file cannot be written.
 */
export async function createKeptStore(file: string, onTrouble: (problem: unknown) => void): Promise<Store> {
  let timer: NodeJS.Timeout | undefined;
  let told = false;

  const save = (): void => {
    clearTimeout(timer);
    timer = undefined;
    try {
      // Never half a file, whenever the process is killed.
      writeFileSync(`${file}.new`, JSON.stringify(store.content()), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      if (!told) onTrouble(error);
      told = true;
    }
  };

  const store = createMemoryStore({
    maxSize: MAX_REMEMBERED,
    content: await read(file),
    onChange() {
      timer ??= setTimeout(save, GATHER_MS).unref();
    },
  });
  return {
    ...store,
    close() {
      if (timer) save();
      store.close();
    },
  };
}

/** What is no file of ours is none: then this process begins anew. */
async function read(file: string): Promise<MemoryStoreContent> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is MemoryStoreContent[number] {
  return (
    Array.isArray(value) &&
    typeof value[0] === 'string' &&
    typeof value[1] === 'string' &&
    typeof value[2] === 'number'
  );
}
