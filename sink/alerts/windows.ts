import { isRecord } from '../../src/bounds.ts';
import type { Store } from '../../src/stores/store.ts';
import type { Milliseconds, Timestamp } from '../../src/types.ts';
import { SEVERITIES, type Severity } from '../history/history.ts';
import type { Digest, DigestEntry } from './notice.ts';
import { quietStretch } from './quiet-hours.ts';
import type { Webhook } from './webhook.ts';

/** A stretch of time of a webhook, at whose end comes a digest of what did not go out singly. */
export interface Window {
  /** Its name in the store. */
  readonly key: string;
  readonly from: Timestamp;
  readonly until: Timestamp;
  readonly because: Digest['because'];
}

/** A window whose digest is this process's to send. */
export interface EndedWindow {
  readonly digest: Digest;
  /** It was sent, or never can be. */
  done(): Promise<void>;
  /** It is to be tried again later, by whoever comes first. */
  again(): Promise<void>;
}

/** Which alerts go out singly, and what becomes of the others. All processes that share the store share it, too. */
export interface Windows {
  /** Counts an alert; undefined where it may go out singly, else the window in whose digest it belongs. */
  admit(webhook: Webhook, severity: Severity): Promise<Window | undefined>;
  /** The window of now, for what could not be delivered singly. */
  current(webhook: Webhook, severity: Severity): Window;
  /** Keeps an alert for the digest of a window. */
  hold(webhook: Webhook, window: Window, entry: DigestEntry): Promise<void>;
  /** The earliest end of a window in which this process held something; undefined when there is none. */
  readonly nextEnd: Timestamp | undefined;
  /**
   * Takes the windows that have ended, each given to one process only.
   *
   * @param early - Those too that are still open, but for quiet hours: the process ends.
   */
  takeEnded(webhook: Webhook, early?: boolean): Promise<readonly EndedWindow[]>;
}

/** Alerts that are kept for one digest; the rest are only counted. More than any platform's digest lists. */
const MAX_ENTRIES = 60;
/** Windows of a webhook whose digests are due; beyond them the oldest are forgotten. */
const MAX_PENDING = 50;
/** Another process may still be writing what belongs in a window that has just ended. */
const GRACE_MS: Milliseconds = 1000;
/** How long a digest may take to be sent before another process takes over. */
const LEASE_MS: Milliseconds = 300_000;
/** How long what belongs to a window is kept after its end: so long a digest that cannot be delivered is tried. */
const KEEP_MS: Milliseconds = 86_400_000;

/** See {@link Windows}. */
export function createWindows(store: Omit<Store, 'close'>, now: () => number): Windows {
  const ends = new Set<Timestamp>();
  const lifetime = ({ until }: Window) => Math.max(0, until - now()) + KEEP_MS;

  const current = ({ id, rateLimit, quietHours }: Webhook, severity: Severity): Window => {
    const quiet = quietHours && quietStretch(quietHours, now());
    if (quiet && severity !== 'critical') {
      return { key: `alert quiet ${id} ${quiet.until}`, ...quiet, because: 'quiet' };
    }
    const length = rateLimit.seconds * 1000;
    const begun = Math.floor(now() / length) * length;
    // A window of its own from where the quiet hours begin: all that is in it is critical.
    const from = Math.max(begun, quiet?.from ?? 0);
    return { key: `alert window ${id} ${from}`, from, until: begun + length, because: 'rate' };
  };

  /** Edits the list of windows that hold something; others may edit it at the same time. */
  const edit = async (
    { id }: Webhook,
    change: (windows: readonly Window[]) => readonly Window[],
  ): Promise<void> => {
    const key = `alert pending ${id}`;
    for (let attempt = 0; attempt < 10; attempt++) {
      const text = await store.get(key);
      const next = JSON.stringify(change(parseWindows(text)).slice(-MAX_PENDING));
      const done =
        text === undefined
          ? await store.putIfAbsent(key, next, 2 * KEEP_MS)
          : await store.replace(key, text, next, 2 * KEEP_MS);
      if (done) return;
    }
  };

  const read = async (window: Window): Promise<Digest> => {
    const { key, from, until, because } = window;
    const total = await store.increment(`${key} held`, 0, KEEP_MS);
    const numbers = Array.from({ length: Math.min(MAX_ENTRIES, total) }, (_, index) => index + 1);
    const texts = await Promise.all(numbers.map((number) => store.get(`${key} entry ${number}`)));
    const entries = texts.flatMap(parseEntry);
    entries.sort((one, other) => SEVERITIES.indexOf(other.severity) - SEVERITIES.indexOf(one.severity));
    return { id: `digest-${key.replaceAll(' ', '-')}`, from, until, because, total, entries };
  };

  const take = async (webhook: Webhook, window: Window): Promise<EndedWindow | undefined> => {
    const lease = `${window.key} digest`;
    const owner = String(Math.random());
    if (!(await store.putIfAbsent(lease, owner, LEASE_MS))) return undefined;
    return {
      digest: await read(window),
      async done() {
        await store.replace(lease, owner, 'done', lifetime(window));
        await edit(webhook, (windows) => windows.filter(({ key }) => key !== window.key));
      },
      again: () => store.remove(lease, owner),
    };
  };

  return {
    current,
    get nextEnd() {
      return ends.size === 0 ? undefined : Math.min(...ends);
    },
    async admit(webhook, severity) {
      const window = current(webhook, severity);
      if (window.because === 'quiet') return window;
      const number = await store.increment(window.key, 1, lifetime(window));
      return number <= webhook.rateLimit.messages ? undefined : window;
    },
    async hold(webhook, window, entry) {
      const number = await store.increment(`${window.key} held`, 1, lifetime(window));
      if (number <= MAX_ENTRIES) {
        await store.put(`${window.key} entry ${number}`, JSON.stringify(entry), lifetime(window));
      }
      if (number === 1) {
        await edit(webhook, (windows) => [...windows.filter(({ key }) => key !== window.key), window]);
      }
      ends.add(window.until + GRACE_MS);
    },
    async takeEnded(webhook, early = false) {
      const pending = parseWindows(await store.get(`alert pending ${webhook.id}`));
      for (const end of ends) if (end <= now()) ends.delete(end);
      const quiet = webhook.quietHours && quietStretch(webhook.quietHours, now());
      const ended = pending.filter(({ from, until, because }) => {
        // What was held back before the quiet hours waits for their end.
        if (quiet && from < quiet.from) return false;
        return until + GRACE_MS <= now() || (early && because === 'rate');
      });
      const taken: EndedWindow[] = [];
      for (const window of ended) {
        if (now() - window.until > KEEP_MS) {
          await edit(webhook, (windows) => windows.filter(({ key }) => key !== window.key));
          continue;
        }
        const one = await take(webhook, window);
        if (one) taken.push(one);
      }
      return taken;
    },
  };
}

function parseWindows(text: string | undefined): readonly Window[] {
  const value: unknown = text === undefined ? [] : JSON.parse(text);
  return Array.isArray(value) ? value.filter(isWindow) : [];
}

function isWindow(value: unknown): value is Window {
  return (
    isRecord(value) &&
    typeof value.key === 'string' &&
    typeof value.from === 'number' &&
    typeof value.until === 'number'
  );
}

function parseEntry(text: string | undefined): DigestEntry[] {
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  return isRecord(value) ? [value as unknown as DigestEntry] : [];
}
