import { isRecord, truncate } from '../../src/bounds.ts';
import type { PatrolConfig } from '../../src/config.ts';
import { createModel } from '../../src/create-providers.ts';
import { messageOf } from '../../src/errors.ts';
import { type Finding, type Findings, findingsOf } from './finding.ts';
import { ask, type OnClock, reasonOf, TIMEOUT } from './server.ts';

const OPENAI_URL = 'https://api.openai.com/v1';

/** The model: that the key is taken and the model is there; with `complete`, that it answers. */
export async function checkModel(
  config: PatrolConfig,
  complete: boolean,
  onClock: OnClock,
): Promise<Finding> {
  const { openaiApiKey, openaiBaseUrl, openaiModel } = config;
  const found = findingsOf('model');
  if (openaiApiKey === undefined && openaiBaseUrl === undefined) {
    return found.unused(
      'No key: known errors are answered, others are not analysed. Set OPENAI_API_KEY for a model.',
    );
  }
  const base = (openaiBaseUrl ?? OPENAI_URL).replace(/\/+$/, '');
  let listed: readonly string[] | undefined;
  try {
    const headers = openaiApiKey === undefined ? {} : { authorization: `Bearer ${openaiApiKey}` };
    const response = await ask(`${base}/models`, { headers }, onClock);
    if (response.status === 401 || response.status === 403) {
      return found.failed(
        `${base} refuses the key (${response.status}).`,
        'Set OPENAI_API_KEY to a key that is valid there.',
      );
    }
    if (response.ok) listed = modelsOf(await response.json());
  } catch (error) {
    return found.failed(
      `${base} cannot be reached: ${reasonOf(error)}.`,
      'Check OPENAI_BASE_URL, the network and its proxy.',
    );
  }
  if (complete) return askOnce(config, found);
  if (listed?.includes(openaiModel)) return found.ok(`${base} takes the key and has ${openaiModel}.`);
  if (listed && listed.length > 0) {
    const some = listed.slice(0, 8).join(', ');
    return found.failed(
      `${base} has no model ${openaiModel}.`,
      `Set OPENAI_MODEL to one that it has: ${truncate(some, 300)} ….`,
    );
  }
  return found.warning(
    `${base} answers, but does not list its models.`,
    'patrol doctor --ask-model puts a question to it, which may cost a fraction of a cent.',
  );
}

function modelsOf(body: unknown): readonly string[] {
  const data = isRecord(body) && Array.isArray(body.data) ? body.data : [];
  return data.flatMap((one: unknown) => (isRecord(one) && typeof one.id === 'string' ? [one.id] : []));
}

async function askOnce(config: PatrolConfig, found: Findings): Promise<Finding> {
  try {
    const model = await createModel(config);
    const answer = await model?.complete(
      {
        system: 'Answer with one JSON object of the required form.',
        user: 'Say that you are there.',
        schema: {
          type: 'object',
          properties: { there: { type: 'boolean' } },
          required: ['there'],
          additionalProperties: false,
        },
      },
      { timeoutMs: TIMEOUT },
    );
    return found.ok(`${answer?.model ?? config.openaiModel} answers.`);
  } catch (error) {
    return found.failed(messageOf(error), 'Check OPENAI_MODEL, OPENAI_BASE_URL and what the key may use.');
  }
}
