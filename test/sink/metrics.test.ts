import { describe, expect, it } from 'vitest';
import { createMetrics, toEmbeddedMetrics, toPrometheus } from '../../sink/metrics.ts';
import { createSink } from '../../sink/sink.ts';
import { createSinkLog } from '../../sink/sink-log.ts';
import { readMessage } from '../../sink/triggers/sqs.ts';
import { loadConfig } from '../../src/config.ts';
import { ErrorAnalysisEngine } from '../../src/engine.ts';
import type { StoredAnalysis } from '../../src/engine-options.ts';
import { SharedCache } from '../../src/shared-cache.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import type { LLMProvider } from '../../src/types.ts';
import { SOUND_ANSWER } from '../support/openai-server.ts';

const usage = { promptTokens: 1000, completionTokens: 200, totalTokens: 1200, costUsd: 0.01 };
const llmProvider: LLMProvider = {
  model: 'm',
  complete: async () => ({ text: JSON.stringify(SOUND_ANSWER), model: 'm', usage }),
};
const event = (message: string, eventId = message) => ({ eventId, errorLog: { name: 'CartError', message } });
const sqs = (body: unknown, messageAttributes: unknown = {}) =>
  readMessage({ messageId: 'm', body: JSON.stringify(body), messageAttributes }, 0);

/** A sink of its own process; the metrics of what it did. */
async function startSink(store = createMemoryStore()) {
  let metrics: ReturnType<typeof createMetrics> | undefined;
  const onSharedHit = () => metrics?.count('SharedHits');
  const cache = new SharedCache<StoredAnalysis>({ store, leaseTime: 10_000, onSharedHit });
  const engine = new ErrorAnalysisEngine({ llmProvider, cache });
  const sink = await createSink(loadConfig({}, {}), { engine, log: createSinkLog(() => {}) });
  metrics = sink.metrics;
  return sink;
}

describe('the metrics', () => {
  it('tell hits apart by where the answer was, and what the model cost', async () => {
    const store = createMemoryStore();
    const [one, other] = [await startSink(store), await startSink(store)];
    await one.handle(sqs(event('could not replicate the inventory of com.acme.Carts to the standby')));
    await one.handle(sqs(event('could not replicate the inventory of com.acme.Carts to the standby', 'e2')));
    await one.handle(sqs(event('could not replicate the inventory of com.acme.Orders to the standby', 'e3')));
    await other.handle(
      sqs(event('could not replicate the inventory of com.acme.Carts to the standby', 'e4')),
    );
    expect(one.metrics.totals.counts).toMatchObject({
      EventsReceived: 3,
      Distinct: 2,
      CacheHits: 1,
      SharedHits: 0,
      SimilarHits: 1,
      ModelCalls: 1,
      Tokens: 1200,
      CostUsd: 0.01,
    });
    expect(other.metrics.totals.counts).toMatchObject({
      Distinct: 0,
      CacheHits: 1,
      SharedHits: 1,
      ModelCalls: 0,
    });
  });

  it('count what applications lost by reason, and a redelivered batch once', async () => {
    const sink = await startSink();
    const lost = { batchId: 'b1', dropped: { buffer_full: 3, closed: 2, nonsense: 'x' } };
    for (const field of ['stringValue', 'StringValue']) {
      const attributes = { 'patrol.dropped': { [field]: JSON.stringify(lost), dataType: 'String' } };
      await sink.handle(sqs(event('a'), attributes));
    }
    await sink.handle(sqs(event('b'), { 'patrol.dropped': { stringValue: 'nonsense' } }));
    expect(sink.metrics.totals.droppedBy).toEqual({ buffer_full: 3, closed: 2 });
    const lines = toEmbeddedMetrics(sink.metrics.take(), 'patrol').map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ Dropped: 5, Sink: 'patrol' });
    expect(lines.slice(1)).toMatchObject([
      { Sink: 'patrol', Reason: 'buffer_full', Dropped: 3 },
      { Sink: 'patrol', Reason: 'closed', Dropped: 2 },
    ]);
    expect(lines[1]._aws.CloudWatchMetrics[0].Dimensions).toEqual([['Sink', 'Reason']]);
    expect(toPrometheus(sink.metrics.totals)).toContain('patrol_dropped_total{reason="buffer_full"} 3\n');
  });

  it('make no metric of every text that a sender calls a reason', () => {
    const metrics = createMetrics();
    const reasons = Array.from({ length: 50 }, (_, index) => `r${'x'.repeat(index)}`);
    const counts = Object.fromEntries([...reasons, '"}\nevil 1'].map((reason) => [reason, 1]));
    metrics.dropped({ batchId: 'b', counts });
    expect(Object.keys(metrics.totals.droppedBy)).toHaveLength(21);
    expect(metrics.totals.droppedBy.other).toBe(31);
  });

  it('give Prometheus the time of an analysis as a histogram', () => {
    const metrics = createMetrics();
    const result = { cached: false, source: 'rules' } as Parameters<typeof metrics.answered>[0];
    for (const took of [5, 700, 90_000]) metrics.answered(result, took);
    const text = toPrometheus(metrics.totals);
    expect(text).toContain('# TYPE patrol_analysis_seconds histogram\n');
    expect(text).toContain('patrol_analysis_seconds_bucket{le="0.01"} 1\n');
    expect(text).toContain('patrol_analysis_seconds_bucket{le="1"} 2\n');
    expect(text).toContain('patrol_analysis_seconds_bucket{le="+Inf"} 3\n');
    expect(text).toContain('patrol_analysis_seconds_sum 90.705\n');
  });
});
