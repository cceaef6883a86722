import type { Milliseconds } from '../../../src/types.ts';
import type { Digest, Notice } from '../notice.ts';

/** One HTTP request of a platform. */
export interface PlatformRequest {
  readonly url: string;
  /** @defaultValue `POST` */
  readonly method?: 'POST' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** What a platform answered. */
export interface PlatformAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of the body. */
  readonly text: string;
}

/** What an answer means. */
export type Verdict =
  | {
      readonly delivered: true;
      /** By which the platform finds the message again. */
      readonly reference?: string;
    }
  | {
      readonly delivered: false;
      /** In a few words, without addresses and tokens. */
      readonly problem: string;
      /** Whether another attempt may succeed. */
      readonly retryable: boolean;
      readonly retryAfterMs?: Milliseconds | undefined;
    };

/** The port of a chat platform, or of any receiver of webhooks: what to send, and what the answer means. Pure. */
export interface Platform {
  /** A new message; or one in the thread of `previous`, where the platform has threads. */
  alert(notice: Notice, previous?: string): PlatformRequest;
  /** Writes over an earlier message. Left out where the platform cannot do that. */
  update?(notice: Notice, reference: string): PlatformRequest;
  digest(digest: Digest): PlatformRequest;
  read(answer: PlatformAnswer): Verdict;
}

/** What the status alone says: 2xx is delivered; 408, 425, 429 and 5xx pass; a redirect is not followed. */
export function readStatus({ status, headers }: PlatformAnswer, said = ''): Verdict {
  if (status >= 200 && status < 300) return { delivered: true };
  const problem =
    status >= 300 && status < 400
      ? `answered ${status}, a redirect, which is not followed`
      : `answered ${status}${said && ` (${said})`}`;
  const retryable = status >= 500 || [408, 425, 429].includes(status);
  return {
    delivered: false,
    problem,
    retryable,
    retryAfterMs: retryable ? readRetryAfter(headers) : undefined,
  };
}

/** `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3). */
function readRetryAfter(headers: Headers): Milliseconds | undefined {
  const value = headers.get('retry-after');
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** An answer as a JSON object; empty when it is none. */
export function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
