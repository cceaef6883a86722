import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type ServerOptions, type SinkServer } from '../../../sink/server.ts';
import { createSinkLog } from '../../../sink/sink-log.ts';
import type { CitedCode } from '../../../src/code-provider.ts';
import { errorEvent } from '../../support/events.ts';
import {
  createRepository,
  startGitHub,
  type TestGitHub,
  type TestRepository,
} from '../../support/github-server.ts';
import { startOpenAI, type TestOpenAI } from '../../support/openai-server.ts';

const URL = 'https://github.com/acme/shop';
const FILE = 'src/cart.js';
const LINE = 21;
const QUOTE = '  return cart.items.length;';
const PASSWORD = ['hunter', '2hunter2'].join('');
/** Forty lines, the cited one in their middle, a password near it. */
const SOURCE = Array.from({ length: 40 }, (_, index) => {
  if (index + 1 === LINE) return QUOTE;
  return index + 1 === LINE + 2 ? `const password = '${PASSWORD}';` : `// line ${index + 1}`;
}).join('\n');

let model: TestOpenAI;
let github: TestGitHub;
let repository: TestRepository;
let deployed: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-code-'));
  repository = await createRepository();
  deployed = await repository.commit({ [FILE]: SOURCE });
  await repository.commit({ [FILE]: `// Everything has moved.\n\n\n${SOURCE.replace(QUOTE, '')}` });
  [model, github] = await Promise.all([startOpenAI(), startGitHub({ 'acme/shop': repository })]);
  model.answer({
    evidence: [
      { file: FILE, line: LINE, quote: QUOTE },
      { file: FILE, line: 3, quote: 'a line that nobody wrote' },
    ],
  });
});
afterAll(async () => {
  await Promise.all([model.stop(), github.stop(), repository.remove()]);
  await rm(folder, { recursive: true, force: true });
});

const event = () =>
  errorEvent({
    repositoryUrl: URL,
    commit: deployed,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'items')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'items')\n    at size (/app/${FILE}:${LINE}:15)`,
    },
  });

/** A server of these settings, for as long as `use` takes. */
async function withServer<T>(options: ServerOptions, use: (server: SinkServer) => Promise<T>): Promise<T> {
  const server = await createServer({
    port: 0,
    host: '127.0.0.1',
    openaiApiKey: 'test-key',
    openaiBaseUrl: model.url,
    parts: { log: createSinkLog(() => {}) },
    ...options,
  });
  try {
    return await use(server);
  } finally {
    await server.close(1000);
  }
}

/** Lets the error come; says its hash. */
async function analyse({ url }: SinkServer): Promise<string> {
  const response = await fetch(`${url}/v1/events?wait`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event()),
  });
  const { results } = (await response.json()) as { results: { errorHash: string }[] };
  return results[0]?.errorHash ?? '';
}

async function codeOf({ url }: SinkServer, hash: string, headers = {}): Promise<readonly CitedCode[]> {
  const response = await fetch(`${url}/v1/errors/${hash}/code`, { headers });
  expect(response.status).toBe(200);
  return ((await response.json()) as { code: readonly CitedCode[] }).code;
}

describe('GET /v1/errors/:hash/code', () => {
  const atGitHub = () => ({ githubApiUrl: github.url, allowedRepositories: ['acme/shop'] });

  it('shows what stands around verified evidence, at the commit that was analysed', async () => {
    await withServer({ historyFile: ':memory:', ...atGitHub() }, async (server) => {
      const code = await codeOf(server, await analyse(server));
      expect(code).toMatchObject([
        { file: FILE, line: LINE, commit: deployed, startLine: 13, cited: { startLine: 21, endLine: 21 } },
      ]);
      expect(code[0]?.lines).toHaveLength(17);
      expect(code[0]?.lines[LINE - 13]).toBe(QUOTE);
      expect(code[0]?.lines.at(-1)).toBe('// line 29');
    });
  });

  it('redacts what it shows', async () => {
    await withServer({ historyFile: ':memory:', ...atGitHub() }, async (server) => {
      const text = JSON.stringify(await codeOf(server, await analyse(server)));
      expect(text).toContain('[REDACTED:password]');
      expect(text).not.toContain(PASSWORD);
    });
  });

  it('asks the code host once, however many look', async () => {
    await withServer({ historyFile: ':memory:', ...atGitHub() }, async (server) => {
      const hash = await analyse(server);
      await codeOf(server, hash);
      const asked = github.requests.length;
      await Promise.all([codeOf(server, hash), codeOf(server, hash)]);
      expect(github.requests).toHaveLength(asked);
    });
  });

  it('reads what git has on this machine, as it was deployed', async () => {
    await withServer({ historyFile: ':memory:', sourceRoot: repository.directory }, async (server) => {
      const [found] = await codeOf(server, await analyse(server));
      expect(found?.lines[LINE - 13]).toBe(QUOTE);
    });
  });

  it('answers an empty list when the code host cannot be reached, or the repository is no longer allowed', async () => {
    const historyFile = join(folder, 'history.db');
    const hash = await withServer({ historyFile, ...atGitHub() }, analyse);
    const gone = await startGitHub({});
    await gone.stop();
    await withServer({ historyFile, ...atGitHub(), githubApiUrl: gone.url }, async (server) => {
      expect(await codeOf(server, hash)).toEqual([]);
    });
    const asked = github.requests.length;
    await withServer({ historyFile, githubApiUrl: github.url }, async (server) => {
      expect(await codeOf(server, hash)).toEqual([]);
    });
    expect(github.requests).toHaveLength(asked);
  });

  it('is for those who may read, and knows no other errors', async () => {
    const tokens = { dashboardToken: 'token-of-an-admin', dashboardReaderToken: 'token-of-a-reader' };
    await withServer({ historyFile: ':memory:', ...tokens, ...atGitHub() }, async (server) => {
      const path = `${server.url}/v1/errors/${'0'.repeat(64)}/code`;
      expect((await fetch(path)).status).toBe(401);
      const headers = { authorization: 'Bearer token-of-a-reader' };
      expect((await fetch(path, { headers })).status).toBe(404);
      expect(await codeOf(server, await analyse(server), headers)).toHaveLength(1);
    });
  });
});
