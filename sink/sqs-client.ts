import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Milliseconds } from '../src/types.ts';

/** Makes a client of SQS; loads the AWS SDK at the first call. Settings come from the SDK's own variables. */
export async function createSqsClient(requestTimeout: Milliseconds): Promise<SQSClient> {
  const { SQSClient } = await import('@aws-sdk/client-sqs');
  const { AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL } = process.env;
  return new SQSClient({
    // The SDK would take the queue URL's host even where the environment names an endpoint.
    useQueueUrlAsEndpoint: !(AWS_ENDPOINT_URL_SQS ?? AWS_ENDPOINT_URL),
    requestHandler: { connectionTimeout: 2000, requestTimeout },
  });
}
