// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of CloudFormation, not of JavaScript.
import { SEEN_INDEX } from '../history/dynamodb-table.ts';
import { dashboardBody } from './dashboard.ts';

/** A CloudFormation template, as JSON. */
export interface Template {
  readonly AWSTemplateFormatVersion: '2010-09-09';
  readonly Transform: 'AWS::Serverless-2016-10-31';
  readonly Description: string;
  readonly Parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

/** One resource of a {@link Template}. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

/** Longer than one analysis with its retries (60 s), its reply and a margin. */
const TIMEOUT_S = 120;
/** What AWS asks for: six times the function's timeout, so that a batch that is still worked on is not delivered again. */
const VISIBILITY_S = 6 * TIMEOUT_S;
/** AWS's least for a Lambda behind a queue: throttled invocations use up receives too. */
const MAX_RECEIVES = 5;
const DAY_S = 86_400;

const ref = (name: string) => ({ Ref: name });
const arn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
const sub = (text: string) => ({ 'Fn::Sub': text });
const whenSet = (condition: string, value: unknown) => ({
  'Fn::If': [condition, value, ref('AWS::NoValue')],
});

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
    Conditions: {
      HasModelSecret: { 'Fn::Not': [{ 'Fn::Equals': [ref('OpenAiSecretArn'), ''] }] },
      HasGitHubSecret: { 'Fn::Not': [{ 'Fn::Equals': [ref('GitHubSecretArn'), ''] }] },
      HasGitHubApp: { 'Fn::Not': [{ 'Fn::Equals': [ref('GitHubAppKeySecretArn'), ''] }] },
      HasWebhookSecret: { 'Fn::Not': [{ 'Fn::Equals': [ref('WebhookSecretArn'), ''] }] },
      KeepsHistory: { 'Fn::Not': [{ 'Fn::Equals': [ref('KeepHistory'), 'no'] }] },
      HasAlarmTopic: { 'Fn::Not': [{ 'Fn::Equals': [ref('AlarmTopicArn'), ''] }] },
    },
    Resources: {
      DeadLetterQueue: queue({ MessageRetentionPeriod: 14 * DAY_S }),
      ErrorQueue: queue({
        VisibilityTimeout: VISIBILITY_S,
        MessageRetentionPeriod: 4 * DAY_S,
        RedrivePolicy: { deadLetterTargetArn: arn('DeadLetterQueue'), maxReceiveCount: MAX_RECEIVES },
      }),
      // Nobody reads yesterday's analyses.
      ReplyQueue: queue({ MessageRetentionPeriod: 3600, VisibilityTimeout: 30 }),
      AnswerTable: table,
      HistoryTable: historyTable,
      Role: roleFor(bundled),
      LogGroup: {
        Type: 'AWS::Logs::LogGroup',
        Properties: { LogGroupName: sub('/aws/lambda/${AWS::StackName}'), RetentionInDays: 30 },
      },
      Function: lambdaWith(bundled),
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

const text = (Description: string, Default = '') => ({ Type: 'String', Description, Default });

const parameters = {
  OpenAiSecretArn: text('ARN of the secret that holds the key of the model; empty: known errors only'),
  OpenAiModel: text('Name of the model', 'gpt-4o-mini'),
  GitHubSecretArn: text('ARN of the secret that holds a read-only GitHub token; empty: no source code'),
  GitHubAppKeySecretArn: text(
    'In place of a token: ARN of the secret that holds the private key of a GitHub App',
  ),
  GitHubAppId: text('The id of that App'),
  GitHubAppInstallationId: text('The id of its installation'),
  DefaultRepositoryUrl: text('Repository of events that name none'),
  AllowedRepositories: text('owner/repo of the repositories that may be read, comma-separated'),
  WebhookSecretArn: text(
    'ARN of the secret that holds the address of a webhook for alerts; empty: no alerts',
  ),
  WebhookKind: {
    Type: 'String',
    Description: 'What that webhook belongs to',
    Default: 'slack',
    AllowedValues: ['slack', 'discord', 'teams'],
  },
  BudgetCallsPerDay: text('Most calls of the model in a day; off: no limit', '1000'),
  BudgetUsdPerDay: text(
    'Most US dollars for the model in a day, where its price is known; off: no limit',
    '10',
  ),
  KeepHistory: {
    Type: 'String',
    Description:
      'Whether errors are remembered, for a dashboard (patrol serve) and for alerts that tell new errors from old',
    Default: 'no',
    AllowedValues: ['yes', 'no'],
  },
  AlarmTopicArn: text('SNS topic that is told when something lands in the dead-letter queue'),
  MaximumConcurrency: {
    Type: 'Number',
    Description: 'Most functions that work at the same time: the brake of the bill',
    Default: 10,
    MinValue: 2,
    MaxValue: 1000,
  },
};

function queue(properties: Readonly<Record<string, unknown>>): Resource {
  return { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true, ...properties } };
}

const table: Resource = {
  Type: 'AWS::DynamoDB::Table',
  // Answers can be had again.
  DeletionPolicy: 'Delete',
  UpdateReplacePolicy: 'Delete',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    SSESpecification: { SSEEnabled: true },
  },
};

/** Empty, and so free of cost, where no history is kept. */
const historyTable: Resource = {
  Type: 'AWS::DynamoDB::Table',
  // What people have noted there exists nowhere else.
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'listed', 'seen'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: SEEN_INDEX,
        KeySchema: [
          { AttributeName: 'listed', KeyType: 'HASH' },
          { AttributeName: 'seen', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    SSESpecification: { SSEEnabled: true },
  },
};

const allow = (Action: readonly string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });

