import { ref, type Template } from './cloudformation.ts';

const text = (Description: string, Default = '') => ({ Type: 'String', Description, Default });

/** A text that is refused before anything is made, unless the whole of it is what is expected; may be empty. */
const checked = (Description: string, AllowedPattern: string, expected: string, Default = '') => ({
  ...text(Description, Default),
  AllowedPattern,
  ConstraintDescription: `Expected ${expected}.`,
});

/** A secret given in clear would be readable by everybody who may look at the stack: only its ARN is taken. */
const secret = (Description: string) =>
  checked(
    Description,
    '^$|^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/).+$',
    'the ARN of a secret of Secrets Manager (#field behind it picks a field) or of a parameter of Systems Manager, never the secret itself',
  );

const id = (Description: string) =>
  checked(Description, '^[0-9]*$', 'a number, as the page of the App shows it');

/** What is asked of who deploys it. */
export const parameters: Template['Parameters'] = {
  OpenAiSecretArn: secret('ARN of the secret that holds the key of the model; empty: known errors only'),
  OpenAiModel: text('Name of the model', 'gpt-4o-mini'),
  GitHubSecretArn: secret('ARN of the secret that holds a read-only GitHub token; empty: no source code'),
  GitHubAppKeySecretArn: secret(
    'In place of a token: ARN of the secret that holds the private key of a GitHub App',
  ),
  GitHubAppId: id('The id of that App'),
  GitHubAppInstallationId: id('The id of its installation'),
  DefaultRepositoryUrl: text('Repository of events that name none'),
  AllowedRepositories: text(
    'owner/repo of the repositories that may be read, comma-separated; the default one may be',
  ),
  WebhookSecretArn: secret(
    'ARN of the secret that holds the address of a webhook for alerts; empty: no alerts',
  ),
  WebhookKind: {
    Type: 'String',
    Description: 'What that webhook belongs to',
    Default: 'slack',
    AllowedValues: ['slack', 'discord', 'teams'],
  },
  BudgetCallsPerDay: checked(
    'Most calls of the model in a day; off: no limit',
    '^(off|[0-9]{1,9})$',
    'a whole number, or off',
    '1000',
  ),
  BudgetUsdPerDay: checked(
    'Most US dollars for the model in a day, where its price is known; off: no limit',
    '^(off|[0-9]{1,8}([.][0-9]+)?)$',
    'an amount such as 10 or 2.5, or off',
    '10',
  ),
  KeepHistory: {
    Type: 'String',
    Description:
      'Whether errors are remembered, for a dashboard (patrol serve) and for alerts that tell new errors from old',
    Default: 'no',
    AllowedValues: ['yes', 'no'],
  },
  SecretsKeyArn: checked(
    'ARN of the KMS key that those secrets are encrypted with; empty: keys of AWS, which need no permission',
    '^$|^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$',
    'the ARN of a key of KMS, not of an alias',
  ),
  AlarmTopicArn: checked(
    'ARN of the SNS topic that is told when something lands in the dead-letter queue; empty: nobody is',
    '^$|^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$',
    'the ARN of an SNS topic',
  ),
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
  HasSecretsKey: isSet('SecretsKeyArn'),
  HasAlarmTopic: isSet('AlarmTopicArn'),
};
