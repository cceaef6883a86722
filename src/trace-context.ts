/** Where in a distributed trace an error was logged, by W3C Trace Context and OpenTelemetry. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId?: string;
  /** 16 hexadecimal digits. */
  readonly spanId?: string;
}

/** https://www.w3.org/TR/trace-context/#trace-id; all zeros mean that there is none. */
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/i;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/i;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/i;

/** What an error's context says of it: the fields of OpenTelemetry's log bridges, else a `traceparent` header. */
export function traceContextOf(
  context: Readonly<Record<string, unknown>> | undefined,
): TraceContext | undefined {
  if (context === undefined) return undefined;
  let traceId = matching(context.traceId ?? context.trace_id, TRACE_ID);
  let spanId = matching(context.spanId ?? context.span_id, SPAN_ID);
  if (traceId === undefined && typeof context.traceparent === 'string') {
    const [, trace, span] = TRACEPARENT.exec(context.traceparent) ?? [];
    traceId = matching(trace, TRACE_ID);
    spanId = traceId === undefined ? undefined : matching(span, SPAN_ID);
  }
  if (traceId === undefined && spanId === undefined) return undefined;
  return { ...(traceId !== undefined && { traceId }), ...(spanId !== undefined && { spanId }) };
}

function matching(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}
