import { LRUCache } from 'lru-cache';
import { PatrolError } from '../../src/errors.ts';
import type { AnalysisResult, ErrorHash, Timestamp } from '../../src/types.ts';
import { createBelongings } from './dynamodb-belongings.ts';
import { createCounts } from './dynamodb-counts.ts';
import {
  createErrorDocuments,
  type ErrorDocument,
  errorKey,
  padded,
  toDocument,
  toShown,
} from './dynamodb-errors.ts';
import { createTableReading } from './dynamodb-reading.ts';
import { openHistoryTable, toTtl } from './dynamodb-table.ts';
import { figuresOf } from './figures.ts';
import {
  type Arrival,
  ConflictError,
  type ErrorHistory,
  type TakenEvent,
  type TrailEntry,
} from './history.ts';
import {
  firstSeenAt,
  MAX_ANALYSES,
  MAX_SAMPLES,
  SAMPLE_EVERY,
  seenAt,
  shownLocation,
  shownMessage,
  toSample,
  withName,
} from './shown.ts';
import { counted, firstRate } from './spikes.ts';
import { act, arrive, firstStanding, statusOf } from './standing.ts';
import { DAY, fill } from './steps.ts';

/** Options of {@link createDynamoDbHistory}. */
export interface DynamoDbHistoryOptions {
  readonly tableName: string;
  /** Days after which an error that has not come again is forgotten. @defaultValue 90 */
  readonly retention?: number;
  /** @defaultValue `Date.now` */
  readonly now?: () => Timestamp;
}

/** What the coming of events changed. */
interface Came {
  readonly taken: readonly TakenEvent[];
  readonly arrivals: Arrival[];
  readonly lines: { readonly document: ErrorDocument; readonly entry: TrailEntry['entry'] }[];
  readonly sampled: TakenEvent[];
}

