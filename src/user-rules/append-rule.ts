import { randomUUID } from 'node:crypto';
import { access, constants, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import { isRecord } from '../bounds.ts';
import { messageOf, PatrolError } from '../errors.ts';
import { parseJson, readRules } from './read-rules.ts';

/** One writer at a time; another process is noticed by the file's time. */
const alone = pLimit(1);

/** Whether {@link appendRule} could write: the file is there and may be replaced. */
export async function isWritable(file: string): Promise<boolean> {
  try {
    const path = await realpath(file);
    await Promise.all([access(path, constants.W_OK), access(dirname(path), constants.W_OK)]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Adds a rule at the end of a rule file. Comments and layout of a YAML file stay; the file is replaced in one step, so
 * that no reader sees half of it.
 *
 * @throws {PatrolError} `RULE_INVALID` when the rule, or the file with it, is wrong; `CONFLICT` where the file cannot
 *   be written, or somebody else wrote it at the same time.
 */
export function appendRule(file: string, rule: unknown): Promise<void> {
  return alone(async () => {
    if (!(await isWritable(file))) {
      throw new PatrolError(
        'CONFLICT',
        'The rule file cannot be written by this process: change it where it is kept.',
      );
    }
    await readRules(JSON.stringify([rule]), 'The rule');
    const path = await realpath(file);
    const { mtimeMs, mode } = await stat(path);
    const source = await readFile(path, 'utf8');
    if (!isEmpty(source)) await readRules(source, file);
    const changed = await withRule(source, rule);
    await readRules(changed, file);
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(temporary, changed, { mode, flag: 'wx' });
      if ((await stat(path)).mtimeMs !== mtimeMs) {
        throw new PatrolError('CONFLICT', 'Somebody else changed the rule file at the same time: try again.');
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      if (error instanceof PatrolError) throw error;
      throw new PatrolError('CONFLICT', `The rule file could not be written: ${messageOf(error)}`, {
        cause: error,
      });
    }
  });
}

/** Nothing but comments: no file of rules yet, and about to become one. */
function isEmpty(source: string): boolean {
  return source.split('\n').every((line) => /^\s*(?:#|$)/.test(line));
}

/** @param source - What {@link readRules} takes, or nothing. */
async function withRule(source: string, rule: unknown): Promise<string> {
  const json = parseJson(source);
  if (!json) {
    const { addToYaml } = await import('./yaml.ts');
    return addToYaml(source, rule);
  }
  const { value } = json;
  const changed = isRecord(value)
    ? { ...value, rules: [...(value.rules as readonly unknown[]), rule] }
    : [...(value as readonly unknown[]), rule];
  return `${JSON.stringify(changed, undefined, 2)}\n`;
}
