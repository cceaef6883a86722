// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of CloudFormation, not of JavaScript.
import type { CounterName } from '../metrics.ts';

type Metric = readonly unknown[];

/** The body of the dashboard, with `${…}` for what only CloudFormation knows. */
export function dashboardBody(): string {
  const counted = (...names: readonly CounterName[]): readonly Metric[] =>
    names.map((name) => ['Patrol', name, 'Sink', '${AWS::StackName}', { stat: 'Sum' }]);
  const widgets: readonly (readonly [string, readonly Metric[]])[] = [
    ['Events', counted('EventsReceived', 'Analysed', 'CacheHits', 'Elsewhere')],
    ['Trouble', counted('Failed', 'RecordsRefused', 'RepliesFailed', 'Dropped')],
    ['Calls of the model', counted('ModelCalls', 'Tokens')],
    ['Cost in US dollars', counted('CostUsd')],
    ['Time of an analysis in ms', [['Patrol', 'Latency', 'Sink', '${AWS::StackName}', { stat: 'p95' }]]],
    [
      'Waiting',
      [
        [
          'AWS/SQS',
          'ApproximateAgeOfOldestMessage',
          'QueueName',
          '${ErrorQueue.QueueName}',
          { stat: 'Maximum' },
        ],
      ],
    ],
  ];
  return JSON.stringify({
    widgets: widgets.map(([title, metrics], index) => ({
      type: 'metric',
      width: 12,
      height: 6,
      x: (index % 2) * 12,
      y: Math.floor(index / 2) * 6,
      properties: { title, metrics, region: '${AWS::Region}', view: 'timeSeries', period: 300 },
    })),
  });
}
