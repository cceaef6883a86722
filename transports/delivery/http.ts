import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { messageOf } from '../../src/errors.ts';
import { readSigningKeys, signRequest } from '../../src/request-signature.ts';
import type { Milliseconds } from '../../src/types.ts';
import { createHttpClient, type HttpClient } from '../http-client.ts';
import { type Delivery, type DeliveryOutcome, type EventBatch, retryAll } from './delivery.ts';

/** Options of {@link createHttpDelivery}. */
export interface HttpDeliveryOptions {
  /** Base URL of the sink. */
  readonly sinkUrl: string;
  readonly token?: string | undefined;
  /** Key that signs each request, see `readSigningKeys`. */
  readonly signingKey?: string | undefined;
  /** By default one of its own. */
  readonly client?: HttpClient | undefined;
}

const compress = promisify(gzip);
/** Below this gzip saves less than its header and the work cost. */
const GZIP_FROM_BYTES = 1024;

/** Delivers batches to `POST {sinkUrl}/v1/events`. */
export function createHttpDelivery(options: HttpDeliveryOptions): Delivery {
  const { sinkUrl, token, signingKey, client = createHttpClient() } = options;
  const url = new URL('v1/events', sinkUrl.endsWith('/') ? sinkUrl : `${sinkUrl}/`);
  const keys = signingKey === undefined ? [] : readSigningKeys(signingKey);

  return {
    name: 'http',
    close: () => client.close(),
    async send(batch, { signal, timeoutMs }) {
      try {
        const json = Buffer.from(JSON.stringify(batch));
        const zipped = json.length >= GZIP_FROM_BYTES ? await compress(json) : undefined;
        const body = zipped ?? json;
        const { status, headers } = await client.request({
          method: 'POST',
          url,
          headers: {
            'content-type': 'application/json',
            'content-length': String(body.length),
            ...(zipped && { 'content-encoding': 'gzip' }),
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(keys.length > 0 && signRequest(keys, body)),
          },
          body,
          signal,
          timeoutMs,
        });
        return judge(batch, status, readRetryAfter(headers['retry-after']));
      } catch (error) {
        return retryAll(batch, `POST ${url.origin}${url.pathname} failed: ${messageOf(error)}`);
      }
    },
  };
}

/**
 * 400, 413 and 422 mean that the sink understood and will not take it; a wrong token, a missing route or a
 * redirect may be mended while the application runs, so those are tried again like 429 and 5xx.
 */
function judge(batch: EventBatch, status: number, retryAfterMs: Milliseconds | undefined): DeliveryOutcome {
  if (status >= 200 && status < 300) return { retry: [], rejected: [] };
  const problem = `the sink answered ${status}`;
  if (status !== 400 && status !== 413 && status !== 422) return retryAll(batch, problem, retryAfterMs);
  if (batch.events.length > 1) return { ...retryAll(batch, problem), split: true };
  return { retry: [], rejected: batch.events.map((event) => event.eventId), problem };
}

/** Seconds or an HTTP date, as RFC 9110 section 10.2.3 allows. */
function readRetryAfter(value: string | undefined): Milliseconds | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
