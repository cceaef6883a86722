import { LRUCache } from 'lru-cache';
import type { AnalysisResult, Milliseconds } from '../src/types.ts';
import { toJsonLine } from './json-line.ts';
import type { DroppedBatch } from './triggers/dropped.ts';

/** What the sink counts. Names are those of the CloudWatch metrics; Prometheus gets them in snake_case. */
export const COUNTERS = {
  EventsReceived: 'Valid events that came in',
  Occurrences: 'Logged records that those events stand for',
  RecordsRefused: 'Records that were no valid event',
  Analysed: 'Events that were answered, from wherever',
  Distinct: 'Different errors that were answered for the first time',
  CacheHits: 'Events that were answered from the cache',
  SharedHits: 'Those of them whose answer another process had given, by way of the shared cache',
  SimilarHits: 'Different errors that were answered by what a similar one had got',
  Elsewhere: 'Events whose error another process was analysing',
  Ignored: 'Logged records whose events a rule of the user ignores',
  NotSampled: 'Logged records whose events are not in the sample of a rule of the user',
  ModelCalls: 'Analyses that a model was asked for',
  Tokens: 'Tokens of those calls',
  CostUsd: 'Cost of those calls in US dollars, where the price is known',
  Failed: 'Events whose analysis failed this time',
  OverBudget: 'Different errors that had to wait for the budget',
  RepliesFailed: 'Replies that could not be sent',
  AlertsDelivered: 'Messages that webhooks took: alerts, their updates and digests',
  AlertsFailed: 'Messages that webhooks did not take',
  AlertsHeld: 'Alerts that were kept for a digest',
  Dropped: 'Records that applications reported as lost',
} as const;

/** See {@link COUNTERS}. */
export type CounterName = keyof typeof COUNTERS;

/** Counts since the start, or since the last {@link SinkMetrics.take}. */
export interface SinkMetrics {
  count(name: CounterName, by?: number): void;
  /** Counts records that an application reported as lost, by reason; a redelivered batch counts once. */
  dropped(batch: DroppedBatch): void;
  /** Counts an answered event. */
  answered(result: AnalysisResult, took: Milliseconds): void;
  /** Since the start. */
  readonly totals: MetricsTotals;
  /** What was counted since the last call. */
  take(): MetricsReport;
}

/** See {@link SinkMetrics.totals}. */
export interface MetricsTotals {
  readonly counts: Readonly<Record<CounterName, number>>;
  readonly droppedBy: Readonly<Record<string, number>>;
  /** How many answers that did not come from the cache took at most as long as each of {@link LATENCY_BOUNDS}. */
  readonly latencyBuckets: readonly number[];
  /** All those answers together. */
  readonly latencySum: Milliseconds;
}

/** See {@link SinkMetrics.take}. */
export interface MetricsReport {
  readonly counts: Readonly<Partial<Record<CounterName, number>>>;
  readonly droppedBy: Readonly<Record<string, number>>;
  /** How long answers took that did not come from the cache. */
  readonly latencies: readonly Milliseconds[];
}

/** CloudWatch takes at most 100 values a metric in one line. */
const MAX_LATENCIES = 100;
/** From a rule's answer to a model's with all its retries. */
const LATENCY_BOUNDS: readonly Milliseconds[] = [10, 100, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];
/** Reasons come from outside: each makes a metric of its own, and metrics cost money. */
const MAX_REASONS = 20;
/** Batches that are remembered so that a redelivery's losses are not counted twice. */
const MAX_BATCHES = 10_000;

