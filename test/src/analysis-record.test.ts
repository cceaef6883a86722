import { describe, expect, test } from 'vitest';
import {
  isPatrolRecord,
  parseAnalysisRecord,
  toAnalysisRecord,
  toDropRecord,
} from '../../src/analysis-record.ts';
import type { AnalysisResult, ErrorLogEvent } from '../../src/types.ts';

const event: ErrorLogEvent = {
  eventId: 'e-1',
  timestamp: 1,
  occurrences: 3,
  service: 'shop',
  errorLog: { message: 'boom', context: { reqId: 'r-1', traceId: 't-1', other: 'x' } },
};
const result: AnalysisResult = {
  errorHash: 'a'.repeat(64),
  fingerprintVersion: 1,
  promptVersion: 1,
  analysis: 'long text',
  rootCause: 'The price is\nmissing.',
  suggestedFix: 'Check it.',
  confidenceScore: 80,
  confidenceReasons: ['because'],
  category: 'bug',
  source: 'llm',
  cached: false,
  analyzedAt: 1,
  ttl: 60,
  expiresAt: 60_001,
  location: { file: 'src/cart.js', line: 7, function: 'total' },
  evidence: [],
  nextSteps: [],
  model: 'gpt-4o-mini',
  usage: { promptTokens: 1, completionTokens: 1, totalTokens: 2, costUsd: 0.001 },
  occurrences: 3,
};

describe('the record of an analysis', () => {
  test('bears the trace of a record that logged nothing but the header', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const traced = { ...event, errorLog: { message: 'boom', context: { traceparent } } };
    expect(toAnalysisRecord(traced, result).correlation).toEqual({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
    });
  });

  test('says place, cause, fix and confidence in one line', () => {
    expect(toAnalysisRecord(event, result).msg).toBe(
      'Patrol (80 % sure, AI-generated) at src/cart.js:7: The price is missing. Fix: Check it.',
    );
  });

  test('says why a model found none', () => {
    const none = {
      ...result,
      rootCause: '',
      suggestedFix: '',
      analysis: 'No root cause found, because …\nmore',
    };
    expect(toAnalysisRecord(event, none).msg).toBe(
      'Patrol (80 % sure, AI-generated) at src/cart.js:7: No root cause found, because …',
    );
  });

  test('claims no model for what a rule answered', () => {
    expect(toAnalysisRecord(event, { ...result, source: 'rules' }).msg).toMatch(/^Patrol \(80 % sure\) at/);
  });

  test('holds nothing of the event that a person cannot see', () => {
    const hidden = {
      ...event,
      errorLog: { message: 'a\u001b[2Kb\u202ec\u2028d', context: { reqId: 'r\u0085\u009b1' } },
    };
    const record = toAnalysisRecord(hidden, result);
    expect(record.patrol.message).toBe('abc\nd');
    expect(record.correlation).toEqual({ reqId: 'r\n1' });
  });

  test('says openly when there is no cause', () => {
    const nothing = {
      ...result,
      source: 'none' as const,
      rootCause: '',
      analysis: 'No root cause found, because it is new.\n> 7 | x',
    };
    expect(toAnalysisRecord(event, nothing).msg).toBe(
      'Patrol at src/cart.js:7: No root cause found, because it is new.',
    );
  });

  test('carries the fields by which the log lines of one request are found', () => {
    expect(toAnalysisRecord(event, result).correlation).toEqual({ reqId: 'r-1', traceId: 't-1' });
  });

  test('is marked as AI-generated only when a model wrote it', () => {
    expect(toAnalysisRecord(event, result).patrol.aiGenerated).toBe(true);
    expect(toAnalysisRecord(event, { ...result, source: 'rules' }).patrol.aiGenerated).toBe(false);
  });

  test('survives the way over a queue', () => {
    const record = toAnalysisRecord(event, result);
    expect(parseAnalysisRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  });

  test.each([
    undefined,
    null,
    7,
    'text',
    [],
    {},
    { msg: 'x' },
    { msg: 'x', patrol: {} },
    { msg: 1, patrol: { event: 'analysis', eventId: 'e' } },
    { msg: 'Patrol', patrol: { event: 'analysis', eventId: 'e' } },
    { ...toAnalysisRecord(event, result), correlation: { err: 'x' } },
    { ...toAnalysisRecord(event, result), msg: 'boom' },
    toDropRecord({ closed: 1 }),
  ])('is not seen in %j', (value) => expect(parseAnalysisRecord(value)).toBeUndefined());
});

