// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of CloudFormation, not of JavaScript.
import { arn, type Resource, ref, sub, whenSet } from './cloudformation.ts';

/** Longer than one analysis with its retries (60 s), its reply and a margin. */
export const TIMEOUT_S = 120;

/** The function, and its queue; `environment` is what it needs for the settings in its zip. */
export const functionWith = (environment: Readonly<Record<string, string>>): Resource => ({
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
    },
  },
});

/** Invokes the function every minute where there are alerts: a digest is due at a time, whether or not an error comes then. */
export const clockFor = (environment: Readonly<Record<string, string>>): Resource => ({
  // A rule of its own: not every tool takes a condition in the schedule of a function of SAM.
  Type: 'AWS::Events::Rule',
  Properties: {
    ScheduleExpression: 'rate(1 minute)',
    State:
      'PATROL_WEBHOOKS_FILE' in environment
        ? 'ENABLED'
        : { 'Fn::If': ['HasWebhookSecret', 'ENABLED', 'DISABLED'] },
    Targets: [{ Id: 'function', Arn: arn('Function') }],
  },
});

/** Lets the clock invoke the function, and nobody else. */
export const clockPermission: Resource = {
  Type: 'AWS::Lambda::Permission',
  Properties: {
    Action: 'lambda:InvokeFunction',
    FunctionName: ref('Function'),
    Principal: 'events.amazonaws.com',
    SourceArn: arn('Clock'),
  },
};
