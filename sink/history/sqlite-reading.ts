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
import { type Buckets, numbersIn } from './sqlite-buckets.ts';
import type { Row, SqliteFile, Value } from './sqlite-file.ts';
import { number, severityNumber, stateNumber, text, toDecided, toSummary } from './sqlite-rows.ts';
import { NEW_FOR, statusOf } from './standing.ts';
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
export function createReading(file: SqliteFile, buckets: Buckets, now: () => Timestamp): Reading {
  const summary = (errorHash: ErrorHash): ErrorSummary | undefined => {
    const row = file.get(`${SUMMARY} FROM errors e JOIN texts t USING (id) WHERE e.hash = ?`, errorHash);
    return row && toSummary(row, now());
  };

  const list = (query: ErrorQuery): ErrorPage => {
    const limit = limitOf(query);
    const sorted = SORTED[query.sort ?? 'lastSeen'];
    const place = fromCursor(query.cursor, isPlace);
    const filter = conditionsOf(query, now());
    // The ids alone are sorted, after one look at all (through an index it is a slower one); what is shown is looked
    // up for this page.
    const rest = place && after(place);
    const [head, table, total] =
      filter.length === 0
        ? ['', `(SELECT id, ${sorted} AS sorted FROM errors)`, '(SELECT count(*) FROM errors)']
        : [
            `WITH matching AS MATERIALIZED (SELECT id, ${sorted} AS sorted FROM errors NOT INDEXED ${where(filter)})`,
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
      errors: rowsOf(page.map(({ id }) => number(id))).map((row) => toSummary(row, now())),
      ...(found.length > limit && last && { next: toCursor([number(last.sorted), number(last.id)]) }),
      ...((page.length > 0 || !place) && { total: number(found[0]?.total) }),
    };
  };

  /** In the order of the ids, without those of errors that are forgotten. */
  const rowsOf = (ids: readonly number[]): readonly Row[] => {
    const sql = `${SUMMARY} FROM json_each(?) j JOIN errors e ON e.id = j.value JOIN texts t ON t.id = e.id ORDER BY j.key`;
    return file.all(sql, JSON.stringify(ids));
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
      const begins = bucketsIn(range, step);
      const rows = file.all(
        'SELECT c.at, c.count FROM json_each(?) j JOIN counts c ON c.step = ? AND c.at = j.value AND c.id = ?',
        JSON.stringify(begins),
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
      const came = fill(toCounts(totals), range, step);
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
        buckets: came,
        occurrences: came.reduce((sum, { count }) => sum + count, 0),
        distinct,
        newErrors: fresh.reduce((sum, { count }) => sum + count, 0),
        regressed: number(regressed?.count),
        byStatus: countByStatus(at, inService),
        top,
        spiking: spiking(at, inService),
        newByRelease: fresh
          .flatMap(({ release, count }) => (release === null ? [] : [{ release, count }]))
          .slice(0, MAX_RELEASES),
        ...toStatistics(figuresIn(range, service)),
      };
    },
  };

  function countByStatus(at: Timestamp, inService: Condition | undefined): Statistics['byStatus'] {
    const counts = { new: 0, ongoing: 0, regressed: 0, resolved: 0, ignored: 0 };
    const rows = file.all(
      `SELECT state, regressed, ignored_until, count(*) AS count, count(*) FILTER (WHERE first_seen > ?) AS fresh
        FROM errors ${inService ? 'NOT INDEXED' : ''} ${where(one(inService))} GROUP BY state, regressed, ignored_until`,
      at - NEW_FOR,
      ...valuesOf(one(inService)),
    );
    for (const row of rows) {
      const fresh = number(row.fresh);
      counts[statusOf(toDecided(row, at), at)] += fresh;
      counts[statusOf(toDecided(row, at - NEW_FOR), at)] += number(row.count) - fresh;
    }
    return counts;
  }

  /** Those that came most often, and how many came. */
  function topOf(
    range: TimeRange,
    step: BucketStep,
    inService: Condition | undefined,
  ): readonly [Statistics['top'], number] {
    const within = step === 'minute' && countRows(range) > MAX_ROWS ? 'hour' : step;
    const among = inService && new Set(idsWhere(inService));
    const sums = buckets.sums(range, within, (id) => among?.has(id) !== false);
    const rows = rowsOf(largest(sums, MAX_TOP).map(([id]) => id));
    const top = rows.map((row) => ({ ...toSummary(row, now()), inRange: sums.get(number(row.id)) ?? 0 }));
    return [top, sums.size];
  }

  function idsWhere(condition: Condition): readonly number[] {
    const all = file.get(
      `SELECT json_group_array(id) AS ids FROM errors ${where([condition])}`,
      ...condition.values,
    );
    return numbersIn(all?.ids);
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
    const between = 'first_seen >= ? AND first_seen < ?';
    // Of all services, each release's are a stretch of the index; of one, every error has to be looked at.
    const rows = inService
      ? file.all(
          `SELECT first_release, count(*) AS count FROM errors NOT INDEXED WHERE ${between} AND ${inService.sql}
            GROUP BY first_release ORDER BY max(first_seen) DESC`,
          range.from,
          range.to,
          ...inService.values,
        )
      : file.all(
          `SELECT first_release, count, latest FROM (
            SELECT r.release AS first_release,
              (SELECT count(*) FROM errors WHERE first_release IS r.release AND ${between}) AS count,
              (SELECT max(first_seen) FROM errors WHERE first_release IS r.release AND ${between}) AS latest
            FROM (SELECT release FROM releases UNION ALL SELECT NULL) r
          ) WHERE count > 0 ORDER BY latest DESC`,
          range.from,
          range.to,
          range.from,
          range.to,
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

/** The entries with the largest values, the largest first; of equal ones the smaller key first. */
function largest(sums: ReadonlyMap<number, number>, many: number): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  const order = (a: readonly [number, number], b: readonly [number, number]) => b[1] - a[1] || a[0] - b[0];
  for (const entry of sums) {
    const last = found[many - 1];
    if (last && order(entry, last) > 0) continue;
    found.push(entry);
    found.sort(order);
    found.length = Math.min(found.length, many);
  }
  return found;
}

function toTrailEntry(row: Row): TrailEntry {
  return { at: number(row.at), by: text(row.by), entry: JSON.parse(text(row.entry)) };
}
