import type { PatrolConfig } from '../src/config.ts';
import type { Keys } from '../src/create-providers.ts';
import { messageOf, PatrolError } from '../src/errors.ts';
import type { KeySource } from '../src/renewing.ts';
import type { Milliseconds, Timestamp } from '../src/types.ts';
import type { GateOptions } from './gate.ts';
import { readReference } from './secret-stores.ts';

/** The settings that may be references. */
const SECRETS = [
  'openaiApiKey',
  'githubToken',
  'githubAppPrivateKey',
  'sinkToken',
  'sinkSigningKey',
  'dashboardToken',
  'dashboardReaderToken',
] as const;
type SecretName = (typeof SECRETS)[number];

/** How long a secret is used before it is read again: what AWS's own extension for Lambda keeps to. */
const TTL: Milliseconds = 300_000;
/** However often a key is refused, its secret is read again no sooner. */
const LEAST_AGE: Milliseconds = 30_000;

/** Settings whose references were read, and where those that change are to be had. */
export interface ResolvedConfig extends PatrolConfig {
  /** Only of settings that are references: a plain value does not change. */
  readonly keys: Keys;
  /** What applications show to be let in, as it is now. */
  readonly ingest: Pick<GateOptions, 'token' | 'signingKey'>;
}

/** Parts of {@link resolveSecrets} that can be replaced. */
export interface SecretsOptions {
  /** Told, without the secret, when one could not be read again: the old one is used on. */
  readonly onTrouble?: (problem: string) => void;
  /** @defaultValue `Date.now` */
  readonly now?: () => Timestamp;
}

/**
 * The settings with every reference replaced by the secret that it names: an ARN of Secrets Manager
 * (`arn:aws:secretsmanager:…`) or of a parameter of Systems Manager (`arn:aws:ssm:…:parameter/…`), or a path of
 * HashiCorp Vault (`vault:secret/data/patrol#openai`, with `VAULT_ADDR` and `VAULT_TOKEN`). Keys of the model and of
 * the code host, and the ingest token, are read again after five minutes, a refused one sooner.
 *
 * @throws {PatrolError} `CONFIG_INVALID` naming the setting; `retryable`, since permissions and networks get mended.
 */
export async function resolveSecrets(
  config: PatrolConfig,
  options: SecretsOptions = {},
): Promise<ResolvedConfig> {
  const values: Partial<Record<SecretName, string>> = {};
  const keys: Partial<Record<SecretName, KeySource>> = {};
  await Promise.all(
    SECRETS.map(async (setting) => {
      const reference = config[setting];
      const read = reference === undefined ? undefined : readReference(reference);
      if (!read) return;
      const readNamed = () =>
        read().catch((cause: unknown) => {
          throw new PatrolError(
            'CONFIG_INVALID',
            `Could not read the secret of ${setting}: ${messageOf(cause)}`,
            { cause, retryable: true },
          );
        });
      const first = await readNamed();
      values[setting] = first;
      keys[setting] = createSource(first, readNamed, options);
    }),
  );
  const current = (setting: SecretName) => {
    const value = values[setting] ?? config[setting];
    const source = keys[setting];
    return source ? latestOf(value, source) : value;
  };
  return {
    ...config,
    ...values,
    keys,
    ingest: { token: current('sinkToken'), signingKey: current('sinkSigningKey') },
  };
}

function createSource(first: string, read: () => Promise<string>, options: SecretsOptions): KeySource {
  const { onTrouble = warn, now = Date.now } = options;
  let value = first;
  let readAt = now();
  let reading: Promise<void> | undefined;

  const renew = async (): Promise<void> => {
    readAt = now();
    try {
      value = await read();
    } catch (error) {
      onTrouble(`${messageOf(error)} The one that was read before is used on.`);
    }
  };

  return async (refused) => {
    const age = now() - readAt;
    if (reading || age >= TTL || (refused === value && age >= LEAST_AGE)) {
      reading ??= renew().finally(() => {
        reading = undefined;
      });
      await reading;
    }
    return value;
  };
}

/** For who cannot wait: what was read last. It is looked after meanwhile, and the next request finds it. */
function latestOf(first: string | undefined, source: KeySource): () => string | undefined {
  let latest = first;
  return () => {
    void source().then((value) => {
      latest = value;
    });
    return latest;
  };
}

function warn(problem: string): void {
  process.emitWarning(problem, { type: 'PatrolWarning' });
}
