import type { Template } from './cloudformation.ts';
import { type Names, toExpression, toTerraformValue } from './hcl.ts';
import { STACK_NAME, STACK_NAME_EXPECTED } from './stack-name.ts';
import { type Blocks, type Json, STACK, snake } from './terraform-blocks.ts';
import { resourcesOf, TYPES } from './terraform-resources.ts';

/** A module in Terraform's JSON syntax: what `main.tf.json` holds. */
export interface TerraformModule {
  readonly terraform: Json;
  readonly variable: Readonly<Record<string, Json>>;
  readonly data: Json;
  readonly resource: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly output: Readonly<Record<string, Json>>;
}

/**
 * The stack of {@link Template} for Terraform (AWS provider 5 or later), made from the template, so that both are
 * equal; `patrol-lambda.zip` lies beside it. What is made is named after `stack` unless `stack_name` says otherwise.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for a resource of the template that it does not know.
 */
export function toTerraform(template: Template, stack: string): TerraformModule {
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
      stack_name: variable('stack_name', {
        Description: 'Name of the function, and what all other names begin with',
        Default: stack,
        AllowedPattern: STACK_NAME.source,
        ConstraintDescription: `Expected ${STACK_NAME_EXPECTED}.`,
      }),
      ...Object.fromEntries(
        Object.entries(template.Parameters).map(([name, parameter]) => [
          snake(name),
          variable(snake(name), parameter),
        ]),
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

/** What CloudFormation's `Ref` of a resource is in Terraform, where it is not its name. */
const REFERENCES: Readonly<Record<string, string>> = {
  aws_sqs_queue: 'url',
  aws_lambda_function: 'function_name',
};

function namesOf(template: Template): Names {
  const typeOf = (name: string) => TYPES[template.Resources[name]?.Type ?? ''];
  const resource = (name: string, attribute: string) => `${typeOf(name)}.${snake(name)}.${attribute}`;
  return {
    ref(name) {
      if (name === 'AWS::StackName') return STACK;
      if (name === 'AWS::Region') return 'data.aws_region.current.id';
      if (name in template.Parameters) return `var.${snake(name)}`;
      return resource(name, REFERENCES[typeOf(name) ?? ''] ?? 'name');
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

/** A variable, with the bounds of the parameter: a wrong value is refused before anything is made. */
function variable(name: string, parameter: Json): Json {
  const { Type, Description, Default, AllowedPattern, AllowedValues, MinValue, MaxValue } = parameter;
  const [own, isNumber] = [`var.${name}`, Type === 'Number'];
  const refuse = (condition: string, error_message: unknown) => ({
    validation: [{ condition: `\${${condition}}`, error_message }],
  });
  return {
    type: isNumber ? 'number' : 'string',
    description: Description,
    default: Default,
    ...(typeof AllowedPattern === 'string' &&
      refuse(matches(own, AllowedPattern), parameter.ConstraintDescription)),
    ...(Array.isArray(AllowedValues) &&
      refuse(
        `contains(${JSON.stringify(AllowedValues)}, ${own})`,
        `Expected one of ${AllowedValues.join(', ')}.`,
      )),
    ...(isNumber &&
      refuse(
        `${own} >= ${MinValue} && ${own} <= ${MaxValue}`,
        `Expected a number from ${MinValue} to ${MaxValue}.`,
      )),
  };
}

/** Strings of Terraform's language have their own `${`; a pattern has none. */
function matches(expression: string, pattern: string): string {
  return `can(regex(${JSON.stringify(pattern)}, ${expression}))`;
}
