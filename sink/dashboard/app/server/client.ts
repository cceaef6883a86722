import type { ErrorSummary } from '../../../history/history.ts';

/** What the server said: a value, or why there is none. Nothing here throws. */
export type Answer<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Failure);

/** Why there is no value. */
export interface Failure {
  /** The status of HTTP; 0 where the server could not be reached. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The error as it now stands, where somebody else was faster (409). */
  readonly current?: ErrorSummary;
}

/** What is told of a session that the server no longer knows. */
let onSignedOut = (): void => {};

/** Says whom to tell when the server asks for a sign-in. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** Reads a JSON resource of the server that served this page. */
export function get<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  return ask<T>(path, { ...(signal && { signal }) });
}

/** Sends JSON, and reads what comes back. */
export function send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer<T>> {
  return ask<T>(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function ask<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { ...init, credentials: 'same-origin' });
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    if (response.ok) return { ok: true, value: body as T };
    if (response.status === 401) onSignedOut();
    return { ok: false, status: response.status, ...failureIn(body, response.statusText) };
  } catch (cause) {
    // Left on purpose by whoever asked, or a network that is not there.
    const aborted = cause instanceof DOMException && cause.name === 'AbortError';
    return { ok: false, status: 0, code: aborted ? 'ABORTED' : 'UNREACHABLE', message: String(cause) };
  }
}

function failureIn(body: unknown, statusText: string): Omit<Failure, 'status'> {
  const { error, current } = (body ?? {}) as {
    error?: { code?: string; message?: string };
    current?: ErrorSummary;
  };
  return {
    code: error?.code ?? 'UNKNOWN',
    message: error?.message ?? statusText,
    ...(current && { current }),
  };
}
