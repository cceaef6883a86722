import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSecrets } from '../../sink/secrets.ts';
import { loadConfig, type PatrolOptions } from '../../src/config.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:patrol-AbCdEf';
const PARAMETER = 'arn:aws:ssm:us-east-1:000000000000:parameter/patrol/github';

let server: Server;
let asked: { target: string | undefined; body: string; headers: IncomingHttpHeaders }[] = [];
const before = { ...process.env };

/** Answers like Secrets Manager, Systems Manager and Vault. */
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const target = request.headers['x-amz-target'] as string | undefined;
    asked.push({ target, body, headers: request.headers });
    const answers: Record<string, unknown> = {
      'secretsmanager.GetSecretValue': { SecretString: '{"openai":"the key","empty":""}' },
      'AmazonSSM.GetParameter': { Parameter: { Value: 'the token' } },
      '/v1/secret/data/patrol': { data: { data: { sink: 'the bearer' }, metadata: {} } },
    };
    const answer = answers[target ?? request.url ?? ''];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    VAULT_ADDR: url,
    VAULT_TOKEN: 'vault-token',
  });
});
afterAll(() => {
  process.env = before;
  server.close();
});

const resolve = (options: PatrolOptions) => resolveSecrets(loadConfig(options, {}));

describe('a secret by reference', () => {
  it('is read from Secrets Manager, whole or a field of it', async () => {
    expect((await resolve({ openaiApiKey: `${SECRET}#openai` })).openaiApiKey).toBe('the key');
    expect((await resolve({ openaiApiKey: SECRET })).openaiApiKey).toContain('the key');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ SecretId: SECRET });
  });

  it('is read from Systems Manager, decrypted', async () => {
    asked = [];
    expect((await resolve({ githubToken: PARAMETER })).githubToken).toBe('the token');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ Name: '/patrol/github', WithDecryption: true });
  });

  it('is read from Vault', async () => {
    asked = [];
    expect((await resolve({ sinkToken: 'vault:secret/data/patrol#sink' })).sinkToken).toBe('the bearer');
    expect(asked[0]?.headers['x-vault-token']).toBe('vault-token');
  });

  it('that is none stays as it is, and nobody is asked', async () => {
    asked = [];
    const { openaiApiKey, githubToken } = await resolve({ openaiApiKey: 'a-plain-key' });
    expect({ openaiApiKey, githubToken }).toEqual({ openaiApiKey: 'a-plain-key', githubToken: undefined });
    expect(asked).toEqual([]);
  });

  it.each([
    ['a field that is not there', { openaiApiKey: `${SECRET}#other` }, 'openaiApiKey'],
    ['an empty field', { openaiApiKey: `${SECRET}#empty` }, 'openaiApiKey'],
    ['a path that is not there', { sinkToken: 'vault:secret/data/nowhere' }, 'sinkToken'],
  ])('that cannot be read is refused by the name of its setting: %s', async (_, options, setting) => {
    const error = await resolve(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', retryable: true });
    expect(String(error)).toContain(setting);
    expect(String(error)).not.toContain('the key');
  });
});
