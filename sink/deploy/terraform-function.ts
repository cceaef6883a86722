import type { Resource } from './cloudformation.ts';
import { type Names, toTerraformValue } from './hcl.ts';
import { type Blocks, type Json, snake } from './terraform-blocks.ts';

/** The function, and the queues that it works on. */
export function functionBlocks(id: string, properties: Json, names: Names): Blocks {
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
  const queues = events.map(([name, { Properties }]) => fromQueue(snake(name), Properties, own, names));
  return Object.assign(blocks, ...queues);
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
        // AWS refuses a queue that the role may not read yet.
        depends_on: ['aws_iam_role_policy.sink'],
        scaling_config: { maximum_concurrency: toTerraformValue(MaximumConcurrency, names) },
      },
    },
  };
}
