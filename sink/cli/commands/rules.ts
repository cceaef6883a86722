import type { Command } from 'commander';
import { withExamples, writeJson } from './command.ts';

/** `patrol rules …`. */
export function addRuleCommands(program: Command): void {
  const rules = program
    .command('rules')
    .description('rules of your own: check them against an event, validate a file');

  withExamples(
    rules
      .command('check')
      .description('say what the rules would do with an event: which match, why the others do not')
      .argument('[event]', 'a file with an event, a log line or a stack; - is the standard input', '-')
      .option('-r, --rules <file>', 'the rule file (default: PATROL_RULES_FILE)')
      .option('--json', 'as JSON'),
    ['patrol rules check event.json', ''],
    ['tail -1 app.log | patrol rules check --rules rules.yaml', 'the last line of a log'],
  ).action(async (event: string, options: { rules?: string; json?: boolean }) => {
    const { checkEvent } = await import('../rules.ts');
    const { text, data } = await checkEvent(event, options.rules);
    if (options.json) writeJson(data);
    else process.stdout.write(text);
  });

  withExamples(
    rules
      .command('validate')
      .description('say what is wrong in a rule file, line by line')
      .argument('[file]', 'the rule file (default: PATROL_RULES_FILE)')
      .option('--json', 'as JSON'),
    ['patrol rules validate rules.yaml', 'in CI: ends with 1 where something is wrong'],
  ).action(async (file: string | undefined, options: { json?: boolean }) => {
    const { validateFile } = await import('../rules.ts');
    const { text, data, valid } = await validateFile(file);
    if (options.json) writeJson(data);
    else process.stdout.write(text);
    if (!valid) process.exitCode = 1;
  });

  withExamples(
    rules.command('schema').description('print the JSON schema of a rule file, for editors'),
    ['patrol rules schema > rules.schema.json', ''],
    [
      '# yaml-language-server: $schema=./rules.schema.json',
      'first line of rules.yaml: editors complete and check it',
    ],
  ).action(async () => {
    const { ruleFileJsonSchema } = await import('../../../src/user-rules/schema.ts');
    writeJson(ruleFileJsonSchema());
  });
}
