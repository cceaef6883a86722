import type { AnalysisResult, ErrorHash, ErrorLogEvent, Timestamp } from '../../src/types.ts';
import { addFigures, type Figures, toStatistics } from './figures.ts';
import type {
  Bucket,
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
import { fromCursor, isPlace, limitOf, toCursor, wordsOf } from './query.ts';
import { STRETCH } from './spikes.ts';
import type { Row, SqliteFile, Value } from './sqlite-file.ts';
import { number, severityNumber, stateNumber, text, toSummary } from './sqlite-rows.ts';
import { NEW_FOR } from './standing.ts';
import { bucketOf, bucketsIn, fill, STEPS, stepFor } from './steps.ts';

/** Reads from the file. */
export interface Reading {
  list(query: ErrorQuery): ErrorPage;
  summary(errorHash: ErrorHash): ErrorSummary | undefined;
  details(errorHash: ErrorHash): ErrorDetails | undefined;
  occurrences(errorHash: ErrorHash, range: TimeRange, step: BucketStep): readonly Bucket[];
  statistics(range: TimeRange, service: string | undefined): Statistics;
}

/** Lines of the trail in an error's details. */
const MAX_TRAIL = 200;
/** Errors and releases at the top of the statistics. */
const MAX_TOP = 10;
const MAX_RELEASES = 20;
const MAX_SPIKING = 100;
/** Counts by minute that are summed for the errors at the top; of more than these, whole hours are. */
const MAX_ROWS = 50_000;
const MAX_SIMILAR = 20;

const SORTED = { lastSeen: 'last_seen', firstSeen: 'first_seen', occurrences: 'occurrences' } as const;
const SUMMARY = 'SELECT e.*, t.message, t.name, t.root_cause, t.confidence, t.source, t.category, t.location';
const [OPEN, RESOLVED, IGNORED] = [stateNumber('open'), stateNumber('resolved'), stateNumber('ignored')];

/** A part of WHERE with what is bound in it. */
interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** See {@link Reading}. */
export function createReading(file: SqliteFile, now: () => Timestamp): Reading {
  const summary = (errorHash: ErrorHash): ErrorSummary | undefined => {
    const row = file.get(`${SUMMARY} FROM errors e JOIN texts t USING (id) WHERE e.hash = ?`, errorHash);
    return row && toSummary(row, now());
  };

  const list = (query: ErrorQuery): ErrorPage => {
    const limit = limitOf(query);
    const sorted = SORTED[query.sort ?? 'lastSeen'];
    const place = fromCursor(query.cursor, isPlace);
    const filter = conditionsOf(query, now());
    // The ids alone are sorted, after one look at all; what is shown is looked up for this page.
    const rest = place && after(place);
    const [head, table, total] =
      filter.length === 0
        ? ['', `(SELECT id, ${sorted} AS sorted FROM errors)`, '(SELECT count(*) FROM errors)']
        : [
            `WITH matching AS MATERIALIZED (SELECT id, ${sorted} AS sorted FROM errors ${where(filter)})`,
            'matching',
            '(SELECT count(*) FROM matching)',
          ];
    const found = file.all(
      `${head} SELECT id, sorted, ${total} AS total FROM ${table}
        ${where(one(rest))} ORDER BY sorted DESC, id DESC LIMIT ${limit + 1}`,
      ...valuesOf(filter, rest),
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      errors: summaries(page.map(({ id }) => number(id))),
      ...(found.length > limit && last && { next: toCursor([number(last.sorted), number(last.id)]) }),
      ...((page.length > 0 || !place) && { total: number(found[0]?.total) }),
    };
  };

  const summaries = (ids: readonly number[]): ErrorSummary[] => {
    const sql = `${SUMMARY} FROM json_each(?) j JOIN errors e ON e.id = j.value JOIN texts t ON t.id = e.id ORDER BY j.key`;
    return file.all(sql, JSON.stringify(ids)).map((row) => toSummary(row, now()));
  };

  const jsonOf = (sql: string, ...values: Value[]): unknown[] =>
    file.all(sql, ...values).map(({ json }) => JSON.parse(text(json)) as unknown);

  return {
    list,
    summary,
    details(errorHash) {
      const shown = summary(errorHash);
      const row = file.get('SELECT * FROM errors WHERE hash = ?', errorHash);
      if (!shown || !row) return undefined;
      const id = number(row.id);
      const untilCount = row.ignored_until_count;
      const untilTime = row.ignored_until;
      const trail = file.all('SELECT * FROM trail WHERE id = ? ORDER BY number DESC LIMIT ?', id, MAX_TRAIL);
      const similar = 'SELECT other FROM similar WHERE hash = ? LIMIT ?';
      return {
        ...shown,
        analyses: jsonOf(
          'SELECT result AS json FROM analyses WHERE id = ? ORDER BY at DESC, rowid DESC',
          id,
        ) as AnalysisResult[],
        samples: jsonOf(
          'SELECT event AS json FROM samples WHERE id = ? ORDER BY at DESC, rowid DESC',
          id,
        ) as ErrorLogEvent[],
        trail: trail.map(toTrailEntry),
        ...((untilCount !== null || untilTime !== null) && {
          ignoredUntil: {
            ...(untilCount !== null && { occurrences: number(untilCount) - shown.occurrences }),
            ...(untilTime !== null && { time: number(untilTime) }),
          },
        }),
        ...(row.resolved_in !== null && { resolvedIn: text(row.resolved_in) }),
        similar: file.all(similar, errorHash, MAX_SIMILAR).map(({ other }) => text(other)),
      };
    },
    occurrences(errorHash, range, step) {
      const id = file.get('SELECT id FROM errors WHERE hash = ?', errorHash)?.id;
      const buckets = bucketsIn(range, step);
      const rows = file.all(
        'SELECT c.at, c.count FROM json_each(?) j JOIN counts c ON c.step = ? AND c.at = j.value AND c.id = ?',
        JSON.stringify(buckets),
        STEPS[step],
        id ?? -1,
      );
      return fill(toCounts(rows), range, step);
    },
    statistics(range, service) {
      const at = now();
      const step = stepFor(range, at);
      const first = bucketOf(range.from, step);
      const inService = service === undefined ? undefined : named('services', service);
      const totals = file.all(
        `SELECT at, sum(count) AS count FROM totals WHERE step = ? AND at >= ? AND at < ?${service === undefined ? '' : ' AND service = ?'} GROUP BY at`,
        STEPS[step],
        first,
        range.to,
        ...(service === undefined ? [] : [service]),
      );
      const buckets = fill(toCounts(totals), range, step);
      const standing = file.get(
        `SELECT ${(['new', 'ongoing', 'regressed', 'resolved', 'ignored'] as const)
          .map((status) => `count(*) FILTER (WHERE ${statusSql(status, at)}) AS "${status}"`)
          .join(', ')} FROM errors ${where(one(inService))}`,
        ...valuesOf(one(inService)),
      );
      const fresh = freshByRelease(range, inService);
      const [top, distinct] = topOf(range, step, inService);
      const regressed = file.get(
        `SELECT count(*) AS count FROM trail ${inService ? 'JOIN errors USING (id)' : ''} WHERE action = 'regressed' AND at >= ? AND at < ?${inService ? ` AND ${inService.sql}` : ''}`,
        range.from,
        range.to,
        ...(inService?.values ?? []),
      );
      return {
        range,
        step,
        buckets,
        occurrences: buckets.reduce((sum, { count }) => sum + count, 0),
        distinct,
        newErrors: fresh.reduce((sum, { count }) => sum + count, 0),
        regressed: number(regressed?.count),
        byStatus: {
          new: number(standing?.new),
          ongoing: number(standing?.ongoing),
          regressed: number(standing?.regressed),
          resolved: number(standing?.resolved),
          ignored: number(standing?.ignored),
        },
        top,
        spiking: spiking(at, inService),
        newByRelease: fresh
          .flatMap(({ release, count }) => (release === null ? [] : [{ release, count }]))
          .slice(0, MAX_RELEASES),
        ...toStatistics(figuresIn(range, service)),
      };
    },
  };

  function topOf(
    range: TimeRange,
    step: BucketStep,
    inService: Condition | undefined,
  ): readonly [Statistics['top'], number] {
    const within = step === 'minute' && countRows(range) > MAX_ROWS ? 'hour' : step;
    const rows = file.all(
      `WITH sums AS MATERIALIZED (
        SELECT id, sum(count) AS count FROM counts ${inService ? 'JOIN errors USING (id)' : ''}
        WHERE step = ? AND at >= ? AND at < ?${inService ? ` AND ${inService.sql}` : ''} GROUP BY id
      ) SELECT id, count, (SELECT count(*) FROM sums) AS "distinct" FROM sums ORDER BY count DESC, id LIMIT ${MAX_TOP}`,
      STEPS[within],
      bucketOf(range.from, within),
      range.to,
      ...(inService?.values ?? []),
    );
    const shown = summaries(rows.map(({ id }) => number(id)));
    const top = shown.map((error, index) => ({ ...error, inRange: number(rows[index]?.count) }));
    return [top, number(rows[0]?.distinct)];
  }

  /** Counts by minute in the range, as far as it matters. */
  function countRows(range: TimeRange): number {
    const rows = `SELECT 1 FROM counts WHERE step = ? AND at >= ? AND at < ? LIMIT ${MAX_ROWS + 1}`;
    return number(
      file.get(`SELECT count(*) AS count FROM (${rows})`, STEPS.minute, range.from, range.to)?.count,
    );
  }

  function spiking(at: Timestamp, inService: Condition | undefined): ErrorHash[] {
    const rows = file.all(
      `SELECT hash FROM errors WHERE spiking_since > ?${inService ? ` AND ${inService.sql}` : ''} ORDER BY spiking_since DESC LIMIT ${MAX_SPIKING}`,
      at - 2 * STRETCH,
      ...(inService?.values ?? []),
    );
    return rows.map(({ hash }) => text(hash));
  }

  /** New errors by the release that they were first seen in, the latest release first; null for those without. */
  function freshByRelease(
    range: TimeRange,
    inService: Condition | undefined,
  ): readonly { readonly release: string | null; readonly count: number }[] {
    const rows = file.all(
      `SELECT first_release, count(*) AS count FROM errors WHERE first_seen >= ? AND first_seen < ?${inService ? ` AND ${inService.sql}` : ''} GROUP BY first_release ORDER BY max(first_seen) DESC`,
      range.from,
      range.to,
      ...(inService?.values ?? []),
    );
    return rows.map(({ first_release: release, count }) => ({
      release: release === null ? null : text(release),
      count: number(count),
    }));
  }

  function figuresIn(range: TimeRange, service: string | undefined): Figures {
    const rows = file.all(
      `SELECT figure, sum(value) AS value FROM figures WHERE at >= ? AND at < ?${service === undefined ? '' : ' AND service = ?'} GROUP BY figure`,
      bucketOf(range.from, 'hour'),
      range.to,
      ...(service === undefined ? [] : [service]),
    );
    const sums: Figures = new Map();
    addFigures(
      sums,
      rows.map((row) => [text(row.figure), number(row.value)] as const),
    );
    return sums;
  }
}

function conditionsOf(query: ErrorQuery, now: Timestamp): Condition[] {
  const { status, service, environment, release, severity, assignee } = query;
  const words = wordsOf(query);
  return [
    ...(status && status.length > 0
      ? [{ sql: `(${status.map((one) => statusSql(one, now)).join(' OR ')})`, values: [] }]
      : []),
    ...(severity === undefined ? [] : [{ sql: 'severity = ?', values: [severityNumber(severity)] }]),
    ...(assignee === undefined ? [] : [{ sql: 'assignee = ?', values: [assignee] }]),
    ...(service === undefined ? [] : [named('services', service)]),
    ...(environment === undefined ? [] : [named('environments', environment)]),
    ...(release === undefined ? [] : [named('releases', release)]),
    ...(words.length === 0
      ? []
      : [
          {
            sql: 'id IN (SELECT rowid FROM words WHERE words MATCH ?)',
            // Each word begins one of the error's; quotes keep FTS5's own syntax out.
            values: [words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' ')],
          },
        ]),
  ];
}

