import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf, PatrolError } from '../../src/errors.ts';
import type { ErrorLogEvent, Milliseconds, Seconds, Timestamp } from '../../src/types.ts';
import { ConflictError, type ErrorHistory } from './history.ts';
import { createBuckets, numbersIn } from './sqlite-buckets.ts';
import { openSqliteFile } from './sqlite-file.ts';
import { createReading } from './sqlite-reading.ts';
import { number, text } from './sqlite-rows.ts';
import { createWriting } from './sqlite-writing.ts';
import { DAY, KEPT, STEPS } from './steps.ts';

/** Options of {@link createSqliteHistory}. */
export interface SqliteHistoryOptions {
  /** The path of the file, made where there is none; `:memory:` keeps everything in memory. */
  readonly file: string;
  /** Days after which an error that has not come again is forgotten. @defaultValue 90 */
  readonly retention?: number;
  /** Most distinct errors; those that came longest ago make room. @defaultValue 1 000 000 */
  readonly maxErrors?: number;
  /** How long what comes waits for company, so that many share one write to the disk. @defaultValue 10 */
  readonly gather?: Milliseconds;
  /** @defaultValue `Date.now` */
  readonly now?: () => Timestamp;
}

/**
 * How long one transaction takes up what waits; with writing it down, two or three times as long. Nobody else of this
 * process has a turn meanwhile, and of shorter ones the syncs would be the larger part.
 */
const MAX_WORK_MS: Milliseconds = 20;
/** How long a transaction waits for company; a sync of a disk takes about as long. */
const GATHER_MS: Milliseconds = 10;
/** After a long one the next waits as long for more, up to this: the larger the group, the less each of it costs. */
const MAX_GATHER_MS: Milliseconds = 200;
/** Errors that are forgotten in one. */
const PRUNED_AT_ONCE = 500;
/** A link is there from both its ends: those that lead to an error are found by those that lead away from it. */
const UNLINK = 'DELETE FROM similar WHERE other = ? AND hash IN (SELECT other FROM similar WHERE hash = ?)';
/** Events that wait for an analysis over many starts; what nobody could analyse makes room. */
const MAX_UNANALYSED = 20_000;
/** A disk that is full now may have room later. */
const RETRY_AFTER_S: Seconds = 5;

interface Job {
  readonly work: () => unknown;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A history in one file, for one process. What comes together is written in one transaction and synced once (a group
 * commit, as in D. Gawlick and D. Kinkade, "Varieties of Concurrency Control in IMS/VS Fast Path", 1985): the more
 * comes, the cheaper each of it is.
 *
 * @throws {PatrolError} `HISTORY_UNAVAILABLE` when the file cannot be opened, or another process has it.
 */
export function createSqliteHistory(options: SqliteHistoryOptions): ErrorHistory {
  const { file: path, retention = 90, maxErrors = 1_000_000, gather = GATHER_MS, now = Date.now } = options;
  const file = openSqliteFile(path);
  const buckets = createBuckets(file);
  const writing = createWriting(file, buckets, now);
  const reading = createReading(file, buckets, now);
  const jobs: Job[] = [];
  let closed = false;
  /** How long the last transaction took. */
  let took: Milliseconds = 0;

  /** Done with what else came meanwhile; settled when it is on the disk. */
  const write = <T>(work: () => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (closed) return reject(new PatrolError('HISTORY_UNAVAILABLE', 'The history is closed.'));
      jobs.push({ work, done: resolve as Job['done'], failed: reject });
      if (jobs.length === 1) setTimeout(commit, Math.min(MAX_GATHER_MS, Math.max(gather, took)));
    });

  const commit = (): void => {
    const began = performance.now();
    const { tried, error } = tryInTime(jobs);
    const group = jobs.splice(0, tried);
    if (jobs.length > 0) setImmediate(commit);
    took = performance.now() - began;
    if (!error) return;
    // One of them may be at fault: each for itself, then.
    for (const job of group) {
      const alone = group.length === 1 ? error : tryInTime([job]).error;
      if (alone) job.failed(asPatrolError(alone));
    }
  };

  /** Does what there is time for, at least one, in one transaction. */
  const tryInTime = (waiting: readonly Job[]): { readonly tried: number; readonly error?: Error } => {
    const until = performance.now() + MAX_WORK_MS;
    const results: unknown[] = [];
    let tried = 0;
    try {
      file.transaction(() => {
        while (tried < waiting.length && (tried === 0 || performance.now() < until)) {
          results.push(waiting[tried++]?.work());
        }
        writing.end();
      });
    } catch (error) {
      writing.forget();
      return { tried, error: error instanceof Error ? error : new Error(messageOf(error)) };
    }
    writing.committed();
    for (const [index, result] of results.entries()) waiting[index]?.done(result);
    return { tried };
  };

