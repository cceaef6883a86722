import { PatrolError } from '../../src/errors.ts';
import type { ErrorAction, ErrorDetails, ErrorPage, ErrorSummary, Statistics } from '../history/history.ts';
import { oneLine } from './analysis-text.ts';
import { createPeopleClient, type PeopleClient } from './people-client.ts';
import { toTable } from './table.ts';

/** What a command found, for people and for programs. */
export interface HistoryReport<T> {
  readonly text: string;
  readonly data: T;
}

const SHORT_HASH = 12;

/** Filters of `patrol errors list`, as the API takes them. */
export type ListFilter = Readonly<Record<string, string | undefined>>;

/** One page of `patrol errors list`. */
export interface ListedErrors extends Pick<ErrorPage, 'errors' | 'total'> {
  /** For `--cursor`; undefined at the end. */
  readonly nextCursor?: string;
}

/** `patrol errors list`. */
export async function listErrors(filter: ListFilter): Promise<HistoryReport<ListedErrors>> {
  const { next: nextCursor, ...page } = await createPeopleClient().get<ErrorPage>('/errors', filter);
  const data = { ...page, ...(nextCursor !== undefined && { nextCursor }) };
  const rows = page.errors.map((error) => [
    error.errorHash.slice(0, SHORT_HASH),
    error.status,
    String(error.occurrences),
    when(error.lastSeen),
    error.assignee ?? '',
    titleOf(error),
  ]);
  const heads = ['hash', 'status', 'count', 'last seen (UTC)', 'assignee', 'error'];
  const none = filter.cursor === undefined ? 'No errors.\n' : 'No more errors.\n';
  const listed = rows.length === 0 ? none : toTable([heads, ...rows]);
  // A store that has looked at very many may say so before it has found one.
  const more =
    nextCursor === undefined
      ? ''
      : `… and more${page.total === undefined ? '' : `: ${page.total} in all`}. The next page: the same command with --cursor ${nextCursor}\n`;
  return { text: `${listed}${more}`, data };
}

/** `patrol errors show <hash>`. */
export async function showError(hash: string): Promise<HistoryReport<ErrorDetails>> {
  const client = createPeopleClient();
  const error = await client.get<ErrorDetails>(`/errors/${await wholeHash(client, hash)}`);
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['hash', error.errorHash],
    ['status', error.status],
    ['severity', error.severity],
    ['assignee', error.assignee],
    ['resolved in', error.resolvedIn],
    ['ignored', error.ignoredUntil && untilWhat(error.ignoredUntil.occurrences, error.ignoredUntil.time)],
    ['count', String(error.occurrences)],
    ['first seen', `${when(error.firstSeen)} UTC`],
    ['last seen', `${when(error.lastSeen)} UTC`],
    ['services', error.services.join(', ')],
    ['environments', error.environments.join(', ')],
    ['releases', error.releases.join(', ')],
    ['location', error.location],
    ['cause', error.rootCause],
    ['fix', error.analyses[0]?.suggestedFix],
  ];
  const facts = lines.flatMap(([name, value]) => (value ? [[name, oneLine(value)]] : []));
  const trail = error.trail.map(({ at, by, entry }) => [
    `${when(at)} UTC`,
    oneLine(by),
    oneLine(describe(entry)),
  ]);
  return {
    text: `${titleOf(error)}\n\n${toTable(facts)}${trail.length > 0 ? `\n${toTable(trail)}` : ''}`,
    data: error,
  };
}

/** `patrol errors resolve|reopen|ignore|assign|note|severity <hash>`. */
export async function actOnError(hash: string, action: ErrorAction): Promise<HistoryReport<ErrorSummary>> {
  const client = createPeopleClient();
  const error = await client.post<ErrorSummary>(`/errors/${await wholeHash(client, hash)}/actions`, action);
  const severity = action.action === 'severity' ? `, ${error.severity}` : '';
  const assignee = error.assignee === undefined ? '' : `, ${oneLine(error.assignee)} has it`;
  return { text: `${titleOf(error)}: ${error.status}${severity}${assignee}\n`, data: error };
}

/** A sum, as far as it is known: fractions of a cent are what an analysis costs. */
function money(known: number, unpriced: number): string {
  if (known === 0 && unpriced > 0) return 'unknown (the price of the model is not known)';
  const sum = `$${known.toFixed(known > 0 && known < 1 ? 4 : 2)}`;
  return unpriced > 0 ? `${sum} and more, of models without a known price` : sum;
}

