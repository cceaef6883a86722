import { createHash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isSigned, isSignedRecently, MAX_SKEW, readSigningKeys } from '../src/request-signature.ts';
import type { Timestamp } from '../src/types.ts';

/** A secret, or where it is to be had while it changes. */
export type CurrentSecret = string | undefined | (() => string | undefined);

/** What a request shows of itself. */
interface Shown {
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Says which requests of applications are let in. */
export interface Gate {
  /** True when the body is worth reading: the headers promise a token, or a signature of late. */
  admits(request: Shown): boolean;
  /**
   * True when the request carries the token, or a signature of its body that was not seen before; or when neither
   * is asked for. To be called once for each request.
   */
  accepts(request: Shown & { readonly body: Uint8Array }): boolean;
}

/** Options of {@link createGate}. Without either all are let in; with both either will do. */
export interface GateOptions {
  /** Bearer token. */
  readonly token?: CurrentSecret;
  /** Key of signed requests, see `readSigningKeys`. */
  readonly signingKey?: CurrentSecret;
  /** @defaultValue `Date.now` */
  readonly now?: () => Timestamp;
}

/** Signed requests that are remembered, so that none is taken twice. */
const MAX_SEEN = 100_000;

/** @throws {PatrolError} `CONFIG_INVALID` for a key that is too short. */
export function createGate({ token, signingKey, now = Date.now }: GateOptions): Gate {
  // Made for the first signed request: room for so many takes as long as a tenth of a cold start.
  let seen: LRUCache<string, true> | undefined;
  let read: { readonly setting: string; readonly keys: readonly Buffer[] } | undefined;
  const keysNow = (): readonly Buffer[] | undefined => {
    const setting = current(signingKey);
    if (setting === undefined) return undefined;
    if (read?.setting !== setting) read = { setting, keys: readSigningKeys(setting) };
    return read.keys;
  };
  keysNow();

  const isOpen = (): boolean => current(token) === undefined && current(signingKey) === undefined;
  const hasToken = (request: Shown): boolean => {
    const expected = current(token);
    return expected !== undefined && isAuthorized(request, expected);
  };

  return {
    admits: (request) =>
      isOpen() ||
      hasToken(request) ||
      (current(signingKey) !== undefined && isSignedRecently(request.headers, now())),
    accepts(request) {
      if (isOpen() || hasToken(request)) return true;
      const keys = keysNow();
      if (keys === undefined || !isSigned(keys, request.headers, request.body, now())) return false;
      const id = request.headers['webhook-id'] ?? '';
      // In both directions of the clock.
      seen ??= new LRUCache<string, true>({ max: MAX_SEEN, ttl: 2 * MAX_SKEW, perf: { now } });
      if (seen.has(id)) return false;
      seen.set(id, true);
      return true;
    },
  };
}

const current = (secret: CurrentSecret): string | undefined =>
  typeof secret === 'function' ? secret() : secret;

/** True when the request carries the token, or none is asked for. */
export function isAuthorized({ headers }: Shown, secret: CurrentSecret): boolean {
  const token = current(secret);
  if (token === undefined) return true;
  return isSameSecret(bearerToken(headers.authorization) ?? '', token);
}

/** The token of an `authorization` header; undefined where there is none of this kind. */
export function bearerToken(authorization = ''): string | undefined {
  return /^Bearer +(\S+)\s*$/i.exec(authorization)?.[1];
}

/** Compares in a time that tells nothing of the secret. */
export function isSameSecret(given: string, secret: string): boolean {
  // Digests have equal length, so that the comparison tells nothing of the secret's.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
