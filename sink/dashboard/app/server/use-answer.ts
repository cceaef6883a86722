import { useEffect, useState } from 'preact/hooks';
import type { Answer, Failure } from './client.ts';

/** What a page has of something that it asked for. The last value stays while it is asked for again. */
export interface Asked<T> {
  readonly value: T | undefined;
  readonly failure: Failure | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
  /** Puts a newer value in its place, without asking. */
  readonly replace: (value: T) => void;
}

/** Asks again whenever one of `inputs` changes; an answer that is no longer wanted is dropped. */
export function useAnswer<T>(
  ask: (signal: AbortSignal) => Promise<Answer<T>>,
  inputs: readonly (string | number | undefined)[],
): Asked<T> {
  const [state, setState] = useState<Pick<Asked<T>, 'value' | 'failure' | 'loading'>>({
    value: undefined,
    failure: undefined,
    loading: true,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    void ask(abort.signal).then((answer) => {
      if (abort.signal.aborted) return;
      setState((before) =>
        answer.ok
          ? { value: answer.value, failure: undefined, loading: false }
          : { value: before.value, failure: answer, loading: false },
      );
    });
    return () => abort.abort();
  }, [...inputs, round]);
  return {
    ...state,
    reload: () => setRound((before) => before + 1),
    replace: (value) => setState({ value, failure: undefined, loading: false }),
  };
}