const roleFor = ({ secrets }: Bundled): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: ['sts:AssumeRole'] },
      ],
    },
    Policies: [
      {
        PolicyName: 'sink',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arn('LogGroup')),
            allow(
              [
                'sqs:ReceiveMessage',
                'sqs:DeleteMessage',
                'sqs:GetQueueAttributes',
                // Events that have to wait are sent again with a delay.
                'sqs:GetQueueUrl',
                'sqs:SendMessage',
              ],
              arn('ErrorQueue'),
            ),
            allow(['sqs:SendMessage'], arn('ReplyQueue')),
            allow(
              ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
              arn('AnswerTable'),
            ),
            whenSet(
              'KeepsHistory',
              allow(
                [
                  'dynamodb:GetItem',
                  'dynamodb:BatchGetItem',
                  'dynamodb:Query',
                  'dynamodb:PutItem',
                  'dynamodb:UpdateItem',
                  'dynamodb:DeleteItem',
                ],
                [arn('HistoryTable'), sub(`\${HistoryTable.Arn}/index/${SEEN_INDEX}`)],
              ),
            ),
            whenSet('HasModelSecret', allow(['secretsmanager:GetSecretValue'], ref('OpenAiSecretArn'))),
            whenSet('HasGitHubSecret', allow(['secretsmanager:GetSecretValue'], ref('GitHubSecretArn'))),
            whenSet('HasGitHubApp', allow(['secretsmanager:GetSecretValue'], ref('GitHubAppKeySecretArn'))),
            whenSet('HasWebhookSecret', allow(['secretsmanager:GetSecretValue'], ref('WebhookSecretArn'))),
            ...toRead(secrets),
          ],
        },
      },
    ],
  },
});

/** Statements that allow to read what webhooks name. */
function toRead(arns: readonly string[]): readonly object[] {
  const isParameter = (arn: string) => arn.split(':')[2] === 'ssm';
  const [parameters, secrets] = [arns.filter(isParameter), arns.filter((arn) => !isParameter(arn))];
  return [
    ...(secrets.length > 0 ? [allow(['secretsmanager:GetSecretValue'], secrets.flatMap(wholeOrNot))] : []),
    ...(parameters.length > 0 ? [allow(['ssm:GetParameter'], parameters)] : []),
  ];
}

/**
 * A policy wants the six characters that AWS puts behind a secret's name; who reads it may leave them out.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
 */
const wholeOrNot = (arn: string): readonly string[] => [arn, `${arn}-??????`];

const lambdaWith = ({ environment }: Bundled): Resource => ({
  Type: 'AWS::Serverless::Function',
  Properties: {
    FunctionName: ref('AWS::StackName'),
    CodeUri: 'patrol-lambda.zip',
    Handler: 'index.handler',
    Runtime: 'nodejs22.x',
    Architectures: ['arm64'],
    MemorySize: 512,
    Timeout: TIMEOUT_S,
    // An event that waits for the budget passes its own queue every quarter of an hour, for three days at most. AWS
    // would take that for a loop and stop it at the 16th time:
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    RecursiveLoop: 'Allow',
    Role: arn('Role'),
    LoggingConfig: { LogGroup: ref('LogGroup') },
    Environment: {
      Variables: {
        OPENAI_API_KEY: whenSet('HasModelSecret', ref('OpenAiSecretArn')),
        OPENAI_MODEL: ref('OpenAiModel'),
        GITHUB_TOKEN: whenSet('HasGitHubSecret', ref('GitHubSecretArn')),
        GITHUB_APP_PRIVATE_KEY: whenSet('HasGitHubApp', ref('GitHubAppKeySecretArn')),
        GITHUB_APP_ID: whenSet('HasGitHubApp', ref('GitHubAppId')),
        GITHUB_APP_INSTALLATION_ID: whenSet('HasGitHubApp', ref('GitHubAppInstallationId')),
        DEFAULT_REPOSITORY_URL: ref('DefaultRepositoryUrl'),
        PATROL_ALLOWED_REPOSITORIES: ref('AllowedRepositories'),
        PATROL_BUDGET_CALLS_PER_DAY: ref('BudgetCallsPerDay'),
        PATROL_BUDGET_USD_PER_DAY: ref('BudgetUsdPerDay'),
        // Where it puts off what other triggers bring.
        PATROL_QUEUE_URL: ref('ErrorQueue'),
        PATROL_REPLY_QUEUE_URL: ref('ReplyQueue'),
        PATROL_CACHE_TABLE: ref('AnswerTable'),
        PATROL_HISTORY_TABLE: whenSet('KeepsHistory', ref('HistoryTable')),
        PATROL_WEBHOOK_URL: whenSet('HasWebhookSecret', sub('${WebhookKind}:${WebhookSecretArn}')),
        ...environment,
      },
    },
    Events: {
      Errors: {
        Type: 'SQS',
        Properties: {
          Queue: arn('ErrorQueue'),
          BatchSize: 10,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: ref('MaximumConcurrency') },
        },
      },
      // A digest is due at a time, whether or not an error comes then.
      Clock: {
        Type: 'Schedule',
        Properties: {
          Schedule: 'rate(1 minute)',
          State:
            'PATROL_WEBHOOKS_FILE' in environment
              ? 'ENABLED'
              : { 'Fn::If': ['HasWebhookSecret', 'ENABLED', 'DISABLED'] },
        },
      },
    },
  },
});

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
