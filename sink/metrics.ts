import { LRUCache } from 'lru-cache';
import type { AnalysisResult, Milliseconds } from '../src/types.ts';
import { toJsonLine } from './json-line.ts';

/** What the sink counts. Names are those of the CloudWatch metrics; Prometheus gets them in snake_case. */
export const COUNTERS = {
  EventsReceived: 'Valid events that came in',
  Occurrences: 'Logged records that those events stand for',
  RecordsRefused: 'Records that were no valid event',
  Analysed: 'Events that were answered, from wherever',
  CacheHits: 'Events that were answered from the cache',
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
  /** Counts an answered event. */
  answered(result: AnalysisResult, took: Milliseconds): void;
  /** Since the start. */
  readonly totals: Readonly<Record<CounterName, number>>;
  /** What was counted since the last call. */
  take(): MetricsReport;
}

/** See {@link SinkMetrics.take}. */
export interface MetricsReport {
  readonly counts: Readonly<Partial<Record<CounterName, number>>>;
  /** How long answers took that did not come from the cache. */
  readonly latencies: readonly Milliseconds[];
}

/** CloudWatch takes at most 100 values a metric in one line. */
const MAX_LATENCIES = 100;

/** Makes the counters of one process. */
export function createMetrics(): SinkMetrics {
  const totals = { ...NO_COUNTS };
  let counts = { ...NO_COUNTS };
  let latencies: Milliseconds[] = [];

  const count = (name: CounterName, by = 1) => {
    totals[name] += by;
    counts[name] += by;
  };

  return {
    totals,
    count,
    answered({ cached, source, usage }, took) {
      count('Analysed');
      if (cached) return count('CacheHits');
      if (latencies.length < MAX_LATENCIES) latencies.push(took);
      if (source !== 'llm') return;
      count('ModelCalls');
      count('Tokens', usage?.totalTokens ?? 0);
      count('CostUsd', usage?.costUsd ?? 0);
    },
    take() {
      const counted = Object.entries(counts).filter(([, number]) => number !== 0);
      const report = { counts: Object.fromEntries(counted), latencies };
      counts = { ...NO_COUNTS };
      latencies = [];
      return report;
    },
  };
}

const NO_COUNTS = Object.fromEntries(Object.keys(COUNTERS).map((name) => [name, 0])) as Readonly<
  Record<CounterName, number>
>;

/**
 * The report as a log line from which CloudWatch makes metrics; undefined when there is nothing to report.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function toEmbeddedMetrics(
  { counts, latencies }: MetricsReport,
  service: string,
  now: number = Date.now(),
): string | undefined {
  const names = Object.keys(counts) as CounterName[];
  if (names.length === 0) return undefined;
  const reported = latencies.length > 0 ? [...names, 'Latency' as const] : names;
  const values = toJsonLine({
    Sink: service,
    ...counts,
    ...(latencies.length > 0 && { Latency: latencies }),
  });
  return `{"_aws":{"Timestamp":${now},"CloudWatchMetrics":${describe(reported)}},${values.slice(1)}`;
}

type MetricName = CounterName | 'Latency';

const UNITS: Partial<Record<MetricName, string>> = { CostUsd: 'None', Latency: 'Milliseconds' };
/** A busy function reports the same metrics again and again. */
const described = new LRUCache<string, string>({ max: 100 });

function describe(names: readonly MetricName[]): string {
  const key = names.join();
  const known = described.get(key);
  if (known !== undefined) return known;
  const Metrics = names.map((Name) => ({ Name, Unit: UNITS[Name] ?? 'Count' }));
  const json = toJsonLine([{ Namespace: 'Patrol', Dimensions: [['Sink']], Metrics }]);
  described.set(key, json);
  return json;
}

/** The counters in Prometheus's text format. */
export function toPrometheus(totals: SinkMetrics['totals']): string {
  return (Object.entries(COUNTERS) as [CounterName, string][])
    .map(([name, help]) => {
      const metric = `patrol${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`;
      return `# HELP ${metric} ${help}\n# TYPE ${metric} counter\n${metric} ${totals[name]}\n`;
    })
    .join('');
}
