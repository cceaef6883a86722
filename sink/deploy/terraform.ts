import type { Template } from './cloudformation.ts';
import { type Names, toExpression, toTerraformValue } from './hcl.ts';
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

/** The bounds of a parameter stay AWS's to check. */
function variable({ Type, Description, Default }: Json): Json {
  return { type: Type === 'Number' ? 'number' : 'string', description: Description, default: Default };
}
