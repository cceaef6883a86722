import type { AnalysisResult, ErrorHash, ErrorLogEvent, Timestamp } from '../../src/types.ts';
import type { Counts } from './dynamodb-counts.ts';
import { type ErrorDocument, type ErrorDocuments, placeOf, toShown } from './dynamodb-errors.ts';
import type { Item } from './dynamodb-table.ts';
import { toStatistics } from './figures.ts';
import type {
  BucketStep,
  ErrorDetails,
  ErrorPage,
  ErrorQuery,
  ErrorStatus,
  ErrorSummary,
  Statistics,
  TimeRange,
  TrailEntry,
} from './history.ts';
import { fromCursor, limitOf, toCursor, wordsOf } from './query.ts';
import { isSpiking } from './spikes.ts';
import { statusOf } from './standing.ts';
import { DAY, fill, STEPS, stepFor } from './steps.ts';

/** Reads from the table. */
export interface TableReading {
  list(query: ErrorQuery): Promise<ErrorPage>;
  /** @param items - All of the error's partition. */
  details(document: ErrorDocument, items: readonly Item[]): ErrorDetails;
  statistics(range: TimeRange, service: string | undefined): Promise<Statistics>;
}

/** Parts of {@link createTableReading}. */
export interface TableReadingParts {
  readonly errors: ErrorDocuments;
  readonly counts: Counts;
  readonly retention: number;
  readonly now: () => Timestamp;
}

/** Errors that are looked at for one page; each hundred of them costs a read unit or two. */
const MAX_EXAMINED = 5000;
const MAX_TOP = 10;
const MAX_RELEASES = 20;
const RELEASE = 'release:';

/** See {@link TableReading}. */
export function createTableReading({ errors, counts, retention, now }: TableReadingParts): TableReading {
  const isKept = ({ lastSeen }: ErrorDocument) => lastSeen >= now() - retention * DAY;

  const byTime = async (query: ErrorQuery): Promise<ErrorPage> => {
    const limit = limitOf(query);
    const found: ErrorDocument[] = [];
    let examined = 0;
    let last: ErrorDocument | undefined;
    for await (const document of errors.latest(fromCursor(query.cursor, isText)?.[0])) {
      if (!isKept(document)) break;
      if (found.length === limit || ++examined > MAX_EXAMINED) {
        // There is more, or may be.
        return { errors: found.map(show), ...(last && { next: toCursorText(last) }) };
      }
      last = document;
      if (matches(document, query, now())) found.push(document);
    }
    return { errors: found.map(show) };
  };

  const sorted = async (query: ErrorQuery, rank: (error: ErrorSummary) => number): Promise<ErrorPage> => {
    const place = fromCursor(query.cursor, isRanked);
    const order = (one: readonly [number, string], other: readonly [number, string]) =>
      other[0] - one[0] || (one[1] < other[1] ? -1 : 1);
    const all = (await examine())
      .filter((document) => matches(document, query, now()))
      .map((document) => {
        const error = show(document);
        return { error, place: [rank(error), error.errorHash] as const };
      })
      .sort((one, other) => order(one.place, other.place));
    // By the place where the page before ended, not by a number: errors climb while somebody reads.
    const rest = place ? all.filter((one) => order(place, one.place) < 0 && one.place[1] !== place[1]) : all;
    const page = rest.slice(0, limitOf(query));
    const last = page.at(-1);
    return {
      errors: page.map(({ error }) => error),
      ...(rest.length > page.length && last && { next: toCursor(last.place) }),
      total: all.length,
    };
  };

  const examine = async (): Promise<ErrorDocument[]> => {
    const found: ErrorDocument[] = [];
    for await (const document of errors.latest()) {
      if (found.length === MAX_EXAMINED || !isKept(document)) break;
      found.push(document);
    }
    return found;
  };

  const show = (document: ErrorDocument) => toShown(document, now());

  return {
    list(query) {
      const { sort = 'lastSeen' } = query;
      return sort === 'lastSeen' ? byTime(query) : sorted(query, (error) => error[sort]);
    },
    details(document, items) {
      const of = (kind: string): readonly Item[] =>
        items.filter(({ sk }) => String(sk).startsWith(`${kind}#`)).toReversed();
      const { ignoredUntilCount, ignoredUntil, resolvedIn, occurrences } = document.standing;
      return {
        ...show(document),
        analyses: of('analysis').map(({ value }) => JSON.parse(String(value)) as AnalysisResult),
        samples: of('sample').map(({ value }) => JSON.parse(String(value)) as ErrorLogEvent),
        trail: of('trail').map(({ entry }) => JSON.parse(String(entry)) as TrailEntry),
        ...((ignoredUntilCount !== undefined || ignoredUntil !== undefined) && {
          ignoredUntil: {
            ...(ignoredUntilCount !== undefined && { occurrences: ignoredUntilCount - occurrences }),
            ...(ignoredUntil !== undefined && { time: ignoredUntil }),
          },
        }),
        ...(resolvedIn !== undefined && { resolvedIn }),
        similar: document.similar,
      };
    },
    async statistics(range, service) {
      const at = now();
      const step = stepFor(range, at);
      // Each stretch is a few queries; beyond what is kept there is nothing to be asked for.
      const kept = { from: Math.max(range.from, at - retention * DAY), to: Math.min(range.to, at + DAY) };
      const isKnown = kept.from < kept.to;
      const [totals, sums, figures, latest] = await Promise.all([
        isKnown ? counts.ofAll(kept, step, service) : new Map<Timestamp, number>(),
        isKnown ? counts.byError(kept, coarser(kept, step)) : new Map<ErrorHash, number>(),
        isKnown ? counts.figures(kept, service) : new Map<string, number>(),
        examine(),
      ]);
      const inService = latest.filter(({ services }) => service === undefined || services.includes(service));
      const known = new Map(inService.map((document) => [document.hash, document]));
      const counted = [...sums]
        .filter(([hash]) => service === undefined || known.has(hash))
        .sort(([, a], [, b]) => b - a);
      const top = counted.slice(0, MAX_TOP).flatMap(([hash, inRange]) => {
        const document = known.get(hash);
        return document ? [{ ...show(document), inRange }] : [];
      });
      const buckets = fill(totals, range, step);
      return {
        range,
        step,
        buckets,
        occurrences: buckets.reduce((sum, { count }) => sum + count, 0),
        distinct: counted.length,
        newErrors: figures.get('new') ?? 0,
        regressed: figures.get('regressed') ?? 0,
        byStatus: countStatuses(inService, at),
        top,
        spiking: inService.filter(({ rate }) => isSpiking(rate, at)).map(({ hash }) => hash),
        newByRelease: [...figures]
          .filter(([name]) => name.startsWith(RELEASE))
          .map(([name, count]) => ({ release: name.slice(RELEASE.length), count }))
          .slice(0, MAX_RELEASES),
        ...toStatistics(figures),
      };
    },
  };
}

