import { PatrolError } from '../../src/errors.ts';
import type { Resource } from './cloudformation.ts';
import { type Names, toExpression, toTerraformValue } from './hcl.ts';
import { type Blocks, type Json, STACK, snake } from './terraform-blocks.ts';
import { functionBlocks } from './terraform-function.ts';

/** CloudFormation's type → Terraform's. */
export const TYPES: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'aws_sqs_queue',
  'AWS::DynamoDB::Table': 'aws_dynamodb_table',
  'AWS::IAM::Role': 'aws_iam_role',
  'AWS::Logs::LogGroup': 'aws_cloudwatch_log_group',
  'AWS::Serverless::Function': 'aws_lambda_function',
  'AWS::Events::Rule': 'aws_cloudwatch_event_rule',
  'AWS::Lambda::Permission': 'aws_lambda_permission',
  'AWS::CloudWatch::Alarm': 'aws_cloudwatch_metric_alarm',
  'AWS::CloudWatch::Dashboard': 'aws_cloudwatch_dashboard',
};

/**
 * What Terraform makes of one resource of the template.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for one that it does not know.
 */
export function resourcesOf(
  name: string,
  { Type, Properties, DeletionPolicy }: Resource,
  names: Names,
): Blocks {
  const type = TYPES[Type];
  const of = (property: string) => toTerraformValue(Properties[property], names);
  const json = (value: unknown) => `\${jsonencode(${toExpression(value, names)})}`;
  const id = snake(name);
  const ownName = `\${${STACK}}-${id.replaceAll('_', '-')}`;
  switch (type) {
    case 'aws_sqs_queue':
      return {
        [type]: {
          [id]: defined({
            name: ownName,
            sqs_managed_sse_enabled: of('SqsManagedSseEnabled'),
            message_retention_seconds: of('MessageRetentionPeriod'),
            visibility_timeout_seconds: of('VisibilityTimeout'),
            redrive_policy: Properties.RedrivePolicy && json(Properties.RedrivePolicy),
          }),
        },
      };
    case 'aws_dynamodb_table': {
      const attributes = Properties.AttributeDefinitions as readonly Json[];
      const indexes = Properties.GlobalSecondaryIndexes as readonly Json[] | undefined;
      const recovery = Properties.PointInTimeRecoverySpecification as Json | undefined;
      const ttl = Properties.TimeToLiveSpecification as Json | undefined;
      return {
        [type]: {
          [id]: defined({
            name: ownName,
            billing_mode: of('BillingMode'),
            ...keysOf(Properties.KeySchema),
            attribute: attributes.map((one) => ({ name: one.AttributeName, type: one.AttributeType })),
            ttl: ttl && { attribute_name: ttl.AttributeName, enabled: ttl.Enabled },
            global_secondary_index: indexes?.map(indexOf),
            deletion_protection_enabled: DeletionPolicy === 'Retain' ? true : undefined,
            point_in_time_recovery: recovery && { enabled: recovery.PointInTimeRecoveryEnabled },
            server_side_encryption: { enabled: (Properties.SSESpecification as Json).SSEEnabled },
          }),
        },
      };
    }
    case 'aws_iam_role': {
      const policies = Properties.Policies as readonly Json[];
      return {
        [type]: { [id]: { name: ownName, assume_role_policy: json(Properties.AssumeRolePolicyDocument) } },
        aws_iam_role_policy: Object.fromEntries(
          policies.map(({ PolicyName, PolicyDocument }) => [
            String(PolicyName),
            { name: PolicyName, role: `\${${type}.${id}.id}`, policy: json(PolicyDocument) },
          ]),
        ),
      };
    }
    case 'aws_cloudwatch_log_group':
      return { [type]: { [id]: { name: of('LogGroupName'), retention_in_days: of('RetentionInDays') } } };
    case 'aws_lambda_function':
      return functionBlocks(id, Properties, names);
    case 'aws_cloudwatch_event_rule': {
      const [target] = Properties.Targets as readonly Json[];
      return {
        [type]: {
          [id]: { name: ownName, schedule_expression: of('ScheduleExpression'), state: of('State') },
        },
        aws_cloudwatch_event_target: {
          [id]: { rule: `\${${type}.${id}.name}`, arn: toTerraformValue(target?.Arn, names) },
        },
      };
    }
    case 'aws_lambda_permission':
      return {
        [type]: {
          [id]: {
            action: of('Action'),
            function_name: of('FunctionName'),
            principal: of('Principal'),
            source_arn: of('SourceArn'),
          },
        },
      };
    case 'aws_cloudwatch_metric_alarm': {
      const dimensions = Properties.Dimensions as readonly Json[];
      return {
        [type]: {
          [id]: {
            alarm_name: ownName,
            alarm_description: of('AlarmDescription'),
            namespace: of('Namespace'),
            metric_name: of('MetricName'),
            dimensions: Object.fromEntries(
              dimensions.map(({ Name, Value }) => [String(Name), toTerraformValue(Value, names)]),
            ),
            statistic: of('Statistic'),
            period: of('Period'),
            evaluation_periods: of('EvaluationPeriods'),
            threshold: of('Threshold'),
            comparison_operator: of('ComparisonOperator'),
            treat_missing_data: of('TreatMissingData'),
            alarm_actions: of('AlarmActions'),
          },
        },
      };
    }
    case 'aws_cloudwatch_dashboard':
      return {
        [type]: { [id]: { dashboard_name: of('DashboardName'), dashboard_body: of('DashboardBody') } },
      };
    default:
      throw new PatrolError(
        'CONFIG_INVALID',
        `There is no equal of ${Type} (${name}) in the Terraform module.`,
      );
  }
}

function keysOf(schema: unknown): Json {
  const keys = schema as readonly Json[];
  const keyOf = (kind: string) => keys.find(({ KeyType }) => KeyType === kind)?.AttributeName;
  return defined({ hash_key: keyOf('HASH'), range_key: keyOf('RANGE') });
}

function indexOf({ IndexName, KeySchema, Projection }: Json): Json {
  return { name: IndexName, ...keysOf(KeySchema), projection_type: (Projection as Json).ProjectionType };
}

function defined(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
