import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Passes an application's output on, byte for byte, and puts lines of our own between its lines. */
export interface Interleaver {
  /** Writes bytes of the application. */
  pass(chunk: Buffer): void;
  /** Puts whole lines where the next line of the application would begin. */
  insert(lines: string): void;
  /** Writes what waits, if this is a place for it. */
  release(): void;
  /** The end of the next line in the chunk, if something waits for it; else 0. */
  cut(chunk: Buffer): number;
  /** Resolves when the other side keeps up again. Rejects when it is gone. */
  ready(): Promise<void>;
  /** Writes what waits even behind an unfinished line; resolves when everything is written. */
  end(): Promise<void>;
}

/** `isHeld` tells that a record of several lines is not over yet. */
export function createInterleaver(output: Writable, isHeld: () => boolean): Interleaver {
  let waiting = '';
  let atLineStart = true;
  let full = false;

  const write = (data: Buffer | string) => {
    full = !output.write(data) || full;
  };
  const release = () => {
    if (waiting === '' || !atLineStart || isHeld()) return;
    write(waiting);
    waiting = '';
  };

  return {
    release,
    pass(chunk) {
      if (chunk.length === 0) return;
      write(chunk);
      atLineStart = chunk.at(-1) === 10;
    },
    insert(lines) {
      waiting += lines;
      release();
    },
    cut(chunk) {
      return waiting === '' || atLineStart ? 0 : chunk.indexOf(10) + 1;
    },
    async ready() {
      if (!full) return;
      full = false;
      if (output.writableNeedDrain) await once(output, 'drain');
    },
    async end() {
      if (waiting !== '') write(atLineStart ? waiting : `\n${waiting}`);
      waiting = '';
      await new Promise<void>((resolve) => output.write('', () => resolve()));
    },
  };
}
