import { randomUUID } from 'node:crypto';
import type { AnalysisFields, AnalysisRecord } from '../../src/analysis-record.ts';

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

/** The record of an analysis as the sink replies with it. */
export function analysisRecord(fields: Partial<AnalysisFields> = {}): AnalysisRecord {
  return {
    msg: 'Patrol (90 %) at src/orders.js:12: Nothing listens there. Fix: Start PostgreSQL.',
    patrol: {
      event: 'analysis',
      eventId: randomUUID(),
      message: 'connect ECONNREFUSED 127.0.0.1:5432',
      errorHash: 'a'.repeat(64),
      fingerprintVersion: 1,
      rootCause: 'Nothing listens on 127.0.0.1:5432.',
      suggestedFix: 'Start PostgreSQL, or correct DATABASE_URL.',
      analysis: 'Nothing listens on 127.0.0.1:5432. Start PostgreSQL, or correct DATABASE_URL.',
      confidenceScore: 90,
      confidenceReasons: ['The known-error rule node-econnrefused matches the error.'],
      category: 'network',
      source: 'rules',
      ruleId: 'node-econnrefused',
      location: 'src/orders.js:12 (saveOrder)',
      evidence: [{ file: 'src/orders.js', line: 12, quote: 'await db.connect();', verified: true }],
      nextSteps: [],
      cached: false,
      occurrences: 1,
      aiGenerated: false,
      ...fields,
    },
  };
}

const SHA = 'c0ffee1234'.repeat(4);

/** A commit as the code host shows it. */
export const UNLINKED_COMMIT: NonNullable<AnalysisFields['suspectCommits']>[number] = {
  sha: SHA,
  author: 'Ada',
  date: '2026-01-02T03:04:05.000Z',
  message: 'Pool',
  file: 'src/orders.js',
};

/** The same, with its address. */
export const COMMIT: typeof UNLINKED_COMMIT & { readonly url: string } = {
  ...UNLINKED_COMMIT,
  url: `https://github.com/acme/shop/commit/${SHA}`,
};

/** What may stand in the place of a commit's address and is none. */
export const FOREIGN_ADDRESSES: readonly string[] = [
  'javascript:alert(1)',
  `http://evil.example/acme/shop/commit/${SHA}`,
  'https://evil.example/',
  `https://evil.example/a/b/commit/${'b'.repeat(40)}`,
  `https://evil.example/a/b/commit/${SHA}|Open> <!channel`,
  `https://evil.example/a/b/commit/${SHA}"onclick="x`,
  `https://evil.example/a/b/commit/${SHA}) [Open](https://evil.example`,
  `https://user:pass@evil.example/a/b/commit/${SHA}`,
];
