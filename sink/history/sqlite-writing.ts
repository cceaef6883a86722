import { LRUCache } from 'lru-cache';
import { redact } from '../../src/redaction.ts';
import type { AnalysisResult, ErrorHash, Timestamp } from '../../src/types.ts';
import { figuresOf } from './figures.ts';
import type { Arrival, ErrorAction, TakenEvent } from './history.ts';
import { firstSeenAt, seenAt, shownMessage, withName } from './shown.ts';
import { counted, firstRate } from './spikes.ts';
import { createBelongings } from './sqlite-belongings.ts';
import type { Buckets } from './sqlite-buckets.ts';
import { createCounts } from './sqlite-counts.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { createReleases } from './sqlite-releases.ts';
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

/** See {@link Writing}. */
export function createWriting(file: SqliteFile, buckets: Buckets, now: () => Timestamp): Writing {
  const atHand = new LRUCache<ErrorHash, StoredError>({ max: MAX_AT_HAND });
  const changed = new Set<StoredError>();
  const fresh = new Set<StoredError>();
  /** Changed in more than what every occurrence changes. */
  const moved = new Set<StoredError>();
  const lastId = () => number(file.get("SELECT seq FROM sqlite_sequence WHERE name = 'errors'")?.seq);
  let nextId = lastId() + 1;
  const ids = openTakenIds(file);
  const belongings = createBelongings(file, now);
  const counts = createCounts(file, buckets, now);
  const releases = createReleases(file, now);

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
    belongings.index(error.id, [errorHash, name, message, event.service, event.errorLog.code]);
    fresh.add(error);
    atHand.set(errorHash, error);
    return error;
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

  return {
    end() {
      for (const error of changed) {
        const write = fresh.has(error) ? insertError : moved.has(error) ? updateError : updateCount;
        write(file, error);
      }
      ids.write();
      counts.write();
      for (const gathered of [changed, fresh, moved]) gathered.clear();
    },
    committed: ids.committed,
    forget() {
      for (const all of [changed, fresh, moved, atHand]) all.clear();
      counts.forget();
      releases.forget();
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
        olderRelease: releases.isOlder(release, error.standing.resolvedIn),
      });
      if (entry) belongings.note(error, 'patrol', entry);
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
      counts.add(error, event.service ?? '', at, event.occurrences);
      belongings.keepSample(error, taken, at);
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
      counts.addFigures(event.service ?? '', figuresOf(result, now() - event.timestamp));
      const error = find(errorHash);
      if (!error || result.analyzedAt <= error.analysedAt) return;
      belongings.keepAnalysis(error, taken, result);
      changed.add(error);
    },
    find,
    drop(errorHash) {
      atHand.delete(errorHash);
    },
    act(error, action, by) {
      if (action.action === 'resolve' && action.release !== undefined) releases.seen(action.release);
      error.standing = act(error.standing, action, now());
      changed.add(error);
      moved.add(error);
      belongings.note(error, by, action);
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
