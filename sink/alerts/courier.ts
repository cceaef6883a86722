import pRetry from 'p-retry';
import { PatrolError } from '../../src/errors.ts';
import type { Milliseconds, Timestamp } from '../../src/types.ts';
import type { Platform, PlatformAnswer, PlatformRequest, Verdict } from './platforms/platform.ts';

/** What became of a delivery. */
export interface Outcome {
  readonly delivered: boolean;
  /** By which the platform finds the message again. */
  readonly reference?: string;
  /** The last status of HTTP that was answered; absent when nothing answered. */
  readonly status?: number;
  readonly attempts: number;
  /** Why it was not delivered; holds no address. */
  readonly problem?: string;
  /** Whether a later delivery may succeed. */
  readonly retryable?: boolean;
}

/** How often and how long a delivery is tried. */
export interface Patience {
  /** Attempts after the first. @defaultValue 5 */
  readonly retries: number;
  /** Pause after the first attempt; it doubles after each. @defaultValue 1000 */
  readonly minTimeout: Milliseconds;
  /** Time for one attempt. @defaultValue 10 000 */
  readonly attemptTimeout: Milliseconds;
}

/** See {@link Patience}. */
export const PATIENCE: Patience = { retries: 5, minTimeout: 1000, attemptTimeout: 10_000 };

const MAX_PAUSE_MS: Milliseconds = 30_000;
/** More of an answer is not read: an id and an error are short. */
const MAX_ANSWER_BYTES = 65_536;

class NotDelivered extends Error {
  readonly verdict: Verdict & { readonly delivered: false };
  constructor(verdict: Verdict & { readonly delivered: false }) {
    super(verdict.problem);
    this.verdict = verdict;
  }
}

/**
 * Sends what `write` makes, until it is delivered, refused for good, or the deadline is there. A `Retry-After` is
 * waited for where it ends before the deadline. Redirects are not followed. Never rejects.
 */
export async function deliver(
  connect: () => Promise<Platform>,
  write: (platform: Platform) => PlatformRequest,
  deadline: Timestamp,
  patience: Patience = PATIENCE,
): Promise<Outcome> {
  let attempts = 0;
  let status: number | undefined;
  const left = (): Milliseconds => deadline - Date.now();
  const attempt = async (): Promise<Outcome> => {
    attempts++;
    status = undefined;
    const platform = await connect();
    const answer = await send(write(platform), Math.max(1, Math.min(patience.attemptTimeout, left())));
    status = answer.status;
    const verdict = platform.read(answer);
    if (!verdict.delivered) throw new NotDelivered(verdict);
    return { ...verdict, status, attempts };
  };
  try {
    return await pRetry(attempt, {
      retries: patience.retries,
      minTimeout: patience.minTimeout,
      maxTimeout: MAX_PAUSE_MS,
      randomize: true,
      shouldRetry: ({ error }) => {
        const { retryable, retryAfterMs = 0 } = problemOf(error);
        return retryable && left() > retryAfterMs;
      },
      onFailedAttempt: async ({ error, retriesLeft }) => {
        const { retryable, retryAfterMs = 0 } = problemOf(error);
        if (retryable && retriesLeft > 0 && left() > retryAfterMs) await pause(retryAfterMs);
      },
      signal: AbortSignal.timeout(Math.max(1, left())),
    });
  } catch (error) {
    const { problem, retryable } = problemOf(error);
    return { delivered: false, attempts, ...(status !== undefined && { status }), problem, retryable };
  }
}

/** One request, and the beginning of its answer. */
async function send(
  { url, method = 'POST', headers, body }: PlatformRequest,
  timeout: Milliseconds,
): Promise<PlatformAnswer> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', 'user-agent': 'patrol', ...headers },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });
  return { status: response.status, headers: response.headers, text: await beginningOf(response) };
}

async function beginningOf({ body }: Response): Promise<string> {
  if (!body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}

/** What went wrong, told without the address: errors of `fetch` may quote it. */
function problemOf(error: unknown): Verdict & { readonly delivered: false } {
  if (error instanceof NotDelivered) return error.verdict;
  if (error instanceof PatrolError) {
    return { delivered: false, problem: error.message, retryable: error.retryable };
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const problem = isTimeout ? 'did not answer in time' : `could not be reached${code && ` (${code})`}`;
  return { delivered: false, problem, retryable: true };
}

function pause(ms: Milliseconds): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
