import { toAnalysisRecord } from '../../src/analysis-record.ts';
import type { Timestamp } from '../../src/types.ts';
import type { Notice } from './notice.ts';

/** What the test of a webhook sends: an error that nobody had. */
export function testNotice(now: Timestamp): Notice {
  const event = {
    eventId: 'test',
    timestamp: now,
    errorLog: { message: 'This is a test: alerts of Patrol arrive here.' },
    occurrences: 1,
  };
  const record = toAnalysisRecord(event, {
    errorHash: '0'.repeat(64),
    fingerprintVersion: 1,
    analysis: 'Somebody tested this webhook.',
    rootCause: 'Somebody tested this webhook.',
    suggestedFix: 'Nothing to be done.',
    confidenceScore: 100,
    confidenceReasons: [],
    category: 'unknown',
    source: 'rules',
    cached: false,
    analyzedAt: now,
    ttl: 0,
    expiresAt: now,
    evidence: [],
    nextSteps: [],
    occurrences: 1,
    promptVersion: 0,
  });
  return { id: `msg_test_${now}`, occasion: 'test', severity: 'info', record };
}
