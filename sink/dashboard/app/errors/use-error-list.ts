import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ErrorPage, ErrorSummary } from '../../../history/history.ts';
import { listErrors } from '../server/api.ts';
import type { Failure } from '../server/client.ts';
import { onUpdates, type Update } from '../server/updates.ts';
import { leaveList, returnToList } from './left-list.ts';
import { belongs, type ListQuery } from './query.ts';

/** A page of the list; more than fits on a screen, little enough to be drawn at once. */
const PAGE = 50;
/** The server's limit: so much of a longer list is there again at once for who comes back to it. */
const MAX_PAGE = 200;
/** How many a browser holds without getting slow; whoever needs more should search. */
const MAX_HELD = 2000;

/** The list as far as it is loaded, kept up to date by the server. */
export interface ErrorList {
  readonly errors: readonly ErrorSummary[];
  /** How many match in all, where the server can tell. */
  readonly total: number | undefined;
  readonly hasMore: boolean;
  /** There is more than a browser can hold. */
  readonly isFull: boolean;
  readonly loading: boolean;
  readonly failure: Failure | undefined;
  /** What came in while the list was open: it is pointed out. */
  readonly arrived: ReadonlySet<string>;
  readonly more: () => void;
  readonly reload: () => void;
  /** Shows an error as it now stands. */
  readonly replace: (error: ErrorSummary) => void;
}

interface Held {
  readonly errors: readonly ErrorSummary[];
  readonly next: string | undefined;
  readonly total: number | undefined;
  readonly arrived: ReadonlySet<string>;
}

const NOTHING: Held = { errors: [], next: undefined, total: undefined, arrived: new Set() };

/** See {@link ErrorList}. */
export function useErrorList(query: ListQuery): ErrorList {
  const key = JSON.stringify(query);
  const [left] = useState(() => returnToList<Held>(key));
  const [held, setHeld] = useState(left?.held ?? NOTHING);
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<Failure>();
  const [round, setRound] = useState(0);
  const abort = useRef<AbortController>(undefined);
  const first = useRef(Math.min(Math.max(PAGE, left?.held.errors.length ?? 0), MAX_PAGE));
  const reload = (): void => setRound((before) => before + 1);

  const load = (cursor: string | undefined): void => {
    abort.current?.abort();
    const own = new AbortController();
    abort.current = own;
    setLoading(true);
    const { view: _view, ...wanted } = query;
    const limit = cursor === undefined ? first.current : PAGE;
    first.current = PAGE;
    void listErrors({ ...wanted, limit, ...(cursor !== undefined && { cursor }) }, own.signal).then(
      (answer) => {
        if (own.signal.aborted) return;
        setLoading(false);
        setFailure(answer.ok ? undefined : answer);
        if (answer.ok) setHeld((before) => joined(cursor === undefined ? NOTHING : before, answer.value));
      },
    );
  };

  useLayoutEffect(() => {
    if (left) scrollTo(0, left.scrolled);
  }, []);
  const latest = useRef({ key, held });
  latest.current = { key, held };
  useLayoutEffect(() => () => leaveList(latest.current), []);

  useEffect(() => {
    load(undefined);
    return () => abort.current?.abort();
  }, [key, round]);

  useEffect(
    () => onUpdates((updates) => setHeld((before) => updated(before, updates, query)), reload),
    [key],
  );

  return {
    errors: held.errors,
    total: held.total,
    arrived: held.arrived,
    hasMore: held.next !== undefined && held.errors.length < MAX_HELD,
    isFull: held.next !== undefined && held.errors.length >= MAX_HELD,
    loading,
    failure,
    reload,
    more: () => {
      if (!loading && held.next !== undefined) load(held.next);
    },
    replace: (error) =>
      setHeld((before) => ({
        ...before,
        errors: before.errors.map((one) => (one.errorHash === error.errorHash ? { ...one, ...error } : one)),
      })),
  };
}

function joined(before: Held, page: ErrorPage): Held {
  const known = new Set(before.errors.map(({ errorHash }) => errorHash));
  return {
    errors: [...before.errors, ...page.errors.filter(({ errorHash }) => !known.has(errorHash))],
    next: page.next,
    total: page.total ?? before.total,
    arrived: before.arrived,
  };
}

/**
 * What is there changes in its place: rows that move while somebody reads or clicks are worse than an order that
 * is a little old. What is new, and what came back, goes where it belongs.
 */
function updated(before: Held, updates: readonly Update[], query: ListQuery): Held {
  let errors = [...before.errors];
  let total = before.total;
  const arrived = new Set(before.arrived);
  for (const { change, ...error } of updates) {
    const index = errors.findIndex(({ errorHash }) => errorHash === error.errorHash);
    if (index >= 0 && change !== 'regressed') {
      errors[index] = error;
      continue;
    }
    if (index >= 0) errors.splice(index, 1);
    else if (!belongs(error, query)) continue;
    else if (total !== undefined && change === 'new') total += 1;
    const place = errors.findIndex((other) => rank(other, query) <= rank(error, query));
    // Behind the last one that is loaded it will come with the next page.
    if (place < 0 && before.next !== undefined) continue;
    errors.splice(place < 0 ? errors.length : place, 0, error);
    arrived.add(error.errorHash);
  }
  if (errors.length > MAX_HELD) errors = errors.slice(0, MAX_HELD);
  return { ...before, errors, total, arrived };
}

const rank = (error: ErrorSummary, { sort }: ListQuery): number => error[sort];
