import { useEffect } from 'preact/hooks';

/** Does something now and then, while somebody looks. */
export function useEvery(ms: number, act: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) act();
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
}
