import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createApplicationPolicy } from '../../../sink/deploy/application-policy.ts';
import { createTemplate } from '../../../sink/deploy/template.ts';

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: unknown;
}

const template = createTemplate();
const properties = (name: string) => template.Resources[name]?.Properties ?? {};
const every = (value: unknown): unknown[] =>
  value !== null && typeof value === 'object' ? [value, ...Object.values(value).flatMap(every)] : [value];
const statements = [template, createApplicationPolicy({ queueArn: 'a', replyQueueArn: 'b' })]
  .flatMap(every)
  .filter((one): one is Statement => Array.isArray((one as Statement | null)?.Action));

describe('the SAM template', () => {
  it('is the file that sam deploy takes', async () => {
    const file = await readFile(new URL('../../../sink/deploy/template.json', import.meta.url), 'utf8');
    expect(JSON.parse(file)).toEqual(template);
  });

  it('hides a message for six times the function’s timeout, and gives it five receives or more', () => {
    const { VisibilityTimeout, RedrivePolicy } = properties('ErrorQueue');
    expect(Number(VisibilityTimeout)).toBeGreaterThanOrEqual(6 * Number(properties('Function').Timeout));
    expect((RedrivePolicy as { maxReceiveCount: number }).maxReceiveCount).toBeGreaterThanOrEqual(5);
  });

  it('reports failures message by message, and bounds the concurrency', () => {
    const { Errors } = properties('Function').Events as Record<
      string,
      { Properties: Record<string, unknown> }
    >;
    expect(Errors?.Properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: { Ref: 'MaximumConcurrency' } },
    });
  });

  it('brings a clock for digests where there is a webhook, whose address only its ARN names', () => {
    expect(properties('Clock')).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: { 'Fn::If': ['HasWebhookSecret', 'ENABLED', 'DISABLED'] },
      Targets: [{ Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }],
    });
    expect(properties('ClockPermission')).toMatchObject({
      FunctionName: { Ref: 'Function' },
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['Clock', 'Arn'] },
    });
  });

  it('alarms at the first dead letter', () => {
    expect(properties('DeadLetterAlarm')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 0,
    });
  });

  it('grants no wildcard', () => {
    expect(statements.length).toBeGreaterThan(6);
    for (const { Action, Resource = 'none' } of statements) {
      expect(Action.filter((action) => action.includes('*'))).toEqual([]);
      expect(JSON.stringify(Resource)).not.toContain('*');
    }
  });

  it('has no secret in clear, only its ARN', () => {
    expect(JSON.stringify(template)).not.toContain('resolve:secretsmanager');
    expect(every(properties('Function').Environment)).toContainEqual({ Ref: 'OpenAiSecretArn' });
  });

  it('lets the function read a secret or a parameter of Systems Manager, whole or one field of it', () => {
    const arn = { 'Fn::Select': [0, { 'Fn::Split': ['#', { Ref: 'OpenAiSecretArn' }] }] };
    // Behind a secret's name AWS puts six characters that an ARN may leave out.
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: ['secretsmanager:GetSecretValue'],
      Resource: [arn, { 'Fn::Join': ['', [arn, '-??????']] }],
    });
    expect(statements).toContainEqual({ Effect: 'Allow', Action: ['ssm:GetParameter'], Resource: arn });
  });

  it('lets it unpack secrets with a key of the user’s, and nothing else with it', () => {
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt'],
      Resource: { Ref: 'SecretsKeyArn' },
      Condition: { StringLike: { 'kms:ViaService': ['secretsmanager.*', 'ssm.*'] } },
    });
  });

  it('documents every parameter, and takes its own default', () => {
    for (const { Description, Default, AllowedPattern } of Object.values(template.Parameters)) {
      expect(String(Description).length).toBeGreaterThan(10);
      if (AllowedPattern !== undefined) expect(String(Default)).toMatch(new RegExp(String(AllowedPattern)));
    }
  });

  const KEY_ID = '11111111-2222-3333-4444-555555555555';
  it.each([
    ['OpenAiSecretArn', 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:patrol/openai-AbCdEf', true],
    ['OpenAiSecretArn', 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:keys-AbCdEf#openai', true],
    ['GitHubSecretArn', 'arn:aws:ssm:eu-central-1:123456789012:parameter/patrol/github', true],
    ['OpenAiSecretArn', `sk${'-proj-'}0123456789`, false],
    ['WebhookSecretArn', 'https://hooks.slack.example/services/x', false],
    ['GitHubAppKeySecretArn', 'patrol/github-app', false],
    ['GitHubAppId', '123456', true],
    ['GitHubAppId', 'my-app', false],
    ['BudgetCallsPerDay', 'off', true],
    ['BudgetCallsPerDay', '-5', false],
    ['BudgetUsdPerDay', '2.5', true],
    ['BudgetUsdPerDay', '$10', false],
    ['SecretsKeyArn', `arn:aws:kms:eu-central-1:123456789012:key/${KEY_ID}`, true],
    ['SecretsKeyArn', 'alias/patrol', false],
    ['AlarmTopicArn', 'arn:aws:sns:eu-central-1:123456789012:on-call', true],
    ['AlarmTopicArn', 'me@acme.example', false],
  ])('is asked for %s: %s is taken: %s', (name, value, isTaken) => {
    const { AllowedPattern, ConstraintDescription } = template.Parameters[name] ?? {};
    expect(new RegExp(String(AllowedPattern)).test(value)).toBe(isTaken);
    expect(ConstraintDescription).toMatch(/^Expected /);
  });

  it('can bring back what people noted, and keeps it when the stack goes', () => {
    expect(template.Resources.HistoryTable).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    });
  });

  it('keeps the function’s log for a month, not for ever', () => {
    expect(properties('LogGroup').RetentionInDays).toBe(30);
    expect(properties('Function').LoggingConfig).toEqual({ LogGroup: { Ref: 'LogGroup' } });
  });

  it('refers to nothing that it does not make', () => {
    const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters)]);
    for (const one of every(template)) {
      const { Ref, 'Fn::GetAtt': attribute } = (one ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
      const name = Ref ?? attribute?.[0];
      if (name !== undefined && !name.startsWith('AWS::')) expect(known).toContain(name);
    }
  });

  it('lets events that wait for the budget pass their own queue, which AWS would take for a loop', () => {
    expect(properties('Function').RecursiveLoop).toBe('Allow');
    expect(every(properties('Function').Environment)).toContainEqual({ Ref: 'ErrorQueue' });
  });

  it('encrypts what it keeps', () => {
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type === 'AWS::SQS::Queue') expect(Properties.SqsManagedSseEnabled).toBe(true);
      if (Type === 'AWS::DynamoDB::Table') expect(Properties.SSESpecification).toEqual({ SSEEnabled: true });
    }
  });
});
