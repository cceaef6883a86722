// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of CloudFormation, not of JavaScript.
import { arn, type Resource, ref, sub, type Template, whenSet } from './cloudformation.ts';
import { dashboardBody } from './dashboard.ts';
import { clockFor, clockPermission, functionWith, TIMEOUT_S } from './lambda-function.ts';
import { conditions, parameters } from './parameters.ts';
import { roleFor } from './role.ts';
import { answerTable, historyTable } from './tables.ts';

/** What AWS asks for: six times the function's timeout, so that a batch that is still worked on is not delivered again. */
const VISIBILITY_S = 6 * TIMEOUT_S;
/** AWS's least for a Lambda behind a queue: throttled invocations use up receives too. */
const MAX_RECEIVES = 5;
const DAY_S = 86_400;

/** What is in the function's zip beside its code. */
export interface Bundled {
  /** What has to be set for the function to read it. */
  readonly environment: Readonly<Record<string, string>>;
  /** ARNs of the secrets and parameters that it names. */
  readonly secrets: readonly string[];
}

/**
 * The stack of the sink: queue, dead-letter queue with an alarm, function, table, reply queue, a role with no more
 * than it needs, dashboard. Secrets are named by ARN and read by the function itself. Equal to `template.json`
 * beside this file, which `sam deploy` takes, where nothing but the code is in the zip.
 */
export function createTemplate(bundled: Bundled = { environment: {}, secrets: [] }): Template {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Description: 'Patrol: finds the root cause of logged errors.',
    Parameters: parameters,
    Conditions: conditions,
    Resources: {
      DeadLetterQueue: queue({ MessageRetentionPeriod: 14 * DAY_S }),
      ErrorQueue: queue({
        VisibilityTimeout: VISIBILITY_S,
        MessageRetentionPeriod: 4 * DAY_S,
        RedrivePolicy: { deadLetterTargetArn: arn('DeadLetterQueue'), maxReceiveCount: MAX_RECEIVES },
      }),
      // Nobody reads yesterday's analyses.
      ReplyQueue: queue({ MessageRetentionPeriod: 3600, VisibilityTimeout: 30 }),
      AnswerTable: answerTable,
      HistoryTable: historyTable,
      Role: roleFor(bundled.secrets),
      LogGroup: {
        Type: 'AWS::Logs::LogGroup',
        Properties: { LogGroupName: sub('/aws/lambda/${AWS::StackName}'), RetentionInDays: 30 },
      },
      Function: functionWith(bundled.environment),
      Clock: clockFor(bundled.environment),
      ClockPermission: clockPermission,
      DeadLetterAlarm: deadLetterAlarm,
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardName: ref('AWS::StackName'), DashboardBody: sub(dashboardBody()) },
      },
    },
    Outputs: {
      QueueUrl: { Description: 'PATROL_QUEUE_URL of the applications', Value: ref('ErrorQueue') },
      QueueArn: { Value: arn('ErrorQueue') },
      ReplyQueueUrl: { Description: 'PATROL_REPLY_QUEUE_URL of the applications', Value: ref('ReplyQueue') },
      ReplyQueueArn: { Value: arn('ReplyQueue') },
      FunctionArn: { Value: arn('Function') },
      HistoryTableName: { Description: 'PATROL_HISTORY_TABLE of a dashboard', Value: ref('HistoryTable') },
    },
  };
}

function queue(properties: Readonly<Record<string, unknown>>): Resource {
  return { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true, ...properties } };
}

const deadLetterAlarm: Resource = {
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmDescription: 'An event could not be analysed and lies in the dead-letter queue.',
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['DeadLetterQueue', 'QueueName'] } }],
    Statistic: 'Maximum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: whenSet('HasAlarmTopic', [ref('AlarmTopicArn')]),
  },
};
