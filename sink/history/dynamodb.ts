import { LRUCache } from 'lru-cache';
import { PatrolError } from '../../src/errors.ts';
import type { AnalysisResult, ErrorHash, Timestamp } from '../../src/types.ts';
import { createBelongings } from './dynamodb-belongings.ts';
import { createCounts } from './dynamodb-counts.ts';
import { createErrorDocuments, errorKey, toDocument, toShown } from './dynamodb-errors.ts';
import { createTableReading } from './dynamodb-reading.ts';
import { createReleases } from './dynamodb-releases.ts';
import { openHistoryTable } from './dynamodb-table.ts';
import { createTaking } from './dynamodb-taking.ts';
import { figuresOf } from './figures.ts';
import { ConflictError, type ErrorHistory } from './history.ts';
import { MAX_ANALYSES, shownLocation } from './shown.ts';
import { act } from './standing.ts';
import { DAY, fill } from './steps.ts';

/** Options of {@link createDynamoDbHistory}. */
export interface DynamoDbHistoryOptions {
  readonly tableName: string;
  /** Days after which an error that has not come again is forgotten. @defaultValue 90 */
  readonly retention?: number;
  /** @defaultValue `Date.now` */
  readonly now?: () => Timestamp;
}

/** Links of one error to others that share an analysis. */
const MAX_SIMILAR = 20;

/**
 * A history in one DynamoDB table, for any number of processes: each error's standing and count is one item, changed
 * by conditional writes; what belongs to it lies in the same partition. The table has the string keys `pk` and `sk`,
 * an index `bySeen` of the strings `listed` and `seen`, and the TTL attribute `ttl`.
 *
 * Lists that are not sorted by `lastSeen`, searches and filters look at the 5,000 errors that came last.
 */
export function createDynamoDbHistory(options: DynamoDbHistoryOptions): ErrorHistory {
  const { tableName, retention = 90, now = Date.now } = options;
  const table = openHistoryTable(tableName);
  const errors = createErrorDocuments(table, retention);
  const belongings = createBelongings(table, retention, now);
  const counts = createCounts(table, retention);
  const reading = createTableReading({ errors, counts, retention, now });
  const releases = createReleases(table, retention, now);
  const taking = createTaking({ table, errors, belongings, counts, releases, now });
  const analysed = new LRUCache<ErrorHash, Timestamp>({ max: 10_000 });

  const keepAnalysis = async (hash: ErrorHash, result: AnalysisResult): Promise<void> => {
    const { analyzedAt, rootCause, confidenceScore, source, category, similarTo } = result;
    const location = shownLocation(result);
    const changed = await errors.update(hash, async (document) => {
      if (!document || document.analysedAt >= analyzedAt) return undefined;
      return {
        ...document,
        analysedAt: analyzedAt,
        analysis: {
          rootCause,
          confidenceScore,
          source,
          category,
          ...(location !== undefined && { location }),
        },
        similar: withLink(document.similar, similarTo),
      };
    });
    if (!changed) return;
    await belongings.keep(changed, 'analysis', analyzedAt, result, MAX_ANALYSES);
    if (similarTo === undefined) return;
    await errors.update(
      similarTo,
      async (document) => document && { ...document, similar: withLink(document.similar, hash) },
    );
  };

  return {
    name: 'dynamodb',
    take: taking.take,
    async analysed({ event, errorHash }, result) {
      await taking.mark(event, 'known', true);
      if (!result) return;
      await counts.addFigures(event.service ?? '', now(), figuresOf(result, now() - event.timestamp));
      if ((analysed.get(errorHash) ?? 0) >= result.analyzedAt) return;
      await keepAnalysis(errorHash, result);
      analysed.set(errorHash, result.analyzedAt);
    },
    // The queue keeps them.
    unanalysed: async () => [],
    list: reading.list,
    async find(errorHash) {
      const items = await table.query({ pk: errorKey(errorHash) });
      const item = items.find(({ sk }) => sk === 'error');
      const document = item && toDocument(item);
      // DynamoDB deletes late.
      if (!document || document.lastSeen < now() - retention * DAY) return undefined;
      return reading.details(document, items);
    },
    summaries: async (hashes) => (await errors.findAll(hashes)).map((document) => toShown(document, now())),
    occurrences: async (hash, range, step) => fill(await counts.ofError(hash, range, step), range, step),
    async act(errorHash, action, by, version) {
      if (action.action === 'resolve' && action.release !== undefined) await releases.seen(action.release);
      const changed = await errors.update(errorHash, async (document) => {
        if (!document) throw new PatrolError('NOT_FOUND', 'There is no error with this hash.');
        if (version !== undefined && version !== document.standing.version) {
          throw new ConflictError(toShown(document, now()));
        }
        return { ...document, standing: act(document.standing, action, now()) };
      });
      if (!changed) throw new PatrolError('NOT_FOUND', 'There is no error with this hash.');
      await belongings.note(changed, by, action);
      return toShown(changed, now());
    },
    statistics: (range, filter = {}) => reading.statistics(range, filter.service),
    async prune() {
      // DynamoDB does so by itself; this is for those who cannot wait two days for it.
      const old = await errors.before(now() - retention * DAY);
      for (const { hash } of old) {
        const items = await table.query({ pk: errorKey(hash) });
        await Promise.all(items.map(({ pk, sk }) => table.remove(String(pk), String(sk))));
      }
      return old.length;
    },
    async close() {
      table.close();
    },
  };
}

function withLink(similar: readonly ErrorHash[], other: ErrorHash | undefined): readonly ErrorHash[] {
  if (other === undefined || similar.includes(other)) return similar;
  return [...similar, other].slice(-MAX_SIMILAR);
}
