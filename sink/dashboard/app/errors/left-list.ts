/** A list that was left. */
interface LeftList<T> {
  /** What it was a list of. */
  readonly key: string;
  readonly held: T;
  readonly scrolled: number;
}

let left: LeftList<unknown> | undefined;
let wentBack = false;
addEventListener('popstate', () => {
  wentBack = true;
});

/** Remembers a list and how far it was scrolled, for whoever comes back to it. */
export function leaveList<T>(list: Omit<LeftList<T>, 'scrolled'>): void {
  left = { ...list, scrolled: scrollY };
  wentBack = false;
}

/** The list of this key as it was left last; undefined for who came by another way than the browser's back button. */
export function returnToList<T>(key: string): LeftList<T> | undefined {
  return wentBack && left?.key === key ? (left as LeftList<T>) : undefined;
}
