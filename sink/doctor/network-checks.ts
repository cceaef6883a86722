import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord, truncate } from '../../src/bounds.ts';
import type { PatrolConfig } from '../../src/config.ts';
import { createStore } from '../../src/create-engine.ts';
import { createCodeProvider, createModel } from '../../src/create-providers.ts';
import { messageOf, PatrolError } from '../../src/errors.ts';
import type { Milliseconds } from '../../src/types.ts';
import { createSqsClient } from '../sqs-client.ts';
import { type Finding, type Findings, findingsOf } from './finding.ts';

/** The longest that one part may take to answer. */
const TIMEOUT: Milliseconds = 10_000;
/** AWS refuses a request five minutes off; signed requests of Patrol's do, too. */
const MAX_SKEW: Milliseconds = 60_000;
const OPENAI_URL = 'https://api.openai.com/v1';

/** Told what a server's clock says. */
export type OnClock = (server: string, time: number) => void;

async function ask(url: string, init: RequestInit, onClock: OnClock): Promise<Response> {
  const began = Date.now();
  const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT) });
  const date = Date.parse(response.headers.get('date') ?? '');
  // The header says when the answer was begun, on average half-way.
  if (Number.isFinite(date)) onClock(new URL(url).host, date - (Date.now() - began) / 2);
  return response;
}

/** Why a host could not be reached: `fetch` hides it in the cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

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

/** The repositories: that each can be read, what the token may do, and how many requests are left. */
export async function checkRepositories(config: PatrolConfig, onClock: OnClock): Promise<readonly Finding[]> {
  const found = findingsOf('repository');
  const { defaultRepositoryUrl, repositoryUrlMap, allowedRepositories, githubApiUrl, githubToken } = config;
  const urls = [
    ...new Set(
      [
        defaultRepositoryUrl,
        ...Object.values(repositoryUrlMap),
        ...allowedRepositories.map((name) => `https://github.com/${name}`),
      ].filter((url) => url !== undefined),
    ),
  ];
  if (urls.length === 0) {
    return [
      found.unused(
        'None is allowed: a sink analyses without code. Set PATROL_ALLOWED_REPOSITORIES to owner/repo.',
      ),
    ];
  }
  const { sourceRoot: _, ...remote } = config;
  const provider = await createCodeProvider({ ...remote, sourceRoot: undefined });
  const readable = await Promise.all(
    urls.map(async (repositoryUrl): Promise<Finding> => {
      try {
        const files = await provider?.listFiles?.({ repositoryUrl }, { timeoutMs: TIMEOUT });
        return files && files.length > 0
          ? found.ok(`${repositoryUrl} can be read: ${files.length} files.`)
          : found.warning(`${repositoryUrl} shows no files.`, 'Check its name, and that it is not empty.');
      } catch (error) {
        return found.failed(
          `${repositoryUrl}: ${messageOf(error)}`,
          'Give GITHUB_TOKEN read access to its contents, and check its name.',
        );
      }
    }),
  );
  return [...readable, ...(await checkToken(githubApiUrl, githubToken, found, onClock))];
}