describe("Patrol's own records", () => {
  test('are recognised, so that they are never captured', () => {
    expect(isPatrolRecord(toAnalysisRecord(event, result))).toBe(true);
    expect(isPatrolRecord(toDropRecord({ buffer_full: 2 }))).toBe(true);
    expect(isPatrolRecord({ msg: 'boom', patrol: 'yes' })).toBe(false);
  });

  test('are recognised in the form of any logger, of any process', () => {
    const { msg, patrol } = toAnalysisRecord(event, result);
    const line = JSON.stringify({ level: 50, time: 1, msg, reqId: 'r1', patrol });
    expect(isPatrolRecord(JSON.parse(line))).toBe(true);
    expect(isPatrolRecord({ level: 'error', message: `12:00 [error] ${msg}`, patrol })).toBe(true);
    expect(isPatrolRecord({ text: msg, patrol })).toBe(true);
    for (const before of [
      '2026-01-01T10:00:00.000Z ',
      '[api] ',
      '[Thu Jan 01 2026 10:00:00 AM] (orders) ERROR - ',
      '\u001b[31merror\u001b[39m: ',
    ])
      expect(isPatrolRecord({ message: before + msg, patrol })).toBe(true);
  });

  test('are not what only claims to be one: an error must not be hidden by a field', () => {
    const { msg, patrol } = toAnalysisRecord(event, result);
    const { errorHash, ...torn } = patrol;
    expect(errorHash).toHaveLength(64);
    for (const record of [
      { msg, patrol: { event: 'analysis' } },
      { msg, patrol: torn },
      { msg: 'payment failed', patrol },
      { message: 'payment failed', msg, patrol },
      // winston joins the message of a logged object to its own.
      { message: `payment failed ${msg}`, patrol },
      { message: `failed: ${msg}`, patrol },
      { message: `Patroller gone: ${msg}`, patrol },
      { patrol },
      { reqId: 'r1', patrol },
      { msg, patrol, err: new Error('payment failed') },
      { msg, patrol, stack: 'Error: payment failed' },
      { msg: 'Patrol dropped 2', patrol: { event: 'dropped' } },
      { msg: 'payment failed', patrol: { event: 'dropped', dropped: { closed: 1 } } },
    ])
      expect(isPatrolRecord(record)).toBe(false);
  });

  test('tell how many events were dropped and why', () => {
    expect(toDropRecord({ buffer_full: 2, too_large: 1 })).toEqual({
      msg: 'Patrol dropped 2 buffer_full, 1 too_large',
      patrol: { event: 'dropped', dropped: { buffer_full: 2, too_large: 1 } },
    });
  });
});

describe('the suspect commits of a record', () => {
  const commit = {
    sha: 'b'.repeat(40),
    author: 'Ada',
    date: Date.UTC(2026, 3, 12, 9),
    message: 'Mend the cart',
    url: 'https://github.com/acme/shop/commit/b',
    file: 'src/cart.js',
  };

  test('are the result’s, with dates that people can read', () => {
    const { patrol } = toAnalysisRecord(event, { ...result, suspectCommits: [commit] });
    expect(patrol.suspectCommits).toEqual([{ ...commit, date: '2026-04-12T09:00:00.000Z' }]);
  });

  test('are absent where none is known', () => {
    expect(toAnalysisRecord(event, result).patrol).not.toHaveProperty('suspectCommits');
  });
});
