// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of Terraform, not of JavaScript.
import { describe, expect, it } from 'vitest';
import { createTemplate } from '../../../sink/deploy/template.ts';
import { toTerraform } from '../../../sink/deploy/terraform.ts';

const template = createTemplate();
const module = toTerraform(template, 'patrol');
const text = JSON.stringify(module);
const made = (type: string, name: string) => module.resource[type]?.[name] ?? {};
const properties = (name: string) => template.Resources[name]?.Properties as Record<string, unknown>;

/** There is no Terraform to be had from npm or Debian: what is proved is that nothing of the template is lost. */
describe('the Terraform module', () => {
  it('has the numbers of the template', () => {
    const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = properties('ErrorQueue');
    expect(made('aws_sqs_queue', 'error_queue')).toMatchObject({
      visibility_timeout_seconds: VisibilityTimeout,
      message_retention_seconds: MessageRetentionPeriod,
      sqs_managed_sse_enabled: true,
      redrive_policy: `\${jsonencode({"deadLetterTargetArn" = aws_sqs_queue.dead_letter_queue.arn, "maxReceiveCount" = ${(RedrivePolicy as { maxReceiveCount: number }).maxReceiveCount}})}`,
    });
    const { Timeout, MemorySize, Runtime, Handler } = properties('Function');
    expect(made('aws_lambda_function', 'function')).toMatchObject({
      timeout: Timeout,
      memory_size: MemorySize,
      runtime: Runtime,
      handler: Handler,
    });
    expect(made('aws_lambda_event_source_mapping', 'errors')).toMatchObject({
      function_response_types: ['ReportBatchItemFailures'],
      scaling_config: { maximum_concurrency: '${var.maximum_concurrency}' },
    });
    expect(made('aws_cloudwatch_metric_alarm', 'dead_letter_alarm')).toMatchObject({ threshold: 0 });
    expect(made('aws_lambda_function_recursion_config', 'function')).toMatchObject({
      recursive_loop: 'Allow',
    });
  });

  it('makes every resource, parameter and output of the template', () => {
    const names = Object.values(module.resource).flatMap((blocks) => Object.keys(blocks));
    const snake = (name: string) => name.replace(/(?<=[a-z0-9])[A-Z]/g, '_$&').toLowerCase();
    for (const name of Object.keys(template.Resources)) expect(names).toContain(snake(name));
    expect(Object.keys(module.variable)).toEqual([
      'stack_name',
      ...Object.keys(template.Parameters).map(snake),
    ]);
    expect(Object.keys(module.output)).toEqual(Object.keys(template.Outputs).map(snake));
  });

  it('gives the function every setting and every right that it has there', () => {
    const { variables } = made('aws_lambda_function', 'function').environment as { variables: string };
    const { Variables } = properties('Function').Environment as { Variables: Record<string, unknown> };
    for (const name of Object.keys(Variables)) expect(variables).toContain(`"${name}" = `);
    const { policy } = made('aws_iam_role_policy', 'sink') as { policy: string };
    const actions =
      JSON.stringify(properties('Role')).match(/\b(?:sqs|dynamodb|logs|secretsmanager):\w+/g) ?? [];
    expect(actions.length).toBeGreaterThan(10);
    for (const action of actions) expect(policy).toContain(`"${action}"`);
    expect(policy).toContain('(var.open_ai_secret_arn != "" ? {');
    expect(policy).toContain('join("", [split("#", var.open_ai_secret_arn)[0], "-??????"])');
    // The streams of its own log group, as CloudFormation's ARN of a group means them; and services of any region.
    expect(policy.match(/:\*/g)).toHaveLength(1);
    expect(policy.match(/"kms:ViaService" = \["secretsmanager\.\*", "ssm\.\*"\]/g)).toHaveLength(1);
    expect(policy.match(/\*/g)).toHaveLength(3);
    expect(policy).toContain('"${aws_cloudwatch_log_group.log_group.arn}:*"');
  });

  it('connects the queue only when the role may read it', () => {
    expect(made('aws_lambda_event_source_mapping', 'errors').depends_on).toEqual([
      'aws_iam_role_policy.sink',
    ]);
  });

  it('has a clock that may invoke the function', () => {
    expect(made('aws_cloudwatch_event_rule', 'clock')).toEqual({
      name: '${var.stack_name}-clock',
      schedule_expression: 'rate(1 minute)',
      state: '${(var.webhook_secret_arn != "" ? "ENABLED" : "DISABLED")}',
    });
    expect(made('aws_cloudwatch_event_target', 'clock')).toEqual({
      rule: '${aws_cloudwatch_event_rule.clock.name}',
      arn: '${aws_lambda_function.function.arn}',
    });
    expect(made('aws_lambda_permission', 'clock_permission')).toEqual({
      action: 'lambda:InvokeFunction',
      function_name: '${aws_lambda_function.function.function_name}',
      principal: 'events.amazonaws.com',
      source_arn: '${aws_cloudwatch_event_rule.clock.arn}',
    });
  });

  it('can bring back what people noted', () => {
    expect(made('aws_dynamodb_table', 'history_table').point_in_time_recovery).toEqual({ enabled: true });
    expect(made('aws_dynamodb_table', 'answer_table')).not.toHaveProperty('point_in_time_recovery');
  });

  it('refuses what the template refuses, and says what it expects', () => {
    const pattern = JSON.stringify(template.Parameters.OpenAiSecretArn?.AllowedPattern);
    const { ConstraintDescription } = template.Parameters.OpenAiSecretArn ?? {};
    expect(module.variable.open_ai_secret_arn?.validation).toEqual([
      {
        condition: `\${can(regex(${pattern}, var.open_ai_secret_arn))}`,
        error_message: ConstraintDescription,
      },
    ]);
    expect(module.variable.webhook_kind?.validation).toEqual([
      {
        condition: '${contains(["slack","discord","teams"], var.webhook_kind)}',
        error_message: 'Expected one of slack, discord, teams.',
      },
    ]);
    expect(module.variable.maximum_concurrency?.validation).toEqual([
      {
        condition: '${var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000}',
        error_message: 'Expected a number from 2 to 1000.',
      },
    ]);
    expect(module.variable.stack_name).toMatchObject({ default: 'patrol', validation: [{}] });
  });

  it('refers to nothing that it does not make, and leaves nothing of CloudFormation’s', () => {
    for (const [, type = '', name = ''] of text.matchAll(/\b(aws_\w+)\.(\w+)\./g)) {
      if (type !== 'aws_region') expect(Object.keys(module.resource[type] ?? {})).toContain(name);
    }
    for (const [, name] of text.matchAll(/\bvar\.(\w+)/g))
      expect(Object.keys(module.variable)).toContain(name);
    expect(text).not.toMatch(/Fn::|"Ref"|AWS::/);
  });
});
