import { setTimeout as pause } from 'node:timers/promises';
import { PatrolError } from '../../src/errors.ts';
import type { ErrorHash, Timestamp } from '../../src/types.ts';
import type { HistoryTable, Item } from './dynamodb-table.ts';
import { toTtl } from './dynamodb-table.ts';
import type { Arrival, ErrorSummary } from './history.ts';
import type { Rate } from './spikes.ts';
import { type Standing, statusOf } from './standing.ts';
import { bucketOf, DAY } from './steps.ts';

/** One error as it stands in the table, in one item. */
export interface ErrorDocument {
  readonly hash: ErrorHash;
  readonly message: string;
  readonly name?: string | undefined;
  readonly code?: string | undefined;
  readonly standing: Standing;
  readonly rate: Rate;
  readonly lastSeen: Timestamp;
  readonly sampledAt: Timestamp;
  readonly analysedAt: Timestamp;
  readonly services: readonly string[];
  readonly environments: readonly string[];
  readonly releases: readonly string[];
  readonly similar: readonly ErrorHash[];
  readonly analysis?: Pick<
    ErrorSummary,
    'rootCause' | 'confidenceScore' | 'source' | 'category' | 'location'
  >;
  /** The latest events that were counted, in the same write as their counts: without transactions, what is exact. */
  readonly recent: readonly (readonly [eventId: string, change: Arrival['change']])[];
}

/** Reads and changes documents. */
export interface ErrorDocuments {
  find(hash: ErrorHash): Promise<ErrorDocument | undefined>;
  findAll(hashes: readonly ErrorHash[]): Promise<readonly ErrorDocument[]>;
  /**
   * Changes one, again where somebody else did meanwhile. A change that answers undefined changes nothing.
   *
   * @throws {PatrolError} `HISTORY_UNAVAILABLE` when others were always faster.
   */
  update(
    hash: ErrorHash,
    change: (document: ErrorDocument | undefined) => Promise<ErrorDocument | undefined>,
  ): Promise<ErrorDocument | undefined>;
  /** All of them, those that came last first, from behind a place. */
  latest(after?: string): AsyncGenerator<ErrorDocument>;
  /** Those that have not come since. */
  before(time: Timestamp): Promise<readonly ErrorDocument[]>;
}

/** The index is written by so many errors at once as one partition takes writes a second (1000), times this. */
const SHARDS = 8;
const MAX_ATTEMPTS = 30;
/** Read of a shard at once. */
const PAGE = 50;

/** The partition of an error and all that belongs to it. */
export const errorKey = (hash: ErrorHash): string => `error#${hash}`;

/** Numbers as texts that sort alike. */
export const padded = (number: number): string => String(number).padStart(16, '0');

/** The place of an error among the latest. */
export const placeOf = ({ lastSeen, hash }: ErrorDocument): string => `${padded(lastSeen)}#${hash}`;

/**
 * Until when DynamoDB keeps an error and all that belongs to it, at least the retention. Told by the day on which it came
 * last, so that what belongs to it is written again once a day at most.
 */
export function keptUntil({ lastSeen }: ErrorDocument, retention: number): Timestamp {
  return bucketOf(lastSeen, 'day') + (1 + retention) * DAY;
}

/** See {@link ErrorDocuments}. */
export function createErrorDocuments(table: HistoryTable, retention: number): ErrorDocuments {
  const toItem = (document: ErrorDocument, revision: number): Item => ({
    pk: errorKey(document.hash),
    sk: 'error',
    revision,
    document: JSON.stringify(document),
    listed: shardOf(document.hash),
    seen: placeOf(document),
    ttl: toTtl(keptUntil(document, retention)),
  });

  return {
    async find(hash) {
      const item = await table.get(errorKey(hash), 'error');
      return item && toDocument(item);
    },
    async findAll(hashes) {
      const items = await table.getAll(hashes.map((hash) => [errorKey(hash), 'error'] as const));
      return items.map(toDocument);
    },
    async update(hash, change) {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const item = await table.get(errorKey(hash), 'error');
        const changed = await change(item && toDocument(item));
        if (!changed) return undefined;
        const revision = Number(item?.revision ?? 0);
        if (await table.put(toItem(changed, revision + 1), revision)) return changed;
        // Who was slower waits for a while, each for another one.
        await pause(Math.random() * Math.min(1000, 10 * 2 ** attempt));
      }
      throw new PatrolError('HISTORY_UNAVAILABLE', 'Too many change this error at the same time.', {
        retryable: true,
      });
    },
    async *latest(after) {
      const shards = Array.from({ length: SHARDS }, (_, index) => ({
        name: shardName(index),
        items: [] as Item[],
        place: after,
        ended: false,
      }));
      for (;;) {
        const empty = shards.filter(({ items, ended }) => items.length === 0 && !ended);
        await Promise.all(
          empty.map(async (shard) => {
            const items = await table.latest(shard.name, shard.place, PAGE);
            shard.items = [...items];
            shard.place = String(items.at(-1)?.seen);
            shard.ended = items.length < PAGE;
          }),
        );
        const [next] = shards
          .filter(({ items }) => items.length > 0)
          .sort((a, b) => (String(a.items[0]?.seen) < String(b.items[0]?.seen) ? 1 : -1));
        const item = next?.items.shift();
        if (!item) return;
        yield toDocument(item);
      }
    },
    async before(time) {
      const shards = Array.from({ length: SHARDS }, (_, index) => shardName(index));
      const old = await Promise.all(
        shards.map((shard) => table.latest(shard, padded(time), Number.POSITIVE_INFINITY)),
      );
      return old.flat().map(toDocument);
    },
  };
}

/** As a list shows it. */
export function toShown(document: ErrorDocument, now: Timestamp): ErrorSummary {
  const { hash, message, name, standing, lastSeen, services, environments, releases, analysis } = document;
  const { severity, assignee, occurrences, firstSeen, version } = standing;
  return {
    errorHash: hash,
    message,
    ...(name !== undefined && { name }),
    status: statusOf(standing, now),
    severity,
    ...(assignee !== undefined && { assignee }),
    occurrences,
    firstSeen,
    lastSeen,
    services,
    environments,
    releases,
    ...analysis,
    version,
  };
}

/** The document in its item. */
export function toDocument({ document }: Item): ErrorDocument {
  return JSON.parse(String(document));
}

function shardOf(hash: ErrorHash): string {
  return shardName(Number.parseInt(hash.slice(0, 2), 16) % SHARDS);
}

function shardName(index: number): string {
  return `errors#${index}`;
}
