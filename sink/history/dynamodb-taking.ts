import type { ErrorHash, Timestamp } from '../../src/types.ts';
import type { Belongings } from './dynamodb-belongings.ts';
import type { Counts } from './dynamodb-counts.ts';
import type { ErrorDocument, ErrorDocuments } from './dynamodb-errors.ts';
import type { Releases } from './dynamodb-releases.ts';
import { type HistoryTable, toTtl } from './dynamodb-table.ts';
import type { Arrival, TakenEvent, TrailEntry } from './history.ts';
import { firstSeenAt, MAX_SAMPLES, SAMPLE_EVERY, seenAt, shownMessage, toSample, withName } from './shown.ts';
import { counted, firstRate } from './spikes.ts';
import { arrive, firstStanding, statusOf } from './standing.ts';
import { DAY } from './steps.ts';

/** Takes events into the table. */
export interface Taking {
  /** See `ErrorHistory.take`. */
  take(events: readonly TakenEvent[]): Promise<readonly Arrival[]>;
  /** Remembers what an event's coming meant, and whether it is done with. */
  mark(event: TakenEvent['event'], change: Arrival['change'], done: boolean): Promise<unknown>;
}

/** Parts of {@link createTaking}. */
export interface TakingParts {
  readonly table: HistoryTable;
  readonly errors: ErrorDocuments;
  readonly belongings: Belongings;
  readonly counts: Counts;
  readonly releases: Releases;
  readonly now: () => Timestamp;
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

/** See {@link Taking}. */
export function createTaking({ table, errors, belongings, counts, releases, now }: TakingParts): Taking {
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
      olderRelease: await releases.isOlder(event.commit, known.standing.resolvedIn),
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

  return {
    mark,
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
