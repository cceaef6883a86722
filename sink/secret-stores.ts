import { isRecord } from '../src/bounds.ts';
import { loadOptional } from '../src/optional-package.ts';

/** How a reference is written; an optional `#key` picks a field of a secret that is a JSON object. */
const SECRETS_MANAGER = /^arn:aws[\w-]*:secretsmanager:([\w-]+):\d+:secret:[^#]+/;
const PARAMETER = /^arn:aws[\w-]*:ssm:([\w-]+):\d+:parameter(\/[^#]+)/;
const VAULT = /^vault:([^#]+)/;
const TIMEOUT_MS = 5000;

/**
 * How the secret that a reference names is read, whole or the field that it picks; undefined for a value that is no
 * reference.
 */
export function readReference(reference: string): (() => Promise<string>) | undefined {
  const read = readerOf(reference);
  return read && (async () => pick(await read(), reference));
}

/** The ARN in a reference, which is what a role has to be allowed to read; undefined where none is in it. */
export function arnOf(reference: string): string | undefined {
  return (SECRETS_MANAGER.exec(reference) ?? PARAMETER.exec(reference))?.[0];
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
