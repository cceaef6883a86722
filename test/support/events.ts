import { randomUUID } from 'node:crypto';

/** An event in the wire format, as a transport would send it. */
export function errorEvent(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    eventId: randomUUID(),
    timestamp: 1_767_225_600_000,
    service: 'orders',
    errorLog: {
      name: 'Error',
      message: 'connect ECONNREFUSED 127.0.0.1:5432',
      code: 'ECONNREFUSED',
      stackTrace:
        'Error: connect ECONNREFUSED 127.0.0.1:5432\n    at saveOrder (/app/src/orders.js:12:9)\n    at checkout (/app/src/checkout.js:40:3)',
    },
    ...fields,
  };
}

/** A record of a Lambda event of SQS. A string is the body as it is, anything else becomes JSON. */
export function sqsRecord(
  messageId: string,
  body: unknown,
  attributes: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  return {
    messageId,
    receiptHandle: `receipt-${messageId}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1767225600000', ...attributes },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:errors',
    awsRegion: 'us-east-1',
  };
}