/** `patrol stats`. */
export async function showStatistics(
  days: number,
  service: string | undefined,
): Promise<HistoryReport<Statistics>> {
  const now = Date.now();
  const query = { from: String(now - days * 86_400_000), to: String(now), service };
  const data = await createPeopleClient().get<Statistics>('/stats', query);
  const { answers, unpriced } = data;
  const answered = Object.values(answers).reduce((sum, count) => sum + count, 0);
  const share = (count: number) => (answered === 0 ? '' : ` (${Math.round((100 * count) / answered)} %)`);
  const facts: readonly (readonly [string, string])[] = [
    ['occurrences', `${data.occurrences} of ${data.distinct} errors`],
    ['new, regressed', `${data.newErrors}, ${data.regressed}`],
    ['spiking', String(data.spiking.length)],
    ['from the cache', `${answers.cached}${share(answers.cached)}`],
    ['by a similar error', `${answers.similar}${share(answers.similar)}`],
    ['by rules', `${answers.rules}${share(answers.rules)}`],
    ['by the model', `${answers.model}${share(answers.model)}, ${data.tokens} tokens`],
    ['spent, saved', `${money(data.spentUsd, unpriced.spent)}, ${money(data.savedUsd, unpriced.saved)}`],
    ...(data.timeToAnalysis
      ? [
          [
            'time to analysis',
            `${data.timeToAnalysis.p50} ms (median), ${data.timeToAnalysis.p95} ms (95 %)`,
          ] as const,
        ]
      : []),
  ];
  const top = data.top.map((error) => [
    String(error.inRange),
    error.errorHash.slice(0, SHORT_HASH),
    error.status,
    titleOf(error),
  ]);
  const releases = data.newByRelease.map(({ release, count }) => [String(count), oneLine(release)]);
  return {
    text: [
      toTable(facts),
      ...(top.length > 0 ? [`\nMost often:\n${toTable(top)}`] : []),
      ...(releases.length > 0 ? [`\nNew by release:\n${toTable(releases)}`] : []),
    ].join(''),
    data,
  };
}

/** Lists show the beginnings of hashes; one that begins but one error is as good as the whole. */
async function wholeHash(client: PeopleClient, hash: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  if (!/^[0-9a-f]{6,63}$/.test(hash)) {
    throw new PatrolError('REQUEST_INVALID', 'Expected the hash of an error, or at least six digits of it.');
  }
  const { errors } = await client.get<ErrorPage>('/errors', { search: hash, limit: '50' });
  const found = errors.filter(({ errorHash }) => errorHash.startsWith(hash));
  if (found.length === 1 && found[0]) return found[0].errorHash;
  throw new PatrolError(
    'NOT_FOUND',
    found.length === 0 ? 'No error has a hash that begins so.' : 'Several errors begin so: give more digits.',
  );
}

function titleOf({ name, message }: ErrorSummary): string {
  return oneLine(name && !message.startsWith(name) ? `${name}: ${message}` : message);
}

function describe(entry: ErrorDetails['trail'][number]['entry']): string {
  switch (entry.action) {
    case 'assign':
      return entry.assignee === null ? 'unassigned' : `assigned to ${entry.assignee}`;
    case 'severity':
      return `severity ${entry.severity}`;
    case 'note':
      return entry.text;
    case 'resolve':
      return entry.release === undefined ? 'resolved' : `resolved in ${entry.release}`;
    case 'regressed':
      return entry.release === undefined ? 'came back' : `came back in ${entry.release}`;
    case 'reopen':
      return 'reopened';
    case 'ignore':
      return `ignored${untilWhat(entry.occurrences, entry.until, ' ')}`;
    case 'unignored':
      return 'no longer ignored';
  }
}

/** `until 5 more`, `until 2026-05-01 00:00 UTC`; empty without an end. */
function untilWhat(occurrences: number | undefined, time: number | undefined, before = ''): string {
  const ends = [
    ...(occurrences === undefined ? [] : [`${occurrences} more`]),
    ...(time === undefined ? [] : [`${when(time)} UTC`]),
  ];
  return ends.length === 0 ? '' : `${before}until ${ends.join(' or ')}`;
}

/** In UTC. */
function when(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
