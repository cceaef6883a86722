import { messageOf } from '../../src/errors.ts';
import type { Milliseconds } from '../../src/types.ts';

/** The longest that one part may take to answer. */
export const TIMEOUT: Milliseconds = 10_000;

/** Told what a server's clock says. */
export type OnClock = (server: string, time: number) => void;

/** A request whose answer also tells the server's clock. */
export async function ask(url: string, init: RequestInit, onClock: OnClock): Promise<Response> {
  const began = Date.now();
  const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT) });
  const date = Date.parse(response.headers.get('date') ?? '');
  // The header says when the answer was begun, on average half-way.
  if (Number.isFinite(date)) onClock(new URL(url).host, date - (Date.now() - began) / 2);
  return response;
}

/** Why a host could not be reached: `fetch` hides it in the cause. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}
