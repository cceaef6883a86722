import type { Timestamp } from '../../src/types.ts';
import { type ErrorDocument, errorKey, keptUntil, padded } from './dynamodb-errors.ts';
import { type HistoryTable, toTtl } from './dynamodb-table.ts';
import type { TrailEntry } from './history.ts';

/** What lies in the partition of an error beside its document, and is forgotten with it, not before. */
export interface Belongings {
  /** Adds a line to the trail. */
  note(document: ErrorDocument, by: string, entry: TrailEntry['entry']): Promise<void>;
  /** Keeps one more of a kind, and no more than so many. */
  keep(document: ErrorDocument, kind: string, at: Timestamp, value: unknown, most: number): Promise<void>;
  /** Lets all that there is live as long as the error, where that lives longer now than it did before. */
  renew(before: ErrorDocument | undefined, after: ErrorDocument): Promise<void>;
}

/** See {@link Belongings}. */
export function createBelongings(table: HistoryTable, retention: number, now: () => Timestamp): Belongings {
  return {
    async note(document, by, entry) {
      await table.put({
        pk: errorKey(document.hash),
        sk: `trail#${padded(now())}#${padded(document.standing.version)}`,
        entry: JSON.stringify({ at: now(), by, entry } satisfies TrailEntry),
        ttl: toTtl(keptUntil(document, retention)),
      });
    },
    async keep(document, kind, at, value, most) {
      const pk = errorKey(document.hash);
      const json = JSON.stringify(value);
      const ttl = toTtl(keptUntil(document, retention));
      await table.put({ pk, sk: `${kind}#${padded(at)}`, value: json, ttl });
      const all = await table.query({ pk, prefix: `${kind}#` });
      await Promise.all(
        all.slice(0, Math.max(0, all.length - most)).map(({ sk }) => table.remove(pk, String(sk))),
      );
    },
    async renew(before, after) {
      const until = keptUntil(after, retention);
      if (!before || keptUntil(before, retention) >= until) return;
      const pk = errorKey(after.hash);
      const items = await table.query({ pk });
      await Promise.all(
        items
          .filter(({ sk, ttl }) => sk !== 'error' && Number(ttl) < toTtl(until))
          .map(({ sk }) => table.expireAt(pk, String(sk), until)),
      );
    },
  };
}