/** SQS keeps a message for at most 14 days; its redelivery counts for nothing. */
const IDS_KEPT = 15 * DAY;
/** Events in an error's own item. */
const MAX_RECENT = 100;
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
  const releases = new LRUCache<string, Timestamp>({ max: 1000 });
  const analysed = new LRUCache<ErrorHash, Timestamp>({ max: 10_000 });

  const releaseSeen = async (release: string): Promise<Timestamp> => {
    const known = releases.get(release);
    if (known !== undefined) return known;
    const key = { pk: `release#${release}`, sk: 'release' };
    const first = await table.put(
      { ...key, seen: padded(now()), ttl: toTtl(now() + 4 * retention * DAY) },
      0,
    );
    const seen = first ? now() : Number((await table.get(key.pk, key.sk))?.seen ?? now());
    releases.set(release, seen);
    return seen;
  };

  const isOlder = async (release: string | undefined, resolvedIn: string | undefined): Promise<boolean> => {
    if (release === undefined) return false;
    const seen = await releaseSeen(release);
    return resolvedIn !== undefined && seen < (await releaseSeen(resolvedIn));
  };

  const mark = ({ eventId }: TakenEvent['event'], change: Arrival['change'], done: boolean) =>
    table.put({
      pk: `event#${eventId}`,
      sk: 'event',
      change,
      done: done ? 1 : 0,
      ttl: toTtl(now() + IDS_KEPT),
    });

  /** Counts events of one error, all in one write. */
  const takeOf = async (hash: ErrorHash, taken: readonly TakenEvent[]): Promise<Arrival[]> => {
    const marks = await table.getAll(
      [...new Set(taken.map(({ event }) => event.eventId))].map((id) => [`event#${id}`, 'event']),
    );
    const marked = new Map(
      marks.map(({ pk, change, done }) => [pk, done ? 'known' : (change as Arrival['change'])]),
    );
    let came = emptyHanded(taken);
    const changed = await errors.update(hash, async (before) => {
      // Begun again where another process changed the error meanwhile.
      came = emptyHanded(taken);
      let document = before;
      for (const one of taken) {
        const { eventId } = one.event;
        const repeated =
          marked.get(`event#${eventId}`) ?? document?.recent.find(([recent]) => recent === eventId)?.[1];
        if (repeated !== undefined) {
          const status = document ? statusOf(document.standing, now()) : 'new';
          const arrival = {
            errorHash: hash,
            eventId,
            counted: false,
            change: repeated,
            spiking: false,
            status,
          };
          came.arrivals.push(arrival);
          continue;
        }
        const next = await comeOnce(document, one);
        document = next.document;
        came.arrivals.push(next.arrival);
        if (next.entry) came.lines.push({ document, entry: next.entry });
        if (next.isSampled) came.sampled.push(one);
      }
      if (!document || !came.arrivals.some(({ counted: news }) => news)) return undefined;
      // Before the error itself: a process that dies in between leaves nothing that ends before the error does.
      await belongings.renew(before, document);
      return document;
    });
    if (changed) await afterTaking(changed, came);
    return came.arrivals;
  };

  const comeOnce = async (before: ErrorDocument | undefined, taken: TakenEvent) => {
    const { event, errorHash } = taken;
    const known = before ?? firstDocument(taken, now());
    const at = seenAt(event, now());
    const { standing, change, entry } = arrive(known.standing, {
      occurrences: event.occurrences,
      at,
      release: event.commit,
      olderRelease: await isOlder(event.commit, known.standing.resolvedIn),
    });
    const status = statusOf(standing, now());
    const rate = counted(known.rate, at, event.occurrences);
    const heard = status !== 'ignored' && status !== 'resolved';
    const spiking = rate.spiking && !known.rate.spiking && heard;
    const document: ErrorDocument = {
      ...known,
      standing: { ...standing, firstSeen: Math.min(standing.firstSeen, firstSeenAt(event, at)) },
      rate,
      lastSeen: Math.max(known.lastSeen, at),
      sampledAt: at - known.sampledAt < SAMPLE_EVERY ? known.sampledAt : at,
      services: withName(known.services, event.service),
      environments: withName(known.environments, event.environment),
      releases: withName(known.releases, event.commit),
      recent: [...known.recent, [event.eventId, change] as const].slice(-MAX_RECENT),
    };
    const arrival: Arrival = { errorHash, eventId: event.eventId, counted: true, change, spiking, status };
    return { document, arrival, entry, isSampled: document.sampledAt !== known.sampledAt };
  };

  /** What need not be in the same write. */
  const afterTaking = async (document: ErrorDocument, came: Came): Promise<void> => {
    const { hash: errorHash } = document;
    const { taken, arrivals, lines, sampled } = came;
    const news = taken.filter((_, index) => arrivals[index]?.counted);
    await Promise.all([
      ...lines.map((line) => belongings.note(line.document, 'patrol', line.entry)),
      ...news.flatMap(({ event, answered = false }) => {
        const arrival = arrivals.find(({ eventId }) => eventId === event.eventId);
        const service = event.service ?? '';
        return [
          mark(event, arrival?.change ?? 'known', answered),
          counts.add(errorHash, service, seenAt(event, now()), event.occurrences),
          ...(arrival?.change === 'new'
            ? [
                counts.addFigures(
                  service,
                  now(),
                  new Map([
                    ['new', 1],
                    ...(event.commit === undefined ? [] : [[`release:${event.commit}`, 1] as const]),
                  ]),
                ),
              ]
            : []),
          ...(arrival?.change === 'regressed'
            ? [counts.addFigures(service, now(), new Map([['regressed', 1]]))]
            : []),
        ];
      }),
      ...sampled.map(({ event }) =>
        belongings.keep(document, 'sample', seenAt(event, now()), toSample(event), MAX_SAMPLES),
      ),
    ]);
  };

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
    async take(events) {
      const groups = new Map<ErrorHash, TakenEvent[]>();
      for (const one of events) groups.set(one.errorHash, [...(groups.get(one.errorHash) ?? []), one]);
      const taken = await Promise.all(
        [...groups].map(async ([hash, some]) => [hash, await takeOf(hash, some)] as const),
      );
      const arrivals = new Map(taken.map(([hash, some]) => [hash, [...some]]));
      // Each group kept the order of its events.
      return events.flatMap(({ errorHash }) => arrivals.get(errorHash)?.shift() ?? []);
    },
    async analysed({ event, errorHash }, result) {
      await mark(event, 'known', true);
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
      if (action.action === 'resolve' && action.release !== undefined) await releaseSeen(action.release);
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

function emptyHanded(taken: readonly TakenEvent[]): Came {
  return { taken, arrivals: [], lines: [], sampled: [] };
}

function firstDocument(taken: TakenEvent, now: Timestamp): ErrorDocument {
  const { event, errorHash, severity = 'error', assignee } = taken;
  return {
    hash: errorHash,
    message: shownMessage(taken),
    name: event.errorLog.name,
    code: event.errorLog.code,
    standing: firstStanding(firstSeenAt(event, now), severity, assignee),
    rate: firstRate(seenAt(event, now)),
    lastSeen: 0,
    sampledAt: 0,
    analysedAt: 0,
    services: [],
    environments: [],
    releases: [],
    similar: [],
    recent: [],
  };
}

function withLink(similar: readonly ErrorHash[], other: ErrorHash | undefined): readonly ErrorHash[] {
  if (other === undefined || similar.includes(other)) return similar;
  return [...similar, other].slice(-MAX_SIMILAR);
}
