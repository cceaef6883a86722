import { PatrolError } from './errors.ts';
import type { Store } from './stores/store.ts';
import type { ErrorHash, LLMProvider, Milliseconds, Timestamp } from './types.ts';

/** What a model may be asked in one window of time: calls, and US dollars where its price is known. Undefined: no limit. */
export interface BudgetLimit {
  readonly calls?: number | undefined;
  readonly usd?: number | undefined;
}

/** Limits of what a model may be asked. Hours and days are those of UTC. */
export interface BudgetLimits {
  /** For one error, in a day. */
  readonly error?: BudgetLimit;
  /** For all errors, in an hour. */
  readonly hour?: BudgetLimit;
  /** For all errors, in a day. */
  readonly day?: BudgetLimit;
}

/** Told once a window, by one of all the processes that share the store. */
export interface BudgetReport {
  /** `used-up` when the first error has to wait, `open-again` when the window is over. */
  readonly kind: 'used-up' | 'open-again';
  /** E.g. `200 calls in an hour`. */
  readonly limit: string;
  /** Until when errors wait, or waited. */
  readonly until: Timestamp;
  /** Different errors that have had to wait so far. */
  readonly errors: number;
}

/** Options of {@link createBudget}. */
export interface BudgetOptions {
  readonly limits: BudgetLimits;
  /** Where it is counted: processes that share the store share the budget. */
  readonly store: Store;
  readonly onReport?: (report: BudgetReport) => void;
  /** Told once when the store cannot be asked: calls are made then, since errors matter more than a limit. */
  readonly onTrouble?: (problem: string) => void;
  /** @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** What may be spent on a model. */
export interface Budget {
  /**
   * Sets one call aside for an error, before anything is spent on its preparation.
   *
   * @throws {PatrolError} `BUDGET_EXCEEDED`, retryable when the next window opens, for the event that waits for it;
   *   `ANALYSED_ELSEWHERE` for every other event of an error of which one waits already.
   */
  reserve(errorHash: ErrorHash, eventId: string): Promise<Reservation>;
}

/** A call that was set aside. */
export interface Reservation {
  /** The model: its first call is the one set aside, a further one is when it is made. What they cost is added up. */
  spendOn(model: LLMProvider): LLMProvider;
  /** Gives the call back unless it was made. */
  release(): Promise<void>;
}

const HOUR: Milliseconds = 3_600_000;
const DAY: Milliseconds = 24 * HOUR;
/** For so long a process believes that a budget is used up without counting again. */
const BELIEVED_MS: Milliseconds = 5000;

interface Window extends BudgetLimit {
  readonly scope: keyof BudgetLimits;
  readonly length: Milliseconds;
  /** E.g. `in an hour`. */
  readonly words: string;
}

const WINDOWS: readonly Omit<Window, keyof BudgetLimit>[] = [
  { scope: 'error', length: DAY, words: 'for one error in a day' },
  { scope: 'hour', length: HOUR, words: 'in an hour' },
  { scope: 'day', length: DAY, words: 'in a day' },
];

/** A window that is used up. */
interface UsedUp {
  readonly window: Window;
  readonly limit: string;
  readonly until: Timestamp;
}

/**
 * A budget that is counted in a store. No more calls are made than it allows; a call in flight may take the money a
 * little over its limit: what it costs is known only afterwards. A call that the model's server turned away cost
 * nothing, and does not count.
 *
 * Above it one event of each error waits for the next window, and the others count as occurrences: what waits is
 * as much as there are errors, not as much as is logged.
 */
export function createBudget(options: BudgetOptions): Budget {
  const { limits, store, onReport, onTrouble, now = Date.now } = options;
  const windows: readonly Window[] = WINDOWS.map((window) => ({ ...window, ...limits[window.scope] })).filter(
    ({ calls, usd }) => calls !== undefined || usd !== undefined,
  );
  /** Windows that this process found used up, by their end. */
  const reported = new Map<string, UsedUp>();
  let believed: (UsedUp & { readonly asOf: Timestamp }) | undefined;
  let told = false;

  const ask = async <T>(request: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await request();
    } catch (error) {
      if (!told)
        onTrouble?.(`${store.name} cannot be asked: ${error instanceof Error ? error.message : error}`);
      told = true;
      return otherwise;
    }
  };

  const keyOf = (what: string, { scope, length }: Window, at: Timestamp, errorHash?: ErrorHash) =>
    `budget ${what} ${scope} ${Math.floor(at / length)}${scope === 'error' && errorHash ? ` ${errorHash}` : ''}`;
  const endOf = ({ length }: Window, at: Timestamp) => (Math.floor(at / length) + 1) * length;
  const add = (what: 'calls' | 'usd', window: Window, errorHash: ErrorHash, by: number, at: Timestamp) =>
    ask(() => store.increment(keyOf(what, window, at, errorHash), by, window.length), 0);

  const addCalls = (errorHash: ErrorHash, by: 1 | -1, at: Timestamp) =>
    Promise.all(
      windows.map((window) =>
        window.calls === undefined ? undefined : add('calls', window, errorHash, by, at),
      ),
    );

