import { appendFileSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorLogEvent } from '../../src/types.ts';
import { HEAD_BYTES, parseSpooled, readSpool, writeSettled } from './format.ts';
import { isOwned, newSpoolName, parseSpoolName } from './owner.ts';

/** A file that a dead process left, now this process's own. */
export interface ClaimedFile {
  /** Logged records in it that cannot be read any more. */
  readonly lost: number;
  /** The next events, with their counts; `settle` says that one needs no more attention. */
  take(most: number): readonly { readonly event: ErrorLogEvent; readonly bytes: number; settle(): void }[];
  /** How many records are still to be taken. */
  readonly left: number;
  /** True when every event was taken and settled; the file is gone then. */
  readonly done: boolean;
  /** Leaves the rest to whoever comes next. */
  release(): void;
}

/** Claims the next file of that destination whose owner is gone; undefined when there is none. Never throws. */
export function claimNext(directory: string, destination: string): ClaimedFile | undefined {
  for (const file of list(directory)) {
    const name = parseSpoolName(file);
    if (name?.destination !== destination) continue;
    const from = join(directory, file);
    try {
      if (isOwned(name, statSync(from).mtimeMs)) continue;
      const path = join(directory, newSpoolName(destination));
      // Atomic: of several processes that try, one wins, and the others find nothing.
      renameSync(from, path);
      const claimed = open(path, directory, destination);
      if (claimed) return claimed;
    } catch {
      // Taken by another, or not ours to read.
    }
  }
  return undefined;
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function open(path: string, directory: string, destination: string): ClaimedFile | undefined {
  const { events, lost } = readSpool(readFileSync(path));
  const waiting = [...events];
  let unsettled = waiting.length;
  let damaged = lost;
  const attempt = (work: () => void) => {
    try {
      work();
    } catch {
      // Somebody removed the file: what is in memory is all there is.
    }
  };
  const settle = (slot: number) => {
    unsettled -= 1;
    attempt(() => {
      if (unsettled === 0) return unlinkSync(path);
      const record = Buffer.alloc(HEAD_BYTES);
      writeSettled(record, slot);
      appendFileSync(path, record);
    });
  };
  if (unsettled === 0) {
    attempt(() => unlinkSync(path));
    if (lost === 0) return undefined;
  }

  return {
    get lost() {
      const told = damaged;
      damaged = 0;
      return told;
    },
    take(most) {
      return waiting.splice(0, most).flatMap((spooled) => {
        const event = parseSpooled(spooled);
        if (event === undefined) {
          damaged += spooled.occurrences;
          settle(spooled.slot);
          return [];
        }
        return [{ event, bytes: spooled.text.length, settle: () => settle(spooled.slot) }];
      });
    },
    get left() {
      return waiting.reduce((sum, { occurrences }) => sum + occurrences, 0);
    },
    get done() {
      return unsettled === 0;
    },
    release() {
      if (unsettled > 0) attempt(() => renameSync(path, join(directory, newSpoolName(destination, false))));
    },
  };
}
