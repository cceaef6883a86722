import { readSigningKeys, signRequest } from '../../../src/request-signature.ts';
import { toJsonLine } from '../../json-line.ts';
import type { Digest, Notice } from '../notice.ts';
import { type Platform, type PlatformRequest, readStatus } from './platform.ts';

/** What a generic webhook is sent: the envelope of Standard Webhooks. */
export interface WebhookPayload {
  readonly type: 'error.new' | 'error.regressed' | 'error.spike' | 'error.test' | 'error.digest';
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: unknown;
}

/** Any receiver: JSON, signed as Standard Webhooks asks, with a `webhook-id` that is the same for every attempt. */
export function createGeneric(url: string, secret: string, now: () => number): Platform {
  const keys = readSigningKeys(secret);
  const request = (id: string, type: WebhookPayload['type'], data: unknown): PlatformRequest => {
    const at = now();
    const body = toJsonLine({ type, timestamp: new Date(at).toISOString(), data } satisfies WebhookPayload);
    return { url, headers: { ...signRequest(keys, Buffer.from(body), at, id) }, body };
  };
  return {
    alert: (notice) => request(notice.id, `error.${notice.occasion}`, dataOf(notice)),
    digest: ({ id, ...digest }) => request(id, 'error.digest', datesOf(digest)),
    read: readStatus,
  };
}

function dataOf({ severity, environment, record }: Notice): unknown {
  return { severity, ...(environment !== undefined && { environment }), ...record };
}

function datesOf({ from, until, ...digest }: Omit<Digest, 'id'>): unknown {
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString(), ...digest };
}