/** Each bucket is four queries: minutes are summed for a quarter of an hour at most. */
function coarser({ from, to }: TimeRange, step: BucketStep): BucketStep {
  return step === 'minute' && to - from > STEPS.hour / 4 ? 'hour' : step;
}

function countStatuses(documents: readonly ErrorDocument[], now: Timestamp): Record<ErrorStatus, number> {
  const counts = { new: 0, ongoing: 0, regressed: 0, resolved: 0, ignored: 0 };
  for (const { standing } of documents) counts[statusOf(standing, now)] += 1;
  return counts;
}

function matches(document: ErrorDocument, query: ErrorQuery, now: Timestamp): boolean {
  const { status, service, environment, release, severity, assignee } = query;
  const { standing, services, environments, releases } = document;
  if (status && status.length > 0 && !status.includes(statusOf(standing, now))) return false;
  if (service !== undefined && !services.includes(service)) return false;
  if (environment !== undefined && !environments.includes(environment)) return false;
  if (release !== undefined && !releases.includes(release)) return false;
  if (severity !== undefined && standing.severity !== severity) return false;
  if (assignee !== undefined && standing.assignee !== assignee) return false;
  const words = wordsOf(query);
  if (words.length === 0) return true;
  const { hash, name, message, code, analysis } = document;
  const text = [hash, name, message, code, ...services, analysis?.rootCause, analysis?.location]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word) || partsOf(word).every((part) => text.includes(part)));
}

/** What stands between the signs of a word: a search engine looks at no more, either. */
function partsOf(word: string): readonly string[] {
  const parts = word.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return parts.length > 0 ? parts : [word];
}

function toCursorText(document: ErrorDocument): string {
  return toCursor([placeOf(document)]);
}

function isText(place: unknown): place is readonly [string] {
  return Array.isArray(place) && typeof place[0] === 'string';
}

function isRanked(place: unknown): place is readonly [number, string] {
  return Array.isArray(place) && Number.isFinite(place[0]) && typeof place[1] === 'string';
}
