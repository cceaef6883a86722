import type { Timestamp } from '../../src/types.ts';
import type { ErrorQuery, ErrorStatus } from './history.ts';
import { wordsOf } from './query.ts';
import type { Value } from './sqlite-file.ts';
import { severityNumber, stateNumber } from './sqlite-rows.ts';
import { NEW_FOR } from './standing.ts';

/** A part of WHERE with what is bound in it. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

const [OPEN, RESOLVED, IGNORED] = [stateNumber('open'), stateNumber('resolved'), stateNumber('ignored')];

/** What an error must be for a query; nothing for all errors. */
export function conditionsOf(query: ErrorQuery, now: Timestamp): Condition[] {
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
export function named(column: 'services' | 'environments' | 'releases', name: string): Condition {
  return { sql: `instr(${column}, ?)`, values: [JSON.stringify(name)] };
}

/** Behind the place where a page ended. */
export function after([value, id]: readonly [number, number]): Condition {
  return { sql: '(sorted, id) < (?, ?)', values: [value, id] };
}

/** The clause; empty without conditions. */
export function where(conditions: readonly Condition[]): string {
  const all = conditions.map(({ sql }) => sql);
  return all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
}

/** What is bound, in the order of the conditions. */
export function valuesOf(conditions: readonly Condition[], more?: Condition): Value[] {
  return [...conditions, ...one(more)].flatMap(({ values }) => values);
}

/** A condition that may be missing, as a list. */
export function one(condition: Condition | undefined): readonly Condition[] {
  return condition ? [condition] : [];
}
