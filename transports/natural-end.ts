/**
 * Calls `flush` when the process has nothing left to do, and again when something was recorded after that;
 * `process.exit` and signals do not come by here. One listener serves all transports of a process.
 *
 * @param version - Changes whenever something was recorded, so that a flush in vain is not repeated for ever.
 * @returns Ends it.
 */
export function onNaturalEnd(flush: () => Promise<unknown>, version: () => number): () => void {
  const entry: Entry = { flush, version, flushed: -1 };
  if (entries.size === 0) process.on('beforeExit', runAll);
  entries.add(entry);
  return () => {
    entries.delete(entry);
    if (entries.size === 0) process.off('beforeExit', runAll);
  };
}

interface Entry {
  readonly flush: () => Promise<unknown>;
  readonly version: () => number;
  flushed: number;
}

const entries = new Set<Entry>();

function runAll(): void {
  for (const entry of entries) {
    const version = entry.version();
    if (version === entry.flushed) continue;
    entry.flushed = version;
    void entry.flush();
  }
}

const exits = new Set<() => void>();
const runExits = () => {
  for (const work of exits) work();
};

/** Calls `work` when the process exits, whatever ends it but a signal. Ends by what it answers. */
export function onExit(work: () => void): () => void {
  if (exits.size === 0) process.on('exit', runExits);
  exits.add(work);
  return () => {
    exits.delete(work);
    if (exits.size === 0) process.off('exit', runExits);
  };
}
