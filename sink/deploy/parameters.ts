import { ref, type Template } from './cloudformation.ts';

const text = (Description: string, Default = '') => ({ Type: 'String', Description, Default });

/** What is asked of who deploys it. */
export const parameters: Template['Parameters'] = {
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

const isSet = (parameter: string) => ({ 'Fn::Not': [{ 'Fn::Equals': [ref(parameter), ''] }] });

/** What the answers decide. */
export const conditions: Template['Conditions'] = {
  HasModelSecret: isSet('OpenAiSecretArn'),
  HasGitHubSecret: isSet('GitHubSecretArn'),
  HasGitHubApp: isSet('GitHubAppKeySecretArn'),
  HasWebhookSecret: isSet('WebhookSecretArn'),
  KeepsHistory: { 'Fn::Not': [{ 'Fn::Equals': [ref('KeepHistory'), 'no'] }] },
  HasAlarmTopic: isSet('AlarmTopicArn'),
};
