import { isRecord } from '../src/bounds.ts';
import type { PatrolConfig } from '../src/config.ts';
import { messageOf, PatrolError } from '../src/errors.ts';
import { loadOptional } from '../src/optional-package.ts';

/** The settings that may be references. */
const SECRETS = [
  'openaiApiKey',
  'githubToken',
  'githubAppPrivateKey',
  'sinkToken',
  'dashboardToken',
  'dashboardReaderToken',
] as const;

/** How a reference is written; an optional `#key` picks a field of a secret that is a JSON object. */
const SECRETS_MANAGER = /^arn:aws[\w-]*:secretsmanager:([\w-]+):\d+:secret:[^#]+/;
const PARAMETER = /^arn:aws[\w-]*:ssm:([\w-]+):\d+:parameter(\/[^#]+)/;
const VAULT = /^vault:([^#]+)/;
const TIMEOUT_MS = 5000;

/**
 * The settings with every reference replaced by the secret that it names: an ARN of Secrets Manager
 * (`arn:aws:secretsmanager:…`) or of a parameter of Systems Manager (`arn:aws:ssm:…:parameter/…`), or a path of
 * HashiCorp Vault (`vault:secret/data/patrol#openai`, with `VAULT_ADDR` and `VAULT_TOKEN`). Read once, at the start.
 *
 * @throws {PatrolError} `CONFIG_INVALID` naming the setting; `retryable`, since permissions and networks get mended.
 */
export async function resolveSecrets(config: PatrolConfig): Promise<PatrolConfig> {
  const resolved = await Promise.all(
    SECRETS.map(async (setting) => {
      const reference = config[setting];
      const read = reference === undefined ? undefined : readerOf(reference);
      if (reference === undefined || !read) return [setting, reference] as const;
      try {
        return [setting, pick(await read(), reference)] as const;
      } catch (cause) {
        throw new PatrolError(
          'CONFIG_INVALID',
          `Could not read the secret of ${setting}: ${messageOf(cause)}`,
          {
            cause,
            retryable: true,
          },
        );
      }
    }),
  );
  return { ...config, ...Object.fromEntries(resolved) };
}

function readerOf(reference: string): (() => Promise<string>) | undefined {
  const secret = SECRETS_MANAGER.exec(reference);
  if (secret) return () => readSecret(secret[0], secret[1] ?? '');
  const parameter = PARAMETER.exec(reference);
  if (parameter) return () => readParameter(parameter[2] ?? '', parameter[1] ?? '');
  const vault = VAULT.exec(reference);
  return vault ? () => readVault(vault[1] ?? '') : undefined;
}

async function readSecret(SecretId: string, region: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await loadOptional(
    '@aws-sdk/client-secrets-manager',
    'A secret named by its ARN',
    () => import('@aws-sdk/client-secrets-manager'),
  );
  const client = new SecretsManagerClient({ region, requestHandler: { requestTimeout: TIMEOUT_MS } });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  if (SecretString === undefined) throw new Error('it is binary, not text.');
  return SecretString;
}

async function readParameter(Name: string, region: string): Promise<string> {
  const { GetParameterCommand, SSMClient } = await loadOptional(
    '@aws-sdk/client-ssm',
    'A parameter named by its ARN',
    () => import('@aws-sdk/client-ssm'),
  );
  const client = new SSMClient({ region, requestHandler: { requestTimeout: TIMEOUT_MS } });
  const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
  if (Parameter?.Value === undefined) throw new Error('it has no value.');
  return Parameter.Value;
}

/** https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version */
async function readVault(path: string): Promise<string> {
  const { VAULT_ADDR, VAULT_TOKEN = '', VAULT_NAMESPACE } = process.env;
  if (!VAULT_ADDR) throw new Error('VAULT_ADDR is not set.');
  const response = await fetch(new URL(`/v1/${path}`, VAULT_ADDR), {
    headers: {
      'x-vault-token': VAULT_TOKEN,
      'x-vault-request': 'true',
      ...(VAULT_NAMESPACE !== undefined && { 'x-vault-namespace': VAULT_NAMESPACE }),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`Vault answered ${response.status}.`);
  const body: unknown = await response.json();
  const outer = isRecord(body) ? body.data : undefined;
  // Version 2 of the engine wraps the secret once more, beside its metadata.
  const inner = isRecord(outer) && isRecord(outer.data) ? outer.data : outer;
  return JSON.stringify(inner ?? {});
}

/** The whole secret, or the field of it that the reference names. */
function pick(secret: string, reference: string): string {
  const key = reference.split('#')[1];
  if (key === undefined) return secret;
  let fields: unknown;
  try {
    fields = JSON.parse(secret);
  } catch {
    // The parser's message would quote the secret.
  }
  const value = isRecord(fields) ? fields[key] : undefined;
  if (typeof value !== 'string' || value === '') throw new Error(`it has no field ${JSON.stringify(key)}.`);
  return value;
}