/** See `statusOf`; the two say the same. */
function statusSql(status: ErrorStatus, now: Timestamp): string {
  const ignored = `state = ${IGNORED} AND (ignored_until IS NULL OR ignored_until > ${now})`;
  const heard = `(state = ${OPEN} OR (state = ${IGNORED} AND ignored_until <= ${now}))`;
  switch (status) {
    case 'resolved':
      return `(state = ${RESOLVED})`;
    case 'ignored':
      return `(${ignored})`;
    case 'regressed':
      return `(regressed = 1 AND ${heard})`;
    case 'new':
      return `(regressed = 0 AND first_seen > ${now - NEW_FOR} AND ${heard})`;
    case 'ongoing':
      return `(regressed = 0 AND first_seen <= ${now - NEW_FOR} AND ${heard})`;
  }
}

/** The name is in the column's JSON list; quoted as it is there, it is no other's part. */
function named(column: 'services' | 'environments' | 'releases', name: string): Condition {
  return { sql: `instr(${column}, ?)`, values: [JSON.stringify(name)] };
}

function after([value, id]: readonly [number, number]): Condition {
  return { sql: '(sorted, id) < (?, ?)', values: [value, id] };
}

function where(conditions: readonly Condition[], more?: Condition): string {
  const all = [...conditions, ...one(more)].map(({ sql }) => sql);
  return all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
}

function valuesOf(conditions: readonly Condition[], more?: Condition): Value[] {
  return [...conditions, ...one(more)].flatMap(({ values }) => values);
}

function one(condition: Condition | undefined): readonly Condition[] {
  return condition ? [condition] : [];
}

function toCounts(rows: readonly Row[]): ReadonlyMap<Timestamp, number> {
  return new Map(rows.map(({ at, count }) => [number(at), number(count)]));
}

function toTrailEntry(row: Row): TrailEntry {
  return { at: number(row.at), by: text(row.by), entry: JSON.parse(text(row.entry)) };
}
