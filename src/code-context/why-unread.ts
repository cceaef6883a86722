import { messageOf, PatrolError } from '../errors.ts';

/** Why code could not be read; completes "No source code was read: …". */
export function whyUnread(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'reading it took too long.';
  if (error instanceof PatrolError) return error.message;
  return `reading it failed (${messageOf(error)}).`;
}
