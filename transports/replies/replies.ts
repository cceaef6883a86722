import type { AnalysisRecord } from '../../src/analysis-record.ts';
import type { PatrolConfig } from '../../src/config.ts';
import type { ErrorLogEvent } from '../../src/types.ts';
import { createQueueReplies } from './sqs.ts';
import { createStreamReplies } from './stream.ts';

/** Called once for each analysis that is to stand in this application's log. */
export type OnAnalysis = (record: AnalysisRecord) => void;

/** The way back: analyses from the sink. */
export interface Replies {
  /** That error is on its way; its answer will come. The first call starts the listening. */
  expect(event: ErrorLogEvent): void;
  /** Stops at once. */
  close(): void;
}

/** The reply queue where one is named, else the HTTP sink's stream; the embedded engine needs neither. */
export function createReplies(config: PatrolConfig, onAnalysis: OnAnalysis): Replies | undefined {
  const {
    replyQueueUrl: queueUrl,
    queueUrl: eventQueueUrl,
    sinkUrl,
    sinkToken: token,
    sinkSigningKey: signingKey,
    service,
  } = config;
  if (queueUrl !== undefined) return createQueueReplies({ queueUrl, service, onAnalysis });
  if (sinkUrl === undefined || eventQueueUrl !== undefined) return undefined;
  return createStreamReplies({ sinkUrl, token, signingKey, service, onAnalysis });
}
