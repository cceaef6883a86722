import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAuthorized } from '../../sink/gate.ts';
import { type ResolvedConfig, resolveSecrets } from '../../sink/secrets.ts';
import { loadConfig, type PatrolOptions } from '../../src/config.ts';
import { createEngine } from '../../src/create-engine.ts';
import { type FaultyServer, SOUND_ANSWER, startFaultyServer } from '../support/openai-server.ts';

/** There is no Vault to be had on this machine: its HTTP API is stubbed at the network, as are model and code host. */
let vault: Server;
let secret: string;
let reads: number;
let clock: number;
const troubles: string[] = [];
const before = { ...process.env };

beforeEach(async () => {
  [secret, reads, clock, troubles.length] = ['first', 0, 0, 0];
  vault = createServer((_, response) => {
    reads++;
    response.writeHead(secret === '' ? 503 : 200).end(JSON.stringify({ data: { data: { key: secret } } }));
  }).listen(0, '127.0.0.1');
  await once(vault, 'listening');
  const port = (vault.address() as AddressInfo).port;
  Object.assign(process.env, { VAULT_ADDR: `http://127.0.0.1:${port}`, VAULT_TOKEN: 'token' });
});
afterEach(() => {
  process.env = { ...before };
  vault.closeAllConnections();
  vault.close();
});

const resolve = (options: PatrolOptions): Promise<ResolvedConfig> =>
  resolveSecrets(loadConfig(options, {}), {
    now: () => clock,
    onTrouble: (problem) => troubles.push(problem),
  });
const REFERENCE = 'vault:secret/data/patrol#key';
const MINUTE = 60_000;

describe('a secret by reference', () => {
  it('is read once, and again when five minutes are over', async () => {
    const { keys } = await resolve({ openaiApiKey: REFERENCE });
    secret = 'second';
    expect(await keys.openaiApiKey?.()).toBe('first');
    clock += 5 * MINUTE;
    expect(await Promise.all([keys.openaiApiKey?.(), keys.openaiApiKey?.()])).toEqual(['second', 'second']);
    expect(reads).toBe(2);
  });

  it('is read sooner when it was refused, but not for every refusal', async () => {
    const { keys } = await resolve({ openaiApiKey: REFERENCE });
    clock += MINUTE;
    for (let time = 0; time < 10; time++) await keys.openaiApiKey?.('first');
    expect(reads).toBe(2);
  });

  it('that cannot be read again is used on, and that is said without it', async () => {
    const { keys } = await resolve({ openaiApiKey: REFERENCE });
    secret = '';
    clock += 5 * MINUTE;
    expect(await keys.openaiApiKey?.()).toBe('first');
    expect(troubles).toEqual([expect.stringMatching(/openaiApiKey.*503.*used on/)]);
    expect(troubles.join()).not.toContain('first');
  });

  it('does not change where it is no reference', async () => {
    expect((await resolve({ openaiApiKey: 'plain', sinkToken: 'plain' })).keys).toEqual({});
  });

  it('lets in who bears the new ingest token', async () => {
    const { ingest } = await resolve({ sinkToken: REFERENCE });
    const bears = (token: string) =>
      isAuthorized({ headers: { authorization: `Bearer ${token}` } }, ingest.token);
    expect([bears('first'), bears('second')]).toEqual([true, false]);
    secret = 'second';
    clock += 5 * MINUTE;
    await expect.poll(() => bears('second')).toBe(true);
    expect(bears('first')).toBe(false);
  });
});

describe('a key that was changed while the sink runs', () => {
  let server: FaultyServer;
  /** The keys that were shown, by path. */
  let shown: string[];
  beforeEach(async () => {
    shown = [];
    server = await startFaultyServer((response, _, request) => {
      const [, key = ''] = (request.headers.authorization ?? '').split(' ');
      shown.push(key);
      const reply = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (key !== 'second') return void reply(401, { message: 'Bad credentials' });
      if (request.url?.includes('/repos/')) return void reply(404, {});
      const message = { role: 'assistant', content: JSON.stringify(SOUND_ANSWER) };
      reply(200, { choices: [{ index: 0, message, finish_reason: 'stop' }] });
    });
  });
  afterEach(() => server.stop());

  const analyse = async (options: PatrolOptions) => {
    const config = await resolve(options);
    secret = 'second';
    clock += MINUTE;
    const engine = await createEngine(config, { keys: config.keys });
    const stackTrace = 'Error: x\n    at price (/app/src/cart.js:1:1)';
    return engine.processErrorLog({ errorLog: { message: 'cart is not priced', stackTrace } });
  };

  it('is taken up at the model’s first refusal', async () => {
    const result = await analyse({ openaiApiKey: REFERENCE, openaiBaseUrl: server.url });
    expect(result).toMatchObject({ source: 'llm', rootCause: SOUND_ANSWER.rootCause });
    expect(shown).toEqual(['first', 'second']);
  });

  it('is taken up at the code host’s first refusal', async () => {
    await analyse({
      githubToken: REFERENCE,
      githubApiUrl: server.url,
      defaultRepositoryUrl: 'https://github.com/acme/shop',
      openaiBaseUrl: server.url,
    });
    expect(shown.slice(0, 2)).toEqual(['first', 'second']);
  });
});
