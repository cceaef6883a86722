import { SEEN_INDEX } from '../history/dynamodb-table.ts';
import { arn, join, type Resource, ref, select, split, sub, whenSet } from './cloudformation.ts';

const allow = (Action: readonly string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });

/** The function's role, with no more than it needs. */
export const roleFor = (secrets: readonly string[]): Resource => ({
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
            ...toReadNamed('HasModelSecret', 'OpenAiSecretArn'),
            ...toReadNamed('HasGitHubSecret', 'GitHubSecretArn'),
            ...toReadNamed('HasGitHubApp', 'GitHubAppKeySecretArn'),
            ...toReadNamed('HasWebhookSecret', 'WebhookSecretArn'),
            ...toRead(secrets),
            whenSet('HasSecretsKey', {
              ...allow(['kms:Decrypt'], ref('SecretsKeyArn')),
              // For what these two keep with it, and for nothing else.
              Condition: { StringLike: { 'kms:ViaService': ['secretsmanager.*', 'ssm.*'] } },
            }),
          ],
        },
      },
    ],
  },
});

/** Statements that allow to read what a parameter names, a secret or a parameter of Systems Manager, less its `#field`. */
function toReadNamed(condition: string, parameter: string): readonly object[] {
  const arn = select(0, split('#', ref(parameter)));
  return [
    whenSet(condition, allow(['secretsmanager:GetSecretValue'], [arn, join([arn, SUFFIX])])),
    whenSet(condition, allow(['ssm:GetParameter'], arn)),
  ];
}

/** Statements that allow to read what webhooks name. */
function toRead(arns: readonly string[]): readonly object[] {
  const isParameter = (arn: string) => arn.split(':')[2] === 'ssm';
  const [parameters, secrets] = [arns.filter(isParameter), arns.filter((arn) => !isParameter(arn))];
  return [
    ...(secrets.length > 0
      ? [
          allow(
            ['secretsmanager:GetSecretValue'],
            secrets.flatMap((arn) => [arn, `${arn}${SUFFIX}`]),
          ),
        ]
      : []),
    ...(parameters.length > 0 ? [allow(['ssm:GetParameter'], parameters)] : []),
  ];
}

/**
 * A policy wants the six characters that AWS puts behind a secret's name; who reads it may leave them out.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
 */
const SUFFIX = '-??????';
