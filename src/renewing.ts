import { isRecord } from './bounds.ts';
import { PatrolError } from './errors.ts';

/**
 * Where a key comes from that is changed while the process runs. Given one that was refused, it answers a newer one,
 * if there is any.
 */
export type KeySource = (refused?: string) => Promise<string>;

/** Something that was made with a key, and is made again when the key is another one. */
export interface Renewing<T> {
  /** As it was made last. */
  readonly latest: T;
  /** Lets it be used; once more with a newer key, where the other side refused this one. */
  use<R>(work: (made: T) => Promise<R>): Promise<R>;
}

/** See {@link Renewing}. */
export function createRenewing<T>(make: (key: string) => T, first: string, source: KeySource): Renewing<T> {
  let current = { key: first, made: make(first) };
  const renew = (key: string) => {
    if (key !== current.key) current = { key, made: make(key) };
    return current;
  };
  return {
    get latest() {
      return current.made;
    },
    async use(work) {
      const { key, made } = renew(await source());
      try {
        return await work(made);
      } catch (error) {
        if (!isRefusedKey(error)) throw error;
        const newer = await source(key);
        if (newer === key) throw error;
        return work(renew(newer).made);
      }
    },
  };
}

/** 401 and 403, as the clients of the model and of the code host report them. */
function isRefusedKey(error: unknown): boolean {
  if (!(error instanceof PatrolError) || !isRecord(error.cause)) return false;
  return error.cause.status === 401 || error.cause.status === 403;
}
