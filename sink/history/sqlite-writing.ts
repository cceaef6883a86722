import { LRUCache } from 'lru-cache';
import { redact } from '../../src/redaction.ts';
import type { AnalysisResult, ErrorHash, Timestamp } from '../../src/types.ts';
import { addFigures, type Figures, figuresOf } from './figures.ts';
import type { Arrival, ErrorAction, TakenEvent, TrailEntry } from './history.ts';
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
import type { Buckets } from './sqlite-buckets.ts';
import type { SqliteFile } from './sqlite-file.ts';
import {
  insertError,
  number,
  readError,
  type StoredError,
  text,
  updateCount,
  updateError,
} from './sqlite-rows.ts';
import { act, arrive, firstStanding, statusOf } from './standing.ts';
import { bucketOf, STEPS } from './steps.ts';
import { keyOf, openTakenIds } from './taken-ids.ts';

/** Writes to the file. Until `end`, changes of one error and counts of one bucket are gathered. */
export interface Writing {
  /** Writes what was gathered. */
  end(): void;
  /** After its transaction. */
  committed(): void;
  /** After a transaction that failed: nothing of it is true. */
  forget(): void;
  take(taken: TakenEvent): Arrival;
  analysed(taken: TakenEvent, result: AnalysisResult | undefined): void;
  find(errorHash: ErrorHash): StoredError | undefined;
  /** Forgets an error whose row is deleted. */
  drop(errorHash: ErrorHash): void;
  act(error: StoredError, action: ErrorAction, by: string): void;
}

/** Errors that are kept at hand between batches, about 1 KB each: this process is the file's only writer. */
const MAX_AT_HAND = 100_000;

const COUNT = `INSERT INTO counts (step, at, id, count) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;
const TOTAL = `INSERT INTO totals (step, at, service, count) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;
const FIGURE = `INSERT INTO figures (at, service, figure, value) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = value + excluded.value`;

