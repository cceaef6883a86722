import { Buffer } from 'node:buffer';

/** An application has few names of fields, and every record holds them; when more come, starting anew is cheap. */
const MAX_NAMES = 1000;
const MAX_LENGTH = 64;

/** Works something out once for each name. */
export function byName<T>(work: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    if (name.length > MAX_LENGTH) return work(name);
    const found = known.get(name);
    if (found !== undefined || known.has(name)) return found as T;
    const made = work(name);
    if (known.size >= MAX_NAMES) known.clear();
    // A copy: a slice would keep the whole text that it was cut from.
    known.set(Buffer.from(name).toString(), made);
    return made;
  };
}
