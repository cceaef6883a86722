import { createHmac } from 'node:crypto';
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

/**
 * Any receiver: JSON, signed as Standard Webhooks asks: `webhook-id`, the same for every attempt, `webhook-timestamp`
 * in seconds, and `webhook-signature`, HMAC-SHA256 over `id.timestamp.body`.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function createGeneric(url: string, secret: string, now: () => number): Platform {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const request = (id: string, type: WebhookPayload['type'], data: unknown): PlatformRequest => {
    const at = now();
    const body = toJsonLine({ type, timestamp: new Date(at).toISOString(), data } satisfies WebhookPayload);
    const seconds = String(Math.floor(at / 1000));
    const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
    return {
      url,
      headers: { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` },
      body,
    };
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
