import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PatrolConfig } from '../../src/config.ts';
import { messageOf } from '../../src/errors.ts';
import { checkRules } from '../../src/user-rules/read-rules.ts';
import { loadWebhooks } from '../alerts/webhook-file.ts';
import { type Finding, findingsOf } from './finding.ts';

/** `engines` of package.json. */
const LEAST_NODE: readonly [major: number, minor: number] = [20, 19];
/** A spool takes at most some megabytes; with less than this something else fails first. */
const LEAST_SPACE_MB = 64;

/** The version of Node. */
export function checkNode(version: string = process.versions.node): Finding {
  const { ok, failed } = findingsOf('node');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
    ? ok(`Node ${version}.`)
    : failed(`Node ${version} is too old.`, `Take Node ${LEAST_NODE.join('.')} or later.`);
}

/** Whether what is logged can be kept on disk until it is delivered. */
export async function checkSpool({ spoolDirectory }: PatrolConfig): Promise<Finding> {
  const { ok, unused, warning, failed } = findingsOf('spool');
  if (spoolDirectory === false) return unused('Off: what is not delivered when a process ends is lost.');
  const folder = spoolDirectory ?? tmpdir();
  const probe = join(folder, `.patrol-doctor-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, 'x', { flag: 'wx' });
    await rm(probe);
  } catch (error) {
    return failed(
      `Nothing can be written to ${folder}: ${messageOf(error)}.`,
      'Set PATROL_SPOOL_DIRECTORY to a folder that the application may write to, or to off.',
    );
  }
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / 1e6);
  return free < LEAST_SPACE_MB
    ? warning(
        `${folder} has only ${free} MB left.`,
        'Make room, or set PATROL_SPOOL_DIRECTORY to another disk.',
      )
    : ok(`${folder} can be written to, ${free} MB are free.`);
}

/** The rule file: every problem by its line. */
export async function checkRuleFile({ rulesFile }: PatrolConfig): Promise<readonly Finding[]> {
  const { ok, unused, failed } = findingsOf('rules');
  if (rulesFile === undefined) return [unused('PATROL_RULES_FILE is not set.')];
  try {
    const { file, problems } = await checkRules(await readFile(rulesFile, 'utf8'));
    if (file)
      return [ok(`${rulesFile}: ${file.rules.length} rules, ${file.knownErrors.length} known errors.`)];
    return problems.map(({ line, message }) =>
      failed(
        `${rulesFile}${line === undefined ? '' : `:${line}`}: ${message}`,
        'patrol rules validate says the same while you edit.',
      ),
    );
  } catch (error) {
    return [failed(`The rule file cannot be read: ${messageOf(error)}.`, 'Correct PATROL_RULES_FILE.')];
  }
}

/** The webhooks: what is configured, without sending anything. */
export async function checkWebhooks(config: PatrolConfig): Promise<Finding> {
  const { ok, unused, failed } = findingsOf('webhooks');
  try {
    const webhooks = await loadWebhooks(config);
    return webhooks.length === 0
      ? unused('None is configured: nobody is told of new errors.')
      : ok(`${webhooks.map(({ id }) => id).join(', ')}. (patrol webhooks test <id> sends a message.)`);
  } catch (error) {
    return failed(messageOf(error), 'Correct PATROL_WEBHOOKS_FILE or PATROL_WEBHOOK_URL.');
  }
}
