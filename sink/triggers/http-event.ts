import { isRecord } from '../../src/bounds.ts';
import type { SinkRequest, SinkResponse } from '../http.ts';

/** What a Function URL and API Gateway expect as the answer. */
export interface HttpEventResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

/** Reads a request of a Function URL, of API Gateway (v1 and v2) or of a load balancer; undefined for what is none. */
export function readHttpEvent(input: unknown): SinkRequest | undefined {
  if (!isRecord(input) || !isRecord(input.requestContext)) return undefined;
  const { http } = input.requestContext;
  const method = isRecord(http) ? http.method : input.httpMethod;
  const path = isRecord(http) ? (input.rawPath ?? http.path) : input.path;
  if (typeof method !== 'string' || typeof path !== 'string') return undefined;
  const body = typeof input.body === 'string' ? input.body : '';
  return {
    method,
    path,
    headers: { ...headersOf(input.multiValueHeaders), ...headersOf(input.headers) },
    body: Buffer.from(body, input.isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** See {@link HttpEventResponse}. */
export function toHttpEventResponse({ status, headers = {}, body }: SinkResponse): HttpEventResponse {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body ?? {}),
    isBase64Encoded: false,
  };
}

function headersOf(headers: unknown): Record<string, string> {
  if (!isRecord(headers)) return {};
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]): [string, string][] => {
      const text = Array.isArray(value) ? value[0] : value;
      return typeof text === 'string' ? [[name.toLowerCase(), text]] : [];
    }),
  );
}