/** Makes the counters of one process. */
export function createMetrics(): SinkMetrics {
  const totals = { ...NO_COUNTS };
  const allDropped: Record<string, number> = {};
  const latencyBuckets = LATENCY_BOUNDS.map(() => 0);
  let batches: LRUCache<string, true> | undefined;
  let latencySum = 0;
  let droppedBy: Record<string, number> = {};
  let counts = { ...NO_COUNTS };
  let latencies: Milliseconds[] = [];

  const count = (name: CounterName, by = 1) => {
    totals[name] += by;
    counts[name] += by;
  };

  const isKnownReason = (reason: string) =>
    /^[a-z][a-z_]{0,39}$/.test(reason) &&
    (Object.hasOwn(allDropped, reason) || Object.keys(allDropped).length < MAX_REASONS);

  return {
    count,
    get totals() {
      return { counts: totals, droppedBy: allDropped, latencyBuckets, latencySum };
    },
    dropped({ batchId, counts: lost }) {
      batches ??= new LRUCache<string, true>({ max: MAX_BATCHES });
      if (batches.has(batchId)) return;
      batches.set(batchId, true);
      for (const [reason, number] of Object.entries(lost)) {
        const name = isKnownReason(reason) ? reason : 'other';
        allDropped[name] = (allDropped[name] ?? 0) + number;
        droppedBy[name] = (droppedBy[name] ?? 0) + number;
        count('Dropped', number);
      }
    },
    answered({ cached, source, usage, similarTo }, took) {
      count('Analysed');
      if (cached) return count('CacheHits');
      count('Distinct');
      if (latencies.length < MAX_LATENCIES) latencies.push(took);
      latencySum += took;
      for (const [index, bound] of LATENCY_BOUNDS.entries()) {
        if (took <= bound) latencyBuckets[index] = (latencyBuckets[index] ?? 0) + 1;
      }
      if (similarTo !== undefined) return count('SimilarHits');
      if (source !== 'llm') return;
      count('ModelCalls');
      count('Tokens', usage?.totalTokens ?? 0);
      count('CostUsd', usage?.costUsd ?? 0);
    },
    take() {
      const counted = Object.entries(counts).filter(([, number]) => number !== 0);
      const report = { counts: Object.fromEntries(counted), latencies, droppedBy };
      counts = { ...NO_COUNTS };
      droppedBy = {};
      latencies = [];
      return report;
    },
  };
}

const NO_COUNTS = Object.fromEntries(Object.keys(COUNTERS).map((name) => [name, 0])) as Readonly<
  Record<CounterName, number>
>;

/**
 * The report as log lines from which CloudWatch makes metrics: one with the counts, and one for each reason of a loss.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function toEmbeddedMetrics(
  { counts, latencies, droppedBy }: MetricsReport,
  service: string,
  now: number = Date.now(),
): readonly string[] {
  const names = Object.keys(counts) as CounterName[];
  if (names.length === 0) return [];
  const reported = latencies.length > 0 ? [...names, 'Latency' as const] : names;
  const values = toJsonLine({
    Sink: service,
    ...counts,
    ...(latencies.length > 0 && { Latency: latencies }),
  });
  const line = (metrics: string, fields: string) =>
    `{"_aws":{"Timestamp":${now},"CloudWatchMetrics":${metrics}},${fields.slice(1)}`;
  return [
    line(describe(reported), values),
    ...Object.entries(droppedBy).map(([Reason, Dropped]) =>
      line(describe(['Dropped'], ['Sink', 'Reason']), toJsonLine({ Sink: service, Reason, Dropped })),
    ),
  ];
}

type MetricName = CounterName | 'Latency';

const UNITS: Partial<Record<MetricName, string>> = { CostUsd: 'None', Latency: 'Milliseconds' };
/** A busy function reports the same metrics again and again. */
const described = new LRUCache<string, string>({ max: 100 });

function describe(names: readonly MetricName[], dimensions: readonly string[] = ['Sink']): string {
  const key = `${dimensions.join()} ${names.join()}`;
  const known = described.get(key);
  if (known !== undefined) return known;
  const Metrics = names.map((Name) => ({ Name, Unit: UNITS[Name] ?? 'Count' }));
  const json = toJsonLine([{ Namespace: 'Patrol', Dimensions: [dimensions], Metrics }]);
  described.set(key, json);
  return json;
}

/**
 * The totals in Prometheus's text format.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function toPrometheus({ counts, droppedBy, latencyBuckets, latencySum }: MetricsTotals): string {
  const metric = (name: string, type: string, help: string, samples: readonly string[]) =>
    [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples, ''].join('\n');
  const counters = (Object.entries(COUNTERS) as [CounterName, string][]).map(([counter, help]) => {
    const name = `patrol${counter.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`;
    const reasons = Object.entries(droppedBy).map(
      ([reason, count]) => `${name}{reason="${reason}"} ${count}`,
    );
    const isSplit = counter === 'Dropped' && reasons.length > 0;
    return metric(name, 'counter', help, isSplit ? reasons : [`${name} ${counts[counter]}`]);
  });
  const name = 'patrol_analysis_seconds';
  const buckets = LATENCY_BOUNDS.map(
    (bound, index) => `${name}_bucket{le="${bound / 1000}"} ${latencyBuckets[index]}`,
  );
  const latency = metric(name, 'histogram', 'Time to an answer that was not in the cache', [
    ...buckets,
    `${name}_bucket{le="+Inf"} ${counts.Distinct}`,
    `${name}_sum ${latencySum / 1000}`,
    `${name}_count ${counts.Distinct}`,
  ]);
  return [...counters, latency].join('');
}
