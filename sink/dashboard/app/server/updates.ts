import { type Signal, signal } from '@preact/signals';
import type { Arrival, ErrorSummary } from '../../../history/history.ts';

/** What the server pushes: an error as it now stands, and what changed. */
export type Update = ErrorSummary & { readonly change?: Arrival['change'] };

/** Gets the latest state of each error that changed since it was last called. */
export type UpdateListener = (updates: readonly Update[]) => void;

/** Whether updates come in. `waiting`: the browser tries again by itself. */
export const live: Signal<'waiting' | 'on'> = signal('waiting');

/** Often enough to look live, seldom enough that a storm of events does not keep the page from being read. */
const GATHER_MS = 250;
const RETRY_MS = 5000;

const listeners = new Set<UpdateListener>();
const reconnectListeners = new Set<() => void>();
const gathered = new Map<string, Update>();
let source: EventSource | undefined;
let interrupted = false;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Starts to listen; once is enough for all pages. */
export function openUpdates(): void {
  if (source) return;
  source = new EventSource('/v1/updates');
  source.addEventListener('open', () => {
    live.value = 'on';
    if (interrupted) for (const listener of reconnectListeners) listener();
    interrupted = false;
  });
  source.addEventListener('error', (event) => {
    // The server's event has the name that the browser gives to a broken connection; only the former carries data.
    if (event instanceof MessageEvent) return readUpdate(event);
    live.value = 'waiting';
    interrupted = true;
    // The browser gives up for good when it is answered anything but a stream: a proxy during a deploy.
    if (source?.readyState === EventSource.CLOSED) {
      closeUpdates();
      retry = setTimeout(openUpdates, RETRY_MS);
    }
  });
}

/** Stops to listen. */
export function closeUpdates(): void {
  clearTimeout(retry);
  source?.close();
  source = undefined;
  live.value = 'waiting';
}

function readUpdate(event: MessageEvent<unknown>): void {
  if (typeof event.data !== 'string') return;
  const update = JSON.parse(event.data) as Update;
  // What is gathered already is about to be told.
  const isFirst = gathered.size === 0;
  gathered.set(update.errorHash, update);
  if (!isFirst) return;
  setTimeout(() => {
    const updates = [...gathered.values()];
    gathered.clear();
    for (const listener of listeners) listener(updates);
  }, GATHER_MS);
}

/** Listens until the returned function is called. `reconnected` is called when updates may have been missed. */
export function onUpdates(listener: UpdateListener, reconnected: () => void): () => void {
  listeners.add(listener);
  reconnectListeners.add(reconnected);
  return () => {
    listeners.delete(listener);
    reconnectListeners.delete(reconnected);
  };
}
