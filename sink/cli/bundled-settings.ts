import { readRules } from '../../src/user-rules/read-rules.ts';
import { loadWebhooks } from '../alerts/webhook-file.ts';
import { arnOf } from '../secret-stores.ts';
import { readInput } from './input.ts';

/** Files of settings that go into the zip, and what they need of the function that reads them there. */
export interface BundledSettings {
  /** Name in the zip → its JSON: the function reads that without the package for YAML. */
  readonly files: Readonly<Record<string, string>>;
  /** What has to be set for the function to read them. */
  readonly environment: Readonly<Record<string, string>>;
  /** ARNs of the secrets and parameters that they name: the function has to be allowed to read them. */
  readonly secrets: readonly string[];
}

/** Files as the command line names them. */
export interface SettingsFiles {
  readonly rules?: string;
  readonly webhooks?: string;
}

const RULES = 'rules.json';
const WEBHOOKS = 'webhooks.json';

/**
 * Reads the files, whatever their form.
 *
 * @throws {PatrolError} `RULE_INVALID` for a wrong rule file, `CONFIG_INVALID` for a wrong file of webhooks.
 */
export async function bundleSettings({ rules, webhooks }: SettingsFiles): Promise<BundledSettings> {
  const files: Record<string, string> = {};
  const environment: Record<string, string> = {};
  const secrets = new Set<string>();
  if (rules !== undefined) {
    const file = await readRules(await readInput(rules), rules);
    files[RULES] = JSON.stringify({ rules: [...file.rules, ...file.knownErrors] });
    environment.PATROL_RULES_FILE = RULES;
  }
  if (webhooks !== undefined) {
    const all = await loadWebhooks({ webhooksFile: webhooks }, `--webhooks ${webhooks}`);
    files[WEBHOOKS] = JSON.stringify({ webhooks: all });
    environment.PATROL_WEBHOOKS_FILE = WEBHOOKS;
    for (const { url, token, secret } of all) {
      for (const value of [url, token, secret]) {
        const arn = value === undefined ? undefined : arnOf(value);
        if (arn !== undefined) secrets.add(arn);
      }
    }
  }
  return { files, environment, secrets: [...secrets] };
}
