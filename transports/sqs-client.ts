import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Milliseconds } from '../src/types.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';

/** The AWS client and what goes with it. */
export interface SqsConnection {
  readonly sdk: typeof import('@aws-sdk/client-sqs');
  readonly client: SQSClient;
  close(): void;
}

/**
 * An SQS client for one queue. It speaks to the queue URL's own host unless `AWS_ENDPOINT_URL` names another,
 * takes the region from the URL where the environment names none, tries once (the forwarder tries again), and
 * holds no process alive. Loads the AWS SDK at the first call.
 */
export async function connectSqs(queueUrl: string, timeoutMs: Milliseconds): Promise<SqsConnection> {
  const sdk = await import('@aws-sdk/client-sqs');
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SQS } = process.env;
  const region = AWS_REGION ?? AWS_DEFAULT_REGION ?? regionOf(queueUrl);
  const http = createHttpClient();
  const client = new sdk.SQSClient({
    ...(region !== undefined && { region }),
    ...((AWS_ENDPOINT_URL_SQS ?? AWS_ENDPOINT_URL)
      ? { useQueueUrlAsEndpoint: false }
      : { endpoint: new URL(queueUrl).origin }),
    maxAttempts: 1,
    requestHandler: createRequestHandler(http, timeoutMs),
  });
  return {
    sdk,
    client,
    close() {
      client.destroy();
      http.close();
    },
  };
}

/** `https://sqs.<region>.amazonaws.com/…`, its VPC and dual-stack forms, and the old `<region>.queue.amazonaws.com`. */
export function regionOf(queueUrl: string): string | undefined {
  const { hostname } = new URL(queueUrl);
  if (!/\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/.test(hostname)) return undefined;
  return /(?:^|\.)((?:[a-z]{2}|us-gov|us-iso|us-isob)-[a-z]+-\d)\./.exec(hostname)?.[1];
}

/** The part of the SDK's `HttpRequest` that is used here. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

function createRequestHandler(http: HttpClient, timeoutMs: Milliseconds) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, options: { abortSignal?: unknown } = {}) {
      const port = request.port === undefined ? '' : `:${request.port}`;
      const { status, headers, body } = await http.request({
        method: request.method,
        url: new URL(`${request.protocol}//${request.hostname}${port}${request.path}`),
        headers: request.headers,
        ...((typeof request.body === 'string' || request.body instanceof Uint8Array) && {
          body: request.body,
        }),
        ...(options.abortSignal instanceof AbortSignal && { signal: options.abortSignal }),
        timeoutMs,
      });
      return { response: { statusCode: status, headers: flatten(headers), body } };
    },
    destroy: () => http.close(),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
