import type { Command } from 'commander';

/** A command line and what it does. */
type Example = readonly [line: string, what: string];

/** What every command's exit code means; part of `--help`. */
export const EXIT_CODES: string = [
  'Exit codes:',
  '  0  done, and all is well',
  '  1  it failed, or what it looked at is not well',
  '  2  it was called wrongly',
].join('\n');

/** Adds examples below a command's help. */
export function withExamples(command: Command, ...examples: readonly Example[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`.trimEnd());
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** Writes a value as JSON, for programs. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
