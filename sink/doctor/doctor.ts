import { type PatrolConfig, parseConfig } from '../../src/config.ts';
import { messageOf } from '../../src/errors.ts';
import { visibleText } from '../../src/plain-text.ts';
import { redact } from '../../src/redaction.ts';
import { resolveSecrets } from '../secrets.ts';
import { checkClock } from './clock-check.ts';
import { type Finding, findingsOf } from './finding.ts';
import { checkHistory } from './history-check.ts';
import { checkNode, checkRuleFile, checkSpool, checkWebhooks } from './machine-checks.ts';
import { checkModel } from './model-check.ts';
import { checkQueue } from './queue-check.ts';
import { checkRepositories } from './repository-check.ts';
import { checkSettings } from './settings-check.ts';
import { checkSink } from './sink-check.ts';
import { checkStore } from './store-check.ts';

/** What {@link examine} may do. */
export interface DoctorOptions {
  /** Puts a question to the model, which may cost a fraction of a cent. */
  readonly askModel?: boolean;
}

/** Settings whose values are never shown. */
const SECRET = /(?:key|token|secret|password|redisUrl|webhookUrl)/i;

/** Checks the settings of this process and everything that they name, with the real credentials. Never rejects. */
export async function examine({ askModel = false }: DoctorOptions = {}): Promise<readonly Finding[]> {
  const settings = checkSettings(process.env);
  const { config: parsed } = parseConfig({}, process.env);
  const [config, secrets] = await readSecrets(parsed);
  const clocks = new Map<string, number>();
  const onClock = (server: string, time: number) => clocks.set(server, time - Date.now());

  const found = await Promise.all([
    checkNode(),
    checkModel(config, askModel, onClock),
    checkRepositories(config, onClock),
    checkQueue('queue', 'PATROL_QUEUE_URL', config.queueUrl),
    checkQueue('reply queue', 'PATROL_REPLY_QUEUE_URL', config.replyQueueUrl),
    checkSink(config, onClock),
    checkStore(config),
    checkHistory(config),
    checkSpool(config),
    checkRuleFile(config),
    checkWebhooks(config),
  ]);
  const hide = hiderOf([parsed, config]);
  return [...settings, ...secrets, ...found.flat(), checkClock(clocks, Date.now())].map((finding) => ({
    ...finding,
    message: hide(finding.message),
    ...(finding.mend !== undefined && { mend: hide(finding.mend) }),
  }));
}

/** Secrets that are references are read; where that fails, the rest is looked at all the same. */
async function readSecrets(config: PatrolConfig): Promise<readonly [PatrolConfig, readonly Finding[]]> {
  try {
    return [await resolveSecrets(config), []];
  } catch (error) {
    const mend = 'Check the reference, and that this process may read the secret.';
    return [config, [findingsOf('secrets').failed(messageOf(error), mend)]];
  }
}

/** Takes every secret of the settings out of a text, and whatever else looks like one, and what a terminal obeys. */
function hiderOf(configs: readonly PatrolConfig[]): (text: string) => string {
  const secrets = configs
    .flatMap((config) => Object.entries(config))
    .flatMap(([name, value]) =>
      SECRET.test(name) && typeof value === 'string' && value.length > 3 ? [value] : [],
    );
  return (text) =>
    visibleText(redact(secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)));
}
