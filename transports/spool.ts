import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PatrolConfig } from '../src/config.ts';
import { messageOf } from '../src/errors.ts';
import type { ErrorLogEvent, Timestamp } from '../src/types.ts';
import { type ClaimedFile, claimNext } from './spool/claim.ts';
import { createSpoolFile, type SpoolFile } from './spool/file.ts';
import { digest, newSpoolName, TOUCH_INTERVAL_MS } from './spool/owner.ts';

/** An event that is safe on disk. */
export interface SpoolEntry {
  repeat?(at: Timestamp, count?: number): unknown;
  /** It arrived, or is given up and counted: forget it. */
  settle(): unknown;
}

/** Events that an earlier process did not deliver. */
export interface Recovered {
  readonly event: ErrorLogEvent;
  readonly bytes: number;
  readonly entry: SpoolEntry;
}

/**
 * The write-ahead spool: what is logged is on disk before the log call returns, and stays there until it is
 * delivered. What a process leaves behind, however it died, the next one sends. No method throws.
 */
export interface Spool {
  /** Undefined when it could not be written: the event is in memory only. */
  add(json: string, firstSeen: Timestamp): SpoolEntry | undefined;
  /** What is repeated within `work` is written at its end, a record for each event instead of one for each repeat. */
  together(work: () => void): void;
  /** Whether another event can be added. */
  hasRoom(): boolean;
  /** At most `most` events that dead processes left. */
  recover(most: number): { readonly events: readonly Recovered[]; readonly lost: number };
  /** Hands everything in the file that is not delivered to {@link Spool.recover}, here or elsewhere. */
  handOver(): void;
  /** Removes an empty file; the next event makes another. */
  tidy(): void;
  close(): void;
}

/**
 * Where events go is part of a file's name: nobody sends them anywhere else. With the embedded engine they go to the
 * log of the same application, so that is its script.
 */
export function destinationOf(config: Pick<PatrolConfig, 'queueUrl' | 'sinkUrl'>): string {
  return digest(config.queueUrl ?? config.sinkUrl ?? `local:${process.cwd()}:${process.argv[1] ?? ''}`, 16);
}

/** Below the system's directory for temporary files, one for each user. */
export function defaultSpoolDirectory(): string {
  return join(tmpdir(), `patrol-${process.getuid?.() ?? 'spool'}`);
}

/** Options of {@link createSpool}. */
export interface SpoolOptions {
  /** Undefined: {@link defaultSpoolDirectory}. */
  readonly directory: string | undefined;
  readonly destination: string;
  /** Told once: nothing can be written. */
  readonly onTrouble: (problem: string) => void;
}

/** Makes the spool; touches the disk at the first event only. */
export function createSpool({ directory: given, destination, onTrouble }: SpoolOptions): Spool {
  const directory = given ?? defaultSpoolDirectory();
  const claimed: ClaimedFile[] = [];
  let file: SpoolFile | undefined;
  let toucher: NodeJS.Timeout | undefined;
  let broken = false;

  const fail = (error: unknown) => {
    if (broken) return;
    broken = true;
    onTrouble(`${directory}: ${messageOf(error)}`);
  };
  const attempt = (work: () => void) => {
    if (broken) return;
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };

  const openFile = (): SpoolFile => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // In a directory that everybody may write to, somebody else may have been there first.
    if (given === undefined) assertOwn(directory);
    toucher ??= setInterval(() => attempt(() => file?.touch()), TOUCH_INTERVAL_MS).unref();
    return createSpoolFile(join(directory, newSpoolName(destination)));
  };

  const closeFile = () => {
    const closing = file;
    file = undefined;
    try {
      closing?.close(join(directory, newSpoolName(destination, false)));
    } catch {
      // Somebody cleaned the directory up; there is nothing left to hand over.
    }
  };

  return {
    add(json, firstSeen) {
      if (broken) return undefined;
      try {
        file ??= openFile();
        const opened = file;
        const slot = opened.add(json, firstSeen);
        if (slot === undefined) return undefined;
        return {
          // A file that was handed over is no longer this process's to write to.
          repeat(at, count) {
            if (file !== opened || broken) return;
            try {
              opened.repeat(slot, at, count);
            } catch (error) {
              fail(error);
            }
          },
          settle: () => file === opened && attempt(() => opened.settle(slot)),
        };
      } catch (error) {
        fail(error);
        return undefined;
      }
    },
    together(work) {
      const opened = file;
      opened?.hold();
      try {
        work();
      } finally {
        if (opened !== undefined && opened === file) attempt(() => opened.release());
      }
    },
    hasRoom: () => !broken && file?.full !== true,
    recover(most) {
      const events: Recovered[] = [];
      let lost = 0;
      while (events.length < most) {
        let from = claimed.find((one) => one.left > 0);
        if (from === undefined) {
          from = claimNext(directory, destination);
          if (from === undefined) break;
          if (!from.done) claimed.push(from);
        }
        const taken = from.take(most - events.length);
        lost += from.lost;
        for (const { event, bytes, settle } of taken) events.push({ event, bytes, entry: { settle } });
      }
      for (let index = claimed.length - 1; index >= 0; index--)
        if (claimed[index]?.done) claimed.splice(index, 1);
      return { events, lost };
    },
    handOver: closeFile,
    tidy() {
      if (file?.open === 0) closeFile();
    },
    close() {
      clearInterval(toucher);
      closeFile();
      for (const one of claimed.splice(0)) one.release();
    },
  };
}

function assertOwn(directory: string): void {
  const found = lstatSync(directory);
  const own = process.getuid === undefined || found.uid === process.getuid();
  if (!found.isDirectory() || !own || (process.platform !== 'win32' && (found.mode & 0o077) !== 0)) {
    throw new Error('expected a directory that only this user can read');
  }
}