async function checkToken(
  apiUrl: string,
  token: string | undefined,
  found: Findings,
  onClock: OnClock,
): Promise<readonly Finding[]> {
  try {
    const headers = {
      accept: 'application/vnd.github+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const response = await ask(`${apiUrl.replace(/\/+$/, '')}/rate_limit`, { headers }, onClock);
    const scopes = (response.headers.get('x-oauth-scopes') ?? '').split(/,\s*/).filter(Boolean);
    const wide = scopes.filter((scope) => scope !== 'read:org' && scope !== 'public_repo');
    const body: unknown = response.ok ? await response.json() : undefined;
    const core =
      isRecord(body) && isRecord(body.resources) && isRecord(body.resources.core) ? body.resources.core : {};
    const { limit, remaining } = core;
    return [
      ...(wide.length > 0
        ? [
            found.warning(
              `GITHUB_TOKEN may do more than read (${truncate(wide.join(', '), 200)}).`,
              'Take a fine-grained token, or a GitHub App, that may only read the contents of these repositories.',
            ),
          ]
        : []),
      ...(typeof remaining === 'number' && typeof limit === 'number'
        ? [
            remaining < limit / 10
              ? found.warning(
                  `${remaining} of ${limit} requests to GitHub are left this hour.`,
                  'Wait, or give Patrol a token of its own.',
                )
              : found.ok(`${remaining} of ${limit} requests to GitHub are left this hour.`),
          ]
        : []),
    ];
  } catch {
    // Whether GitHub can be reached has been said of each repository.
    return [];
  }
}

/** A queue of SQS: that it is there and the credentials reach it. Nothing is sent or received. */
export async function checkQueue(
  check: 'queue' | 'reply queue',
  variable: string,
  queueUrl: string | undefined,
): Promise<Finding> {
  const found = findingsOf(check);
  if (queueUrl === undefined) return found.unused(`${variable} is not set.`);
  const client = await createSqsClient(TIMEOUT);
  try {
    const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    const waiting = Attributes?.ApproximateNumberOfMessages ?? '0';
    return found.ok(`${queueUrl} is reached; ${waiting} messages wait in it.`);
  } catch (error) {
    return explainAws(error, found, variable, queueUrl);
  } finally {
    client.destroy();
  }
}

function explainAws(error: unknown, found: Findings, variable: string, queueUrl: string): Finding {
  const name = error instanceof Error ? error.name : '';
  if (/NonExistentQueue|QueueDoesNotExist/.test(name)) {
    return found.failed(`There is no queue ${queueUrl}.`, `Correct ${variable}, its region and its account.`);
  }
  if (/AccessDenied|NotAuthorized/.test(name)) {
    return found.warning(
      `The credentials may not look at ${queueUrl}; sending may still be allowed.`,
      'The policy that patrol deploy prints is enough to send; add sqs:GetQueueAttributes to look.',
    );
  }
  if (/Credentials|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|ExpiredToken/.test(name)) {
    return found.failed(
      `AWS takes no credentials of this process (${name}).`,
      'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role.',
    );
  }
  return found.failed(
    `${queueUrl} cannot be asked: ${reasonOf(error)}.`,
    `Check ${variable}, AWS_REGION and the network.`,
  );
}

/** The store through which sinks share answers: that it can be written and read. */
export async function checkStore(config: PatrolConfig): Promise<Finding> {
  const found = findingsOf('store');
  const variable = config.cacheTable === undefined ? 'PATROL_REDIS_URL' : 'PATROL_CACHE_TABLE';
  try {
    const store = await createStore(config);
    if (!store) return found.unused('None: each sink keeps its answers in its own memory.');
    const key = `doctor ${randomUUID()}`;
    try {
      const late = sleep(TIMEOUT, undefined, { ref: false }).then(() => {
        throw new PatrolError('DEADLINE_EXCEEDED', `it did not answer within ${TIMEOUT / 1000} s`);
      });
      const work = store.put(key, 'x', 60_000).then(() => store.get(key));
      const value = await Promise.race([work, late]);
      return value === 'x'
        ? found.ok(`${store.name} can be written and read.`)
        : found.failed(`${store.name} does not give back what was written.`, `Check ${variable}.`);
    } finally {
      store.close();
    }
  } catch (error) {
    return found.failed(
      `The store cannot be used: ${messageOf(error)}.`,
      `Check ${variable}, and what its credentials may do.`,
    );
  }
}

/** The sink of an application: that it is there and takes the token. */
export async function checkSink(config: PatrolConfig, onClock: OnClock): Promise<Finding> {
  const { sinkUrl, sinkToken, sinkSigningKey } = config;
  const found = findingsOf('sink');
  if (sinkUrl === undefined) return found.unused('PATROL_SINK_URL is not set.');
  const base = sinkUrl.replace(/\/+$/, '');
  try {
    const body = JSON.stringify({ batchId: `doctor-${randomUUID()}`, events: [] });
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      ...(sinkToken !== undefined && { authorization: `Bearer ${sinkToken}` }),
    };
    if (sinkSigningKey !== undefined && sinkToken === undefined) {
      const { readSigningKeys, signRequest } = await import('../../src/request-signature.ts');
      Object.assign(headers, signRequest(readSigningKeys(sinkSigningKey), Buffer.from(body)));
    }
    const { status } = await ask(`${base}/v1/events`, { method: 'POST', headers, body }, onClock);
    if (status === 401 || status === 403) {
      return found.failed(
        `${base} refuses this application (${status}).`,
        'Set PATROL_SINK_TOKEN (or PATROL_SINK_SIGNING_KEY) to that of the sink.',
      );
    }
    if (status === 404)
      return found.failed(
        `${base} is no sink (404).`,
        'Set PATROL_SINK_URL to the base URL of patrol serve, without /v1/events.',
      );
    if (status >= 500) return found.failed(`${base} fails (${status}).`, 'Look at the log of the sink.');
    return found.ok(`${base} takes events from this application.`);
  } catch (error) {
    return found.failed(
      `${base} cannot be reached: ${reasonOf(error)}.`,
      'Check PATROL_SINK_URL, that the sink runs, and the network.',
    );
  }
}

/** The clock of this machine beside those of the servers that were asked. */
export function checkClock(clocks: ReadonlyMap<string, number>, now: number): Finding {
  const found = findingsOf('clock');
  const [worst] = [...clocks]
    .map(([server, offset]) => ({ server, offset }))
    .sort((a, b) => Math.abs(b.offset) - Math.abs(a.offset));
  if (!worst) return found.unused('No server was asked whose clock could be compared.');
  const seconds = Math.round(Math.abs(worst.offset) / 1000);
  if (Math.abs(worst.offset) <= MAX_SKEW)
    return found.ok(`It is ${new Date(now).toISOString()}, as ${worst.server} says, too.`);
  return found.failed(
    `The clock is ${seconds} s ${worst.offset > 0 ? 'behind' : 'ahead of'} that of ${worst.server}.`,
    'Switch time synchronisation (NTP) on: AWS and signed requests refuse a clock that is five minutes off.',
  );
}
