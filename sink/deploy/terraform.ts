// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Terraform, not of JavaScript.
import { PatrolError } from '../../src/errors.ts';
import { type Names, toExpression, toTerraformValue } from './hcl.ts';
import type { Resource, Template } from './template.ts';

type Json = Readonly<Record<string, unknown>>;
/** Terraform's type → name → arguments. */
type Blocks = Record<string, Record<string, Json>>;

/** A module in Terraform's JSON syntax: what `main.tf.json` holds. */
export interface TerraformModule {
  readonly terraform: Json;
  readonly variable: Readonly<Record<string, Json>>;
  readonly data: Json;
  readonly resource: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly output: Readonly<Record<string, Json>>;
}

/** CloudFormation's type → Terraform's. */
const TYPES: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'aws_sqs_queue',
  'AWS::DynamoDB::Table': 'aws_dynamodb_table',
  'AWS::IAM::Role': 'aws_iam_role',
  'AWS::Logs::LogGroup': 'aws_cloudwatch_log_group',
  'AWS::Serverless::Function': 'aws_lambda_function',
  'AWS::CloudWatch::Alarm': 'aws_cloudwatch_metric_alarm',
  'AWS::CloudWatch::Dashboard': 'aws_cloudwatch_dashboard',
};
const STACK = 'var.stack_name';

/**
 * The stack of {@link Template} for Terraform (AWS provider 5 or later), made from the template, so that both are
 * equal; `patrol-lambda.zip` lies beside it.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for a resource of the template that it does not know.
 */
export function toTerraform(template: Template): TerraformModule {
  const names = namesOf(template);
  const resource: Blocks = {};
  for (const [name, one] of Object.entries(template.Resources)) {
    for (const [type, blocks] of Object.entries(resourcesOf(name, one, names))) {
      resource[type] = { ...resource[type], ...blocks };
    }
  }
  return {
    terraform: { required_providers: { aws: { source: 'hashicorp/aws', version: '>= 5.84' } } },
    variable: {
      stack_name: { type: 'string', description: 'Name of the function and of all else', default: 'patrol' },
      ...Object.fromEntries(
        Object.entries(template.Parameters).map(([name, parameter]) => [snake(name), variable(parameter)]),
      ),
    },
    data: { aws_region: { current: {} } },
    resource,
    output: Object.fromEntries(
      Object.entries(template.Outputs as Record<string, Json>).map(([name, { Description, Value }]) => [
        snake(name),
        {
          ...(Description !== undefined && { description: Description }),
          value: toTerraformValue(Value, names),
        },
      ]),
    ),
  };
}

function namesOf(template: Template): Names {
  const typeOf = (name: string) => TYPES[template.Resources[name]?.Type ?? ''];
  const resource = (name: string, attribute: string) => `${typeOf(name)}.${snake(name)}.${attribute}`;
  return {
    ref(name) {
      if (name === 'AWS::StackName') return STACK;
      if (name === 'AWS::Region') return 'data.aws_region.current.id';
      if (name in template.Parameters) return `var.${snake(name)}`;
      return resource(name, typeOf(name) === 'aws_sqs_queue' ? 'url' : 'name');
    },
    attribute(name, attribute) {
      const own = resource(name, attribute === 'Arn' ? 'arn' : 'name');
      // CloudFormation's ARN of a log group means its streams.
      return typeOf(name) === 'aws_cloudwatch_log_group' ? `"\${${own}}:*"` : own;
    },
    condition(name) {
      const [equals] = (template.Conditions[name] as { 'Fn::Not': [{ 'Fn::Equals': [unknown, string] }] })[
        'Fn::Not'
      ];
      const [parameter, none] = equals['Fn::Equals'];
      return `${toExpression(parameter, this)} != ${JSON.stringify(none)}`;
    },
  };
}

function resourcesOf(name: string, { Type, Properties, DeletionPolicy }: Resource, names: Names): Blocks {
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
      return lambda(id, Properties, names);
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

/** The function, what invokes it, and the permission for that. */
function lambda(id: string, properties: Json, names: Names): Blocks {
  const of = (property: string) => toTerraformValue(properties[property], names);
  const zip = `\${path.module}/${properties.CodeUri}`;
  const own = (attribute: string) => `\${aws_lambda_function.${id}.${attribute}}`;
  const { LogGroup } = properties.LoggingConfig as Json;
  const { Variables } = properties.Environment as Json;
  const blocks: Blocks = {
    aws_lambda_function: {
      [id]: {
        function_name: of('FunctionName'),
        filename: zip,
        source_code_hash: `\${filebase64sha256("${zip}")}`,
        handler: of('Handler'),
        runtime: of('Runtime'),
        architectures: of('Architectures'),
        memory_size: of('MemorySize'),
        timeout: of('Timeout'),
        role: of('Role'),
        logging_config: { log_format: 'Text', log_group: toTerraformValue(LogGroup, names) },
        environment: { variables: toTerraformValue(Variables, names) },
      },
    },
    aws_lambda_function_recursion_config: {
      [id]: { function_name: own('function_name'), recursive_loop: of('RecursiveLoop') },
    },
  };
  const events = Object.entries(properties.Events as Record<string, Resource>);
  const invokers = events.map(([name, { Type, Properties }]) =>
    Type === 'SQS'
      ? fromQueue(snake(name), Properties, own, names)
      : fromClock(snake(name), Properties, own, names),
  );
  return Object.assign(blocks, ...invokers);
}

/** An attribute of the function. */
type Own = (attribute: string) => string;

function fromQueue(id: string, properties: Json, own: Own, names: Names): Blocks {
  const { MaximumConcurrency } = properties.ScalingConfig as Json;
  return {
    aws_lambda_event_source_mapping: {
      [id]: {
        event_source_arn: toTerraformValue(properties.Queue, names),
        function_name: own('arn'),
        batch_size: properties.BatchSize,
        function_response_types: properties.FunctionResponseTypes,
        scaling_config: { maximum_concurrency: toTerraformValue(MaximumConcurrency, names) },
      },
    },
  };
}

function fromClock(id: string, properties: Json, own: Own, names: Names): Blocks {
  const rule = `aws_cloudwatch_event_rule.${id}`;
  return {
    aws_cloudwatch_event_rule: {
      [id]: {
        name: `\${${STACK}}-${id}`,
        schedule_expression: properties.Schedule,
        state: toTerraformValue(properties.State, names),
      },
    },
    aws_cloudwatch_event_target: { [id]: { rule: `\${${rule}.name}`, arn: own('arn') } },
    aws_lambda_permission: {
      [id]: {
        action: 'lambda:InvokeFunction',
        function_name: own('function_name'),
        principal: 'events.amazonaws.com',
        source_arn: `\${${rule}.arn}`,
      },
    },
  };
}

/** The bounds of a parameter stay AWS's to check. */
function variable({ Type, Description, Default }: Json): Json {
  return { type: Type === 'Number' ? 'number' : 'string', description: Description, default: Default };
}

function defined(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** `OpenAiSecretArn` → `open_ai_secret_arn`. */
function snake(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