  const read = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      throw asPatrolError(error);
    }
  };

  return {
    name: 'sqlite',
    take: (events) => write(() => events.map(writing.take)),
    analysed: (event, result) => write(() => writing.analysed(event, result)),
    unanalysed: (limit) =>
      read(() =>
        file
          .all('SELECT event FROM pending ORDER BY number LIMIT ?', limit)
          .map(({ event }) => JSON.parse(text(event)) as ErrorLogEvent),
      ),
    list: (query) => read(() => reading.list(query)),
    find: (errorHash) => read(() => reading.details(errorHash)),
    summaries: (hashes) => read(() => hashes.map(reading.summary).filter((one) => one !== undefined)),
    occurrences: (errorHash, range, step) => read(() => reading.occurrences(errorHash, range, step)),
    statistics: (range, filter = {}) => read(() => reading.statistics(range, filter.service)),
    async act(errorHash, action, by, version) {
      // Who is too late is told so afterwards: an exception would undo what else is in the transaction.
      const isLate = await write(() => {
        const error = writing.find(errorHash);
        if (!error) return false;
        if (version !== undefined && version !== error.standing.version) return true;
        writing.act(error, action, by);
        return false;
      });
      const summary = await read(() => reading.summary(errorHash));
      if (!summary) throw new PatrolError('NOT_FOUND', 'There is no error with this hash.');
      if (isLate) throw new ConflictError(summary);
      return summary;
    },
    async prune() {
      const at = now();
      const oldest = at - retention * DAY;
      const errors = number(file.get('SELECT count(*) AS count FROM errors')?.count);
      const room = errors > maxErrors ? await forgetAll(at, errors - maxErrors) : 0;
      const pruned = room + (await forgetAll(oldest, errors));
      for (const [step, kept] of Object.entries({ ...KEPT, day: retention * DAY })) {
        await forgetCounts(STEPS[step as keyof typeof STEPS], at - kept);
      }
      await write(() => {
        buckets.clear();
        file.run('DELETE FROM figures WHERE at < ?', oldest);
        file.run('DELETE FROM pending WHERE number <= (SELECT max(number) FROM pending) - ?', MAX_UNANALYSED);
      });
      return pruned;
    },
    async close() {
      if (closed) return;
      // What was asked for is written first.
      await write(() => undefined);
      closed = true;
      file.close();
    },
  };

  /** Forgets those that came last before a time, the oldest first, a few in each transaction. */
  async function forgetAll(before: Timestamp, most: number): Promise<number> {
    const listed = file.get(
      'SELECT json_group_array(id) AS ids FROM (SELECT id FROM errors WHERE last_seen < ? ORDER BY last_seen LIMIT ?)',
      before,
      most,
    );
    const ids = numbersIn(listed?.ids);
    let forgotten = 0;
    for (let start = 0; start < ids.length; start += PRUNED_AT_ONCE) {
      const some = ids.slice(start, start + PRUNED_AT_ONCE);
      forgotten += await write(() => forget(some, before));
      await nextTurn();
    }
    return forgotten;
  }

  /** A bucket in each transaction: an hour's minutes may be millions of rows. */
  async function forgetCounts(length: Milliseconds, before: Timestamp): Promise<void> {
    for (let isMore = true; isMore; await nextTurn()) {
      isMore = await write(() => {
        const at = file.get('SELECT min(at) AS at FROM counts WHERE step = ? AND at < ?', length, before)?.at;
        if (typeof at !== 'number' && typeof at !== 'bigint') return false;
        file.run('DELETE FROM counts WHERE step = ? AND at = ?', length, at);
        return true;
      });
    }
    await write(() => file.run('DELETE FROM totals WHERE step = ? AND at < ?', length, before));
  }

  /** Those of them that have not come meanwhile. */
  function forget(ids: readonly number[], before: Timestamp): number {
    writing.end();
    const gone = file.all(
      'SELECT e.id, e.hash FROM json_each(?) j JOIN errors e ON e.id = j.value WHERE e.last_seen < ?',
      JSON.stringify(ids),
      before,
    );
    for (const { id, hash } of gone) {
      for (const table of ['errors', 'texts', 'analyses', 'samples', 'trail']) {
        file.run(`DELETE FROM ${table} WHERE id = ?`, id ?? null);
      }
      file.run('DELETE FROM words WHERE rowid = ?', id ?? null);
      file.run(UNLINK, hash ?? null, hash ?? null);
      file.run('DELETE FROM similar WHERE hash = ?', hash ?? null);
      writing.drop(text(hash));
    }
    return gone.length;
  }
}

function asPatrolError(error: unknown): PatrolError {
  if (error instanceof PatrolError) return error;
  return new PatrolError('HISTORY_UNAVAILABLE', `The history could not be used: ${messageOf(error)}`, {
    cause: error,
    retryable: true,
    retryAfterMs: RETRY_AFTER_S * 1000,
  });
}
