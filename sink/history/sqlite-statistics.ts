import type { ErrorHash, Timestamp } from '../../src/types.ts';
import { addFigures, type Figures, toStatistics } from './figures.ts';
import type { BucketStep, Statistics, TimeRange } from './history.ts';
import { STRETCH } from './spikes.ts';
import { type Buckets, numbersIn } from './sqlite-buckets.ts';
import { type Condition, named, one, valuesOf, where } from './sqlite-conditions.ts';
import type { Row, SqliteFile } from './sqlite-file.ts';
import { number, text, toCounts, toDecided, toSummary } from './sqlite-rows.ts';
import { NEW_FOR, statusOf } from './standing.ts';
import { bucketOf, fill, STEPS, stepFor } from './steps.ts';

/** Parts of {@link createStatistics}. */
export interface StatisticsParts {
  readonly file: SqliteFile;
  readonly buckets: Buckets;
  /** The rows of errors as lists show them, in the order of the ids. */
  readonly rowsOf: (ids: readonly number[]) => readonly Row[];
  readonly now: () => Timestamp;
}

/** Errors and releases at the top of the statistics. */
const MAX_TOP = 10;
const MAX_RELEASES = 20;
const MAX_SPIKING = 100;
/** Counts by minute that are summed for the errors at the top; of more than these, whole hours are. */
const MAX_ROWS = 50_000;

/** Reads the figures of a stretch of time. */
export function createStatistics({
  file,
  buckets,
  rowsOf,
  now,
}: StatisticsParts): (range: TimeRange, service: string | undefined) => Statistics {
  return (range, service) => {
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
