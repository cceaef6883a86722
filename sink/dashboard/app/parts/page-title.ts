import { useEffect } from 'preact/hooks';
import { shown } from '../text/format.ts';

/** Names the page where the browser shows it: tab, history, screen reader. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${shown(title, 80)} · Patrol`;
  }, [title]);
}
