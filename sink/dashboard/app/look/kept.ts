/** A choice that this browser remembers; undefined where it does not, or may not. */
export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`patrol.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a choice in this browser. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`patrol.${name}`, value);
  } catch {
    // A browser that keeps nothing (private windows, policies) forgets it: the page works all the same.
  }
}
