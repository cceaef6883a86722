import sonicBoom from 'sonic-boom';

/** Where lines go: a file descriptor or a path. */
export type DestinationOption = number | string;

/** Writes lines at once. */
export interface LineDestination {
  write(lines: string): void;
  close(): void;
}

/** What sonic-boom's type leaves out: in its mode `buffer` it takes bytes. */
type ByteWriter = sonicBoom.SonicBoom & { write(bytes: Uint8Array): boolean };

/** More lines than fit in it get bytes of their own. */
const MOST_REUSED_BYTES = 1024 * 1024;

/**
 * Opened at the first write, so that a form that writes nothing touches nothing. Writes synchronously, as pino's own
 * default destination does: what was written is out when the process dies. A reader that went away is no error.
 */
export function createDestination(destination: DestinationOption = 1): LineDestination {
  let sonic: ByteWriter | undefined;
  /** Used again for each write, which is over when it returns: a storm's lines would be megabytes of garbage. */
  let reused: Buffer | undefined;

  const open = (): ByteWriter => {
    const opened = new sonicBoom.SonicBoom({
      dest: destination,
      sync: true,
      mkdir: true,
      contentMode: 'buffer',
    });
    // What could not be written is kept there, and tried again with the next.
    opened.on('error', () => {
      reused = undefined;
    });
    return opened as ByteWriter;
  };

  const toBytes = (lines: string): Uint8Array => {
    const length = Buffer.byteLength(lines);
    if (length > MOST_REUSED_BYTES) return Buffer.from(lines);
    if (reused === undefined || reused.length < length) reused = Buffer.allocUnsafeSlow(2 * length);
    return reused.subarray(0, reused.write(lines));
  };

  return {
    write(lines) {
      sonic ??= open();
      sonic.write(toBytes(lines));
    },
    close() {
      // Standard output and error are not Patrol's to close.
      if (typeof destination === 'string') sonic?.end();
      else sonic?.flushSync();
    },
  };
}
