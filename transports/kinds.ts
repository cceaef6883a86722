import { hashErrorLog } from '../src/hashing.ts';
import { withSourceFrames } from '../src/source-maps.ts';
import type { DropReason, ErrorLog, Timestamp } from '../src/types.ts';
import { captured, type Logged, type RecordMeta } from './forwarder-port.ts';
import { createTimeBudget } from './gate.ts';
import { createKeyMemo, type RepeatKey } from './repeat-key.ts';
import { createWaitingRoom, type Seen, type Waiting } from './waiting.ts';

/** What becomes of an error once it is known which one it is. */
export interface KindsOptions {
  /** Counts what was seen of an error; false when no event of it is open. */
  readonly count: (errorHash: string, seen: Seen, logged: Logged) => boolean;
  readonly open: (errorLog: ErrorLog, errorHash: string, seen: Seen, meta: RecordMeta) => void;
  /** Why no new kind can be opened at the moment, if so. */
  readonly refusal: () => DropReason | undefined;
  readonly drop: (reason: DropReason, records: number) => void;
  /** They were no errors after all. */
  readonly retract: (records: number) => void;
}

/** Tells of records which error they are, new ones as there is time for them. */
export interface Kinds {
  record(logged: Logged, at: Timestamp, meta: RecordMeta): void;
  /**
   * The fingerprint that is known for a key. {@link DONE} when the record needs no more attention: it waits with its
   * kind, or is dropped since no new kind can be taken. Undefined when it has to be captured.
   */
  find(key: RepeatKey, at: Timestamp): string | typeof DONE | undefined;
  /** Whether new kinds have taken what time there is in this turn of the event loop. */
  isBusy(): boolean;
  /** Deals with all that waits. */
  settle(): void;
  /** Records that wait. */
  readonly waiting: number;
}

export const DONE: unique symbol = Symbol('done');

const MAX_KEYS = { origins: 1000, messages: 8000 };

/** What the key of a record stands for. */
interface Kind {
  /** Undefined until one of its records was captured. */
  errorHash: string | undefined;
  waiting: Waiting | undefined;
}

/** See {@link Kinds}. */
export function createKinds({ count, open, refusal, drop, retract }: KindsOptions): Kinds {
  const known = createKeyMemo<Kind>(MAX_KEYS);
  const budget = createTimeBudget();
  const room = createWaitingRoom(budget);
  /** Those that wait without a key, by their fingerprints. */
  const withoutKey = new Map<string, Waiting>();

  const isFlooded = () => room.isFull() && !budget.isOpen();

  /** Why no new kind can be taken at the moment, not even to wait, if so. */
  const whyNot = (): DropReason | undefined => refusal() ?? (isFlooded() ? 'flood' : undefined);

  /** Now, if there is time, else later; never throws. */
  const nowOrLater = (at: Timestamp, work: (seen: Seen) => void): Waiting | undefined => {
    const guarded = (seen: Seen) => {
      try {
        work(seen);
      } catch {
        drop('invalid_record', seen.occurrences);
      }
    };
    const waiting: Waiting = { at, lastSeen: at, occurrences: 1, take: () => guarded(waiting) };
    if (!budget.isOpen()) {
      room.add(waiting);
      return waiting;
    }
    const began = performance.now();
    guarded(waiting);
    budget.spend(began, performance.now());
    return undefined;
  };

  const identify = (logged: ErrorLog, { fingerprint }: RecordMeta) => {
    const errorLog = withSourceFrames(logged);
    return { errorLog, ...hashErrorLog(errorLog, fingerprint ? { fingerprint } : {}) };
  };

  const byKey = (key: RepeatKey, logged: Logged, at: Timestamp, meta: RecordMeta) => {
    const found = known.get(key);
    if (found?.waiting) return room.repeat(found.waiting, at);
    const once = { at, lastSeen: at, occurrences: 1 };
    if (found?.errorHash !== undefined && count(found.errorHash, once, logged)) return;
    const reason = whyNot();
    if (reason !== undefined) return drop(reason, 1);
    const kind = found ?? { errorHash: undefined, waiting: undefined };
    if (found === undefined) known.set(key, kind);
    kind.waiting = nowOrLater(at, (seen) => {
      kind.waiting = undefined;
      const error = captured(logged);
      if (error === undefined) return retract(seen.occurrences);
      const { errorLog, errorHash } = identify(error, meta);
      kind.errorHash = errorHash;
      if (!count(errorHash, seen, errorLog)) open(errorLog, errorHash, seen, meta);
    });
  };

  /** Without a key only the fingerprint tells whether it is new. */
  const byFingerprint = (logged: Logged, at: Timestamp, meta: RecordMeta) => {
    const error = captured(logged);
    if (error === undefined) return retract(1);
    const { errorLog, errorHash } = identify(error, meta);
    const waiting = withoutKey.get(errorHash);
    if (waiting) return room.repeat(waiting, at);
    if (count(errorHash, { at, lastSeen: at, occurrences: 1 }, errorLog)) return;
    const reason = whyNot();
    if (reason !== undefined) return drop(reason, 1);
    const later = nowOrLater(at, (seen) => {
      withoutKey.delete(errorHash);
      if (!count(errorHash, seen, errorLog)) open(errorLog, errorHash, seen, meta);
    });
    if (later) withoutKey.set(errorHash, later);
  };

  return {
    record(logged, at, meta) {
      if (meta.key) byKey(meta.key, logged, at, meta);
      else byFingerprint(logged, at, meta);
    },
    find(key, at) {
      const kind = known.get(key, isFlooded);
      if (kind?.waiting) {
        room.repeat(kind.waiting, at);
        return DONE;
      }
      if (kind !== undefined) return kind.errorHash;
      // Capturing a new error that would be dropped would change nothing.
      const reason = whyNot();
      if (reason === undefined) return undefined;
      drop(reason, 1);
      return DONE;
    },
    isBusy: budget.isSpent,
    settle: () => room.empty(),
    get waiting() {
      return room.records;
    },
  };
}
