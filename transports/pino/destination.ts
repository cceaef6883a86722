import sonicBoom from 'sonic-boom';

/** Where lines go: a file descriptor or a path. */
export type DestinationOption = number | string;

/** Writes lines at once. */
export interface LineDestination {
  write(lines: string): void;
  close(): void;
}

/**
 * Opened at the first write, so that a form that writes nothing touches nothing. Writes synchronously, as pino's own
 * default destination does: what was written is out when the process dies. A reader that went away is no error.
 */
export function createDestination(destination: DestinationOption = 1): LineDestination {
  let sonic: sonicBoom.SonicBoom | undefined;
  return {
    write(lines) {
      if (sonic === undefined) {
        sonic = new sonicBoom.SonicBoom({ dest: destination, sync: true, mkdir: true });
        sonic.on('error', () => {});
      }
      sonic.write(lines);
    },
    close() {
      // Standard output and error are not Patrol's to close.
      if (typeof destination === 'string') sonic?.end();
      else sonic?.flushSync();
    },
  };
}
