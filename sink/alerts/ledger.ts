import { isRecord } from '../../src/bounds.ts';
import type { Store } from '../../src/stores/store.ts';
import type { ErrorHash, Milliseconds } from '../../src/types.ts';
import type { Occasion } from '../analysis-view.ts';
import type { Severity } from '../history/history.ts';
import type { Due } from './due.ts';

/** A message about an error, as it stands in a chat. */
export interface SentMessage {
  /** By which the platform finds it again. */
  readonly reference: string;
  readonly occasion: Occasion;
  readonly severity: Severity;
  /** The count that it shows. */
  readonly shown: number;
  /** Whether it says what somebody found out about the error. */
  readonly explained: boolean;
}

/** Who was told what. All processes that share the store share it, too. */
export interface Ledger {
  /** Of all who would tell a webhook of the same, one is told true; after a minute without {@link told} another one. */
  claim(webhook: string, errorHash: ErrorHash, due: Due): Promise<boolean>;
  /** The webhook was told, or what it is told of is kept for a digest. */
  told(webhook: string, errorHash: ErrorHash, due: Due): Promise<void>;
  /** Leaves to the process that analyses the error to tell of it. */
  leave(errorHash: ErrorHash, due: Due): Promise<void>;
  /** What another process has left. */
  left(errorHash: ErrorHash): Promise<Due | undefined>;
  message(webhook: string, errorHash: ErrorHash): Promise<SentMessage | undefined>;
  keepMessage(webhook: string, errorHash: ErrorHash, message: SentMessage): Promise<void>;
  forgetMessage(webhook: string, errorHash: ErrorHash): Promise<void>;
  /** Adds to the occurrences of an error since it was first told of, and answers the sum. */
  count(errorHash: ErrorHash, by: number): Promise<number>;
  /** True for one process in each interval. */
  mayUpdate(webhook: string, errorHash: ErrorHash, interval: Milliseconds): Promise<boolean>;
}

const HOUR: Milliseconds = 3_600_000;
const DAY: Milliseconds = 24 * HOUR;
/** How long an error is known to have been told of: it is new again only after that. */
const TOLD_MS: Milliseconds = 30 * DAY;
/** How long a process may take to tell before another takes over; longer than a delivery. */
const CLAIM_MS: Milliseconds = 180_000;
/** A spike soon after any message about the same error is part of the same storm. */
const STORM_MS: Milliseconds = HOUR;
/** How long a message is kept up to date. */
const MESSAGE_MS: Milliseconds = 7 * DAY;
const LEFT_MS: Milliseconds = HOUR;

/** See {@link Ledger}. */
export function createLedger(store: Omit<Store, 'close'>): Ledger {
  const stormKey = (webhook: string, errorHash: ErrorHash) => `alert storm ${webhook} ${errorHash}`;
  const key = (webhook: string, errorHash: ErrorHash, { occasion, eventId }: Due): string => {
    if (occasion === 'spike') return stormKey(webhook, errorHash);
    // An error is new once, but comes back now and then.
    return `alert ${occasion} ${webhook} ${errorHash}${occasion === 'new' ? '' : ` ${eventId.slice(0, 200)}`}`;
  };
  const messageKey = (webhook: string, errorHash: ErrorHash) => `alert message ${webhook} ${errorHash}`;

  return {
    claim: (webhook, errorHash, due) => store.putIfAbsent(key(webhook, errorHash, due), 'claimed', CLAIM_MS),
    async told(webhook, errorHash, due) {
      if (due.occasion !== 'spike') await store.put(key(webhook, errorHash, due), 'told', TOLD_MS);
      await store.put(stormKey(webhook, errorHash), 'told', STORM_MS);
    },
    leave: (errorHash, due) => store.put(`alert left ${errorHash}`, JSON.stringify(due), LEFT_MS),
    async left(errorHash) {
      const value = parse(await store.get(`alert left ${errorHash}`));
      return isRecord(value) ? (value as unknown as Due) : undefined;
    },
    async message(webhook, errorHash) {
      const value = parse(await store.get(messageKey(webhook, errorHash)));
      return isRecord(value) ? (value as unknown as SentMessage) : undefined;
    },
    keepMessage: (webhook, errorHash, message) =>
      store.put(messageKey(webhook, errorHash), JSON.stringify(message), MESSAGE_MS),
    forgetMessage: (webhook, errorHash) => store.put(messageKey(webhook, errorHash), 'null', 1),
    count: (errorHash, by) => store.increment(`alert count ${errorHash}`, by, TOLD_MS),
    mayUpdate: (webhook, errorHash, interval) =>
      store.putIfAbsent(`alert update ${webhook} ${errorHash}`, '1', interval),
  };
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}
