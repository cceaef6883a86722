import { describe, expect, it } from 'vitest';
import { traceContextOf } from '../../src/trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('the trace of an error', () => {
  it.each([
    ['the fields of OpenTelemetry', { traceId, spanId }],
    ['their names in snake_case, as log bridges inject them', { trace_id: traceId, span_id: spanId }],
    ['a traceparent header', { traceparent: `00-${traceId}-${spanId}-01` }],
  ])('is read from %s', (_, context) => {
    expect(traceContextOf({ ...context, reqId: 'r' })).toEqual({ traceId, spanId });
  });

  it.each([
    [undefined],
    [{}],
    [{ traceId: 'not one', spanId: 7 }],
    [{ traceId: '0'.repeat(32) }],
    [{ traceparent: `00-${'0'.repeat(32)}-${spanId}-01` }],
  ])('is none in %j', (context) => {
    expect(traceContextOf(context)).toBeUndefined();
  });
});
