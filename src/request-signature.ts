import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { PatrolError } from './errors.ts';
import type { Milliseconds, Timestamp } from './types.ts';

/**
 * Signed requests as Standard Webhooks writes them: HMAC-SHA256 over `id.timestamp.body`, base64, in three headers.
 * Every language has a library for it. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export interface SignatureHeaders {
  /** Names the request; a receiver takes each once. */
  readonly 'webhook-id': string;
  /** Seconds since 1970. */
  readonly 'webhook-timestamp': string;
  /** `v1,…`; several, parted by blanks, while a key is replaced. */
  readonly 'webhook-signature': string;
}

/** How far the sender's clock and the receiver's may be apart, the way included: what the standard's libraries allow. */
export const MAX_SKEW: Milliseconds = 5 * 60_000;
/** Fewer bytes are easily guessed. */
const MIN_KEY_BYTES = 16;
/** Keys that hold at the same time, and signatures of one request that are looked at. */
const MAX_KEYS = 8;
const PREFIX = 'whsec_';

/**
 * The keys of a setting: one, or several parted by commas or blanks, of which the first one signs. `whsec_…` is
 * base64, as the standard has it; anything else is taken as it is.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for a key that is too short.
 */
export function readSigningKeys(setting: string): readonly Buffer[] {
  const texts = setting.split(/[\s,]+/).filter((text) => text !== '');
  const keys = texts
    .slice(0, MAX_KEYS)
    .map((text) =>
      text.startsWith(PREFIX) ? Buffer.from(text.slice(PREFIX.length), 'base64') : Buffer.from(text),
    );
  if (keys.length === 0 || keys.some((key) => key.length < MIN_KEY_BYTES)) {
    throw new PatrolError(
      'CONFIG_INVALID',
      `Expected each key of sinkSigningKey (PATROL_SINK_SIGNING_KEY) to have at least ${MIN_KEY_BYTES} bytes: make one by \`echo whsec_$(openssl rand -base64 32)\`.`,
    );
  }
  return keys;
}

/** Signs a body. Each attempt to send it is signed anew; where a receiver is to know a repeat, with the same `id`. */
export function signRequest(
  keys: readonly Buffer[],
  body: Uint8Array,
  now: Timestamp = Date.now(),
  id = `req_${randomUUID()}`,
): SignatureHeaders {
  const [key] = keys;
  const timestamp = String(Math.floor(now / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature':
      key === undefined ? '' : `v1,${digestOf(key, id, timestamp, body).toString('base64')}`,
  };
}

/** The headers of a request by their names in small letters. */
type Headers = Readonly<Record<string, string | undefined>>;

/** Whether a request claims to be signed, and recently: worth its body being read. */
export function isSignedRecently(headers: Headers, now: Timestamp): boolean {
  const timestamp = headers['webhook-timestamp'] ?? '';
  if (!headers['webhook-id'] || !headers['webhook-signature'] || !/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(now - Number(timestamp) * 1000) <= MAX_SKEW;
}

/** Whether one of the keys made one of the signatures, of this body, at this time. */
export function isSigned(
  keys: readonly Buffer[],
  headers: Headers,
  body: Uint8Array,
  now: Timestamp,
): boolean {
  if (!isSignedRecently(headers, now)) return false;
  const {
    'webhook-id': id = '',
    'webhook-timestamp': timestamp = '',
    'webhook-signature': given = '',
  } = headers;
  const signatures = given
    .split(' ', MAX_KEYS)
    .filter((text) => text.startsWith('v1,'))
    .map((text) => Buffer.from(text.slice(3), 'base64'));
  return keys.some((key) => {
    const expected = digestOf(key, id, timestamp, body);
    return signatures.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
  });
}

function digestOf(key: Buffer, id: string, timestamp: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
