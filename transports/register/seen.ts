import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

const KEY = 'patrol.register';

/** Tells the worker threads that are started from now on whether this thread sees pino's lines before they do. */
export function announceToWorkers(): { readonly seen: () => void } {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  setEnvironmentData(KEY, flag.buffer as unknown as Parameters<typeof setEnvironmentData>[1]);
  return {
    seen() {
      flag[0] = 1;
    },
  };
}

/** In a worker: whether what comes by here has come by `patrol/register` in the main thread. */
export function watchedByRegister(): () => boolean {
  const buffer: unknown = getEnvironmentData(KEY);
  if (!(buffer instanceof SharedArrayBuffer)) return () => false;
  const flag = new Int32Array(buffer);
  return () => Atomics.load(flag, 0) === 1;
}