  /** Counts a call; when that is one too many, takes it back and says which window has the longest wait. */
  const count = async (errorHash: ErrorHash, at: Timestamp): Promise<UsedUp | undefined> => {
    const [calls, spent] = await Promise.all([
      addCalls(errorHash, 1, at),
      Promise.all(
        windows.map((window) =>
          window.usd === undefined ? undefined : add('usd', window, errorHash, 0, at),
        ),
      ),
    ]);
    const usedUp = windows.flatMap((window, index): UsedUp[] => {
      const { calls: mostCalls = Number.POSITIVE_INFINITY, usd = Number.POSITIVE_INFINITY, words } = window;
      const until = endOf(window, at);
      if ((calls[index] ?? 0) > mostCalls)
        return [{ window, limit: `${mostCalls} ${mostCalls === 1 ? 'call' : 'calls'} ${words}`, until }];
      if ((spent[index] ?? -1) >= usd) return [{ window, limit: `${usd} US dollars ${words}`, until }];
      return [];
    });
    if (usedUp.length === 0) return undefined;
    await addCalls(errorHash, -1, at);
    return usedUp.reduce((longest, one) => (one.until > longest.until ? one : longest));
  };

  /** Tells that a window is used up or over; of all processes that could, one does. */
  const report = async (kind: BudgetReport['kind'], usedUp: UsedUp): Promise<void> => {
    if (!onReport) return;
    const { window, limit, until } = usedUp;
    const inWindow = until - 1;
    const errors = await ask(() => store.increment(keyOf('waiting', window, inWindow), 0, 2 * DAY), 1);
    const mine = await ask(() => store.putIfAbsent(keyOf(kind, window, inWindow), '1', 2 * DAY), true);
    if (mine) onReport({ kind, limit, until, errors });
  };

  const reportWhatIsOver = async (at: Timestamp): Promise<void> => {
    for (const [key, usedUp] of reported) {
      if (usedUp.until > at) continue;
      reported.delete(key);
      await report('open-again', usedUp);
    }
  };

  /** Of all events of an error one waits, whichever was first, and however often it comes again meanwhile. */
  const refuse = async (usedUp: UsedUp, errorHash: ErrorHash, eventId: string, at: Timestamp) => {
    const { window, limit, until } = usedUp;
    const ticket = `budget ticket ${errorHash}`;
    const isFirst = await ask(() => store.putIfAbsent(ticket, eventId, until - at), true);
    const waits = isFirst || (await ask(() => store.get(ticket), eventId)) === eventId;
    if (isFirst) await ask(() => store.increment(keyOf('waiting', window, at), 1, 2 * DAY), 1);
    const key = keyOf('used-up', window, at);
    if (!reported.has(key)) {
      reported.set(key, usedUp);
      await report('used-up', usedUp);
    }
    return waits
      ? new PatrolError('BUDGET_EXCEEDED', `The budget of ${limit} is used up.`, {
          retryable: true,
          retryAfterMs: until - at,
        })
      : new PatrolError('ANALYSED_ELSEWHERE', 'An earlier event of this error waits until the budget opens.');
  };

  const take = async (errorHash: ErrorHash, eventId: string): Promise<Timestamp> => {
    const at = now();
    await reportWhatIsOver(at);
    const stillTrue = believed && believed.until > at && at - believed.asOf < BELIEVED_MS;
    const usedUp = stillTrue ? believed : await count(errorHash, at);
    if (!usedUp) return at;
    if (!stillTrue && usedUp.window.scope !== 'error') believed = { ...usedUp, asOf: at };
    throw await refuse(usedUp, errorHash, eventId, at);
  };

  return {
    async reserve(errorHash, eventId) {
      /** When the call was set aside; undefined once it is made. */
      let reserved: Timestamp | undefined = await take(errorHash, eventId);
      return {
        spendOn: (model) => ({
          model: model.model,
          async complete(request, call) {
            const at = reserved ?? (await take(errorHash, eventId));
            reserved = undefined;
            const began = now();
            try {
              const response = await model.complete(request, call);
              const cost = response.usage?.costUsd ?? 0;
              if (cost > 0) {
                for (const window of windows) {
                  if (window.usd !== undefined) await add('usd', window, errorHash, cost, at);
                }
              }
              return response;
            } catch (error) {
              const tookAll = now() - began >= (call?.timeoutMs ?? Number.POSITIVE_INFINITY);
              if (!tookAll && isTurnedAway(error)) await addCalls(errorHash, -1, at);
              throw error;
            }
          },
        }),
        async release() {
          if (reserved !== undefined) await addCalls(errorHash, -1, reserved);
          reserved = undefined;
        },
      };
    },
  };
}

/** A busy, broken or refusing server sends no bill; one that was cut off while it wrote does. */
function isTurnedAway(error: unknown): boolean {
  return error instanceof PatrolError && ['MODEL_UNAVAILABLE', 'MODEL_REJECTED'].includes(error.code);
}