/** See {@link Writing}. */
export function createWriting(file: SqliteFile, buckets: Buckets, now: () => Timestamp): Writing {
  const atHand = new LRUCache<ErrorHash, StoredError>({ max: MAX_AT_HAND });
  const releases = new LRUCache<string, Timestamp>({ max: 1000 });
  const changed = new Set<StoredError>();
  const fresh = new Set<StoredError>();
  /** Changed in more than what every occurrence changes. */
  const moved = new Set<StoredError>();
  const counts = new Map<number, Map<StoredError, number>>();
  const totals = new Map<string, Map<number, number>>();
  const figures = new Map<string, Figures>();
  const lastId = () => number(file.get("SELECT seq FROM sqlite_sequence WHERE name = 'errors'")?.seq);
  let nextId = lastId() + 1;
  const ids = openTakenIds(file);

  const find = (hash: ErrorHash): StoredError | undefined => {
    const known = atHand.get(hash) ?? readError(file, hash);
    if (known) atHand.set(hash, known);
    return known;
  };

  const create = (taken: TakenEvent): StoredError => {
    const { event, errorHash, severity = 'error', assignee } = taken;
    const at = now();
    const error: StoredError = {
      id: nextId++,
      hash: errorHash,
      standing: firstStanding(firstSeenAt(event, at), severity, assignee),
      rate: firstRate(seenAt(event, at)),
      lastSeen: 0,
      sampledAt: 0,
      analysedAt: 0,
      firstRelease: event.commit,
      services: [],
      environments: [],
      releases: [],
    };
    const message = shownMessage(taken);
    const name = event.errorLog.name ?? null;
    file.run('INSERT INTO texts (id, message, name) VALUES (?, ?, ?)', error.id, message, name);
    index(error.id, [errorHash, name, message, event.service, event.errorLog.code]);
    fresh.add(error);
    atHand.set(errorHash, error);
    return error;
  };

  const index = (id: number, words: readonly (string | null | undefined)[]): void => {
    file.run('INSERT OR REPLACE INTO words (rowid, text) VALUES (?, ?)', id, words.filter(Boolean).join(' '));
  };

  const releaseSeen = (release: string): Timestamp => {
    const known = releases.get(release);
    if (known !== undefined) return known;
    file.run('INSERT OR IGNORE INTO releases (release, first_seen) VALUES (?, ?)', release, now());
    const seen = number(file.get('SELECT first_seen FROM releases WHERE release = ?', release)?.first_seen);
    releases.set(release, seen);
    return seen;
  };

  const isOlder = (release: string | undefined, resolvedIn: string | undefined): boolean => {
    if (release === undefined) return false;
    const seen = releaseSeen(release);
    return resolvedIn !== undefined && seen < releaseSeen(resolvedIn);
  };

  const note = (error: StoredError, by: string, entry: TrailEntry['entry']): void => {
    file.run(
      'INSERT INTO trail (id, at, by, action, entry) VALUES (?, ?, ?, ?, ?)',
      error.id,
      now(),
      by,
      entry.action,
      JSON.stringify(entry),
    );
  };

  const count = (error: StoredError, service: string, at: Timestamp, occurrences: number): void => {
    const minute = bucketOf(at, 'minute');
    const inMinute = counts.get(minute) ?? new Map<StoredError, number>();
    inMinute.set(error, (inMinute.get(error) ?? 0) + occurrences);
    counts.set(minute, inMinute);
    const ofService = totals.get(service) ?? new Map<number, number>();
    ofService.set(minute, (ofService.get(minute) ?? 0) + occurrences);
    totals.set(service, ofService);
  };

  const repeated = ({ event, errorHash }: TakenEvent, key: bigint): Arrival => {
    const pending = file.get('SELECT change FROM pending WHERE key = ?', key);
    const error = find(errorHash);
    return {
      errorHash,
      eventId: event.eventId,
      counted: false,
      change: pending ? (text(pending.change) as Arrival['change']) : 'known',
      spiking: false,
      status: error ? statusOf(error.standing, now()) : 'new',
    };
  };

  const keepSample = (error: StoredError, { event }: TakenEvent, at: Timestamp): void => {
    const isFirst = error.sampledAt === 0;
    if (!isFirst && at - error.sampledAt < SAMPLE_EVERY) return;
    // Zero is for none, and some events bear the date of a clock that was never set.
    error.sampledAt = Math.max(1, at);
    const sample = JSON.stringify(toSample(event));
    file.run('INSERT INTO samples (id, at, event) VALUES (?, ?, ?)', error.id, at, sample);
    if (!isFirst) keepNewest('samples', error.id, MAX_SAMPLES);
  };

  const keepNewest = (table: 'samples' | 'analyses', id: number, most: number): void => {
    const older = `SELECT rowid FROM ${table} WHERE id = ? ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ${most}`;
    file.run(`DELETE FROM ${table} WHERE rowid IN (${older})`, id);
  };

  const keepAnalysis = (error: StoredError, { event }: TakenEvent, result: AnalysisResult): void => {
    const { id, hash, services } = error;
    const isFirst = error.analysedAt === 0;
    error.analysedAt = result.analyzedAt;
    const location = shownLocation(result);
    file.run(
      'INSERT INTO analyses (id, at, result) VALUES (?, ?, ?)',
      id,
      result.analyzedAt,
      JSON.stringify(result),
    );
    if (!isFirst) keepNewest('analyses', id, MAX_ANALYSES);
    file.run(
      'UPDATE texts SET root_cause = ?, confidence = ?, source = ?, category = ?, location = ? WHERE id = ?',
      result.rootCause,
      result.confidenceScore,
      result.source,
      result.category,
      location ?? null,
      id,
    );
    const known = file.get('SELECT message, name FROM texts WHERE id = ?', id);
    const { code } = event.errorLog;
    index(id, [hash, text(known?.name), text(known?.message), ...services, code, result.rootCause, location]);
    if (result.similarTo !== undefined) {
      const link = 'INSERT OR IGNORE INTO similar (hash, other) VALUES (?, ?), (?, ?)';
      file.run(link, hash, result.similarTo, result.similarTo, hash);
    }
  };

  return {
    end() {
      for (const error of changed) {
        const write = fresh.has(error) ? insertError : moved.has(error) ? updateError : updateCount;
        write(file, error);
      }
      ids.write();
      const steps = Object.keys(STEPS) as (keyof typeof STEPS)[];
      for (const [minute, errors] of counts) {
        // Neighbours in the file one after the other.
        const ordered = [...errors].sort(([a], [b]) => a.id - b.id);
        for (const step of steps) {
          const at = bucketOf(minute, step);
          buckets.changed(STEPS[step], at);
          for (const [{ id }, count] of ordered) file.run(COUNT, STEPS[step], at, id, count);
        }
      }
      for (const [service, minutes] of totals) {
        for (const [minute, count] of minutes) {
          for (const step of steps) file.run(TOTAL, STEPS[step], bucketOf(minute, step), service, count);
        }
      }
      const hour = bucketOf(now(), 'hour');
      for (const [service, sums] of figures) {
        for (const [figure, value] of sums) file.run(FIGURE, hour, service, figure, value);
      }
      for (const gathered of [changed, fresh, moved, counts, totals, figures]) gathered.clear();
    },
    committed: ids.committed,
    forget() {
      for (const all of [changed, fresh, moved, counts, totals, figures, atHand, releases]) all.clear();
      nextId = lastId() + 1;
      ids.forget();
    },
    take(taken) {
      const { event, errorHash } = taken;
      const key = keyOf(event.eventId);
      if (!ids.add(key)) return repeated(taken, key);
      const error = find(errorHash) ?? create(taken);
      const at = seenAt(event, now());
      const release = event.commit;
      const { standing, change, entry } = arrive(error.standing, {
        occurrences: event.occurrences,
        at,
        release,
        olderRelease: isOlder(release, error.standing.resolvedIn),
      });
      if (entry) note(error, 'patrol', entry);
      const status = statusOf(standing, now());
      const rate = counted(error.rate, at, event.occurrences);
      // Nobody is told of what people have decided not to hear of.
      const heard = status !== 'ignored' && status !== 'resolved';
      const spiking = rate.spiking && !error.rate.spiking && heard;
      const before = { ...error };
      error.standing = { ...standing, firstSeen: Math.min(standing.firstSeen, firstSeenAt(event, at)) };
      error.rate = rate;
      error.lastSeen = Math.max(error.lastSeen, at);
      error.services = withName(error.services, event.service);
      error.environments = withName(error.environments, event.environment);
      error.releases = withName(error.releases, release);
      changed.add(error);
      if (hasMoved(before, error)) moved.add(error);
      count(error, event.service ?? '', at, event.occurrences);
      keepSample(error, taken, at);
      if (!taken.answered) {
        const json = JSON.stringify(redact(event));
        file.run('INSERT INTO pending (key, change, event) VALUES (?, ?, ?)', key, change, json);
      }
      return { errorHash, eventId: event.eventId, counted: true, change, spiking, status };
    },
    analysed(taken, result) {
      const { event, errorHash, answered } = taken;
      if (!answered) file.run('DELETE FROM pending WHERE key = ?', keyOf(event.eventId));
      if (!result) return;
      const sums = figures.get(event.service ?? '') ?? new Map<string, number>();
      addFigures(sums, figuresOf(result, now() - event.timestamp));
      figures.set(event.service ?? '', sums);
      const error = find(errorHash);
      if (!error || result.analyzedAt <= error.analysedAt) return;
      keepAnalysis(error, taken, result);
      changed.add(error);
    },
    find,
    drop(errorHash) {
      atHand.delete(errorHash);
    },
    act(error, action, by) {
      if (action.action === 'resolve' && action.release !== undefined) releaseSeen(action.release);
      error.standing = act(error.standing, action, now());
      changed.add(error);
      moved.add(error);
      note(error, by, action);
    },
  };
}

/** True when more has changed than what every occurrence changes; all that is decided of an error has a version. */
function hasMoved(before: StoredError, after: StoredError): boolean {
  return (
    before.standing.version !== after.standing.version ||
    before.standing.firstSeen !== after.standing.firstSeen ||
    before.services !== after.services ||
    before.environments !== after.environments ||
    before.releases !== after.releases
  );
}
