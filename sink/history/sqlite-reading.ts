import type { AnalysisResult, ErrorHash, ErrorLogEvent, Timestamp } from '../../src/types.ts';
import type {
  Bucket,
  BucketStep,
  ErrorDetails,
  ErrorPage,
  ErrorQuery,
  ErrorSummary,
  Statistics,
  TimeRange,
  TrailEntry,
} from './history.ts';
import { fromCursor, isPlace, limitOf, toCursor } from './query.ts';
import type { Buckets } from './sqlite-buckets.ts';
import { after, conditionsOf, one, valuesOf, where } from './sqlite-conditions.ts';
import type { Row, SqliteFile, Value } from './sqlite-file.ts';
import { number, text, toCounts, toSummary } from './sqlite-rows.ts';
import { createStatistics } from './sqlite-statistics.ts';
import { bucketsIn, fill, STEPS } from './steps.ts';

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
const MAX_SIMILAR = 20;

const SORTED = { lastSeen: 'last_seen', firstSeen: 'first_seen', occurrences: 'occurrences' } as const;
const SUMMARY = 'SELECT e.*, t.message, t.name, t.root_cause, t.confidence, t.source, t.category, t.location';

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
    statistics: createStatistics({ file, buckets, rowsOf, now }),
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
  };
}

function toTrailEntry(row: Row): TrailEntry {
  return { at: number(row.at), by: text(row.by), entry: JSON.parse(text(row.entry)) };
}
