import { generateKeyPairSync } from 'node:crypto';
import { validate } from '@octokit/graphql-schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PatrolError } from '../../../src/errors.ts';
import { type GitHubOptions, GitHubRepositoryCodeProvider } from '../../../src/providers/github.ts';
import { BLAME_QUERY } from '../../../src/providers/github-blame.ts';
import type { RepositoryRef } from '../../../src/types.ts';
import {
  createRepository,
  startGitHub,
  type TestGitHub,
  type TestRepository,
} from '../../support/github-server.ts';

const TOKEN = 'test-token';
const repositoryUrl = 'https://github.com/acme/shop';
let repository: TestRepository;
let github: TestGitHub;
let deployed: string;
let head: string;
beforeAll(async () => {
  repository = await createRepository();
  deployed = await repository.commit({
    'src/cart.ts': 'deployed\n',
    'src/ü b.ts': 'umlaut\n',
    'logo.bin': 'a\u0000b',
    '.env': 'SECRET=1\n',
    'big.txt': 'x'.repeat(5000),
  });
  await repository.git('tag', 'v1.0');
  head = await repository.commit({ 'src/cart.ts': 'head\n' }, 'Mend the cart\n\nIt was broken.');
  github = await startGitHub({ 'acme/shop': repository, 'acme/secret': repository }, { token: TOKEN });
});
afterAll(async () => {
  await github.stop();
  await repository.remove();
});
beforeEach(() => {
  github.requests.length = 0;
});

const provider = (options: Partial<GitHubOptions> = {}): GitHubRepositoryCodeProvider =>
  new GitHubRepositoryCodeProvider({
    token: TOKEN,
    apiUrl: github.url,
    allowedRepositories: ['acme/shop'],
    ...options,
  });
const at = (commit?: string): RepositoryRef => ({ repositoryUrl, ...(commit !== undefined && { commit }) });
const paths = (): string[] => github.requests.map(({ path }) => path);
const failure = async (call: Promise<unknown>): Promise<PatrolError> => {
  const outcome = await call.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(PatrolError);
  return outcome as PatrolError;
};

describe('a repository', () => {
  it('that nobody allowed is not asked for, and the message says how to allow it', async () => {
    const foreign = { repositoryUrl: 'https://github.com/acme/secret', commit: deployed };
    const error = await failure(provider().readFile(foreign, 'src/cart.ts'));
    expect(error.code).toBe('REPOSITORY_NOT_ALLOWED');
    expect(error.message).toContain('PATROL_ALLOWED_REPOSITORIES=acme/secret');
    expect(() => provider().assertAllowed(foreign)).toThrow(error.message);
    expect(github.requests).toEqual([]);
  });

  it.each(['acme/shop', 'https://github.com/acme/shop.git', 'git@github.com:ACME/Shop.git'])(
    'is allowed as %s, ignoring case and host',
    (allowed) => {
      const llm = provider({ allowedRepositories: [allowed] });
      expect(() => llm.assertAllowed({ repositoryUrl: 'https://ghe.example.com/Acme/SHOP' })).not.toThrow();
    },
  );

  it('is only ever asked for at the configured API', async () => {
    const elsewhere = { repositoryUrl: 'https://github.com@evil.example/acme/shop', commit: deployed };
    expect((await provider().readFile(elsewhere, 'src/cart.ts'))?.text).toBe('deployed\n');
    expect(paths().every((path) => path.startsWith('/repos/acme/shop/'))).toBe(true);
  });

  it.each([{}, { repositoryUrl: 'not a url' }])('must be named: %j', (ref) => {
    expect(() => provider().assertAllowed(ref)).toThrow(PatrolError);
  });

  it('in the allow-list must be one', () => {
    expect(() => provider({ allowedRepositories: ['shop'] })).toThrow(/owner\/repo/);
  });

  it('that the token cannot see is reported as such', async () => {
    const error = await failure(
      provider({ allowedRepositories: ['acme/gone'] }).locate({ repositoryUrl: 'acme/gone' }, 'a.ts'),
    );
    expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    expect(error.message).toMatch(/acme\/gone.*GITHUB_TOKEN/);
  });
});

describe('the state that is read', () => {
  it("is that of the event's commit", async () => {
    expect(await provider().readFile(at(deployed), 'src/cart.ts')).toEqual({
      path: 'src/cart.ts',
      text: 'deployed\n',
      commit: deployed,
      state: 'asked',
    });
  });

  it.each(['v1.0', 'short'])('is that of a tag or a short hash: %s', async (ref) => {
    const file = await provider().readFile(at(ref === 'short' ? deployed.slice(0, 10) : ref), 'src/cart.ts');
    expect(file).toMatchObject({ text: 'deployed\n', commit: deployed, state: 'asked' });
  });

  it.each([
    ['without a commit', undefined],
    ['with an unknown commit', 'f'.repeat(40)],
    ['with an unknown tag', 'v9.9'],
    ['with a commit that is none', 'main&access_token=1#'],
  ])('%s is the head of the default branch, and says so', async (_what, commit) => {
    const file = await provider().readFile(at(commit), 'src/cart.ts');
    expect(file).toMatchObject({ text: 'head\n', commit: head, state: 'default-branch' });
    expect(paths().join(' ')).not.toContain('access_token');
  });
});

describe('a file', () => {
  it('is found by the path of a stack', async () => {
    expect(await provider().locate(at(deployed), '/app/dist/cart.js')).toBe('src/cart.ts');
    expect(await provider().locate(at(deployed), '/app/nowhere.js')).toBeUndefined();
  });

  it('with blanks and umlauts in its name is read', async () => {
    expect((await provider().readFile(at(deployed), 'src/ü b.ts'))?.text).toBe('umlaut\n');
  });

  it.each([
    ['is not there', 'src/nowhere.ts'],
    ['is binary', 'logo.bin'],
    ['is a folder', 'src'],
  ])('that %s is none', async (_what, path) => {
    expect(await provider().readFile(at(deployed), path)).toBeUndefined();
  });

  it('that is too large is none', async () => {
    expect(await provider({ maxFileSize: 1000 }).readFile(at(deployed), 'big.txt')).toBeUndefined();
    expect(paths().join()).not.toContain('big.txt');
  });

  it.each(['.env', '../../../user/repos', '/user', 'src/../.env'])('%s is never asked for', async (path) => {
    expect(await provider().readFile(at(deployed), path)).toBeUndefined();
    expect(await provider().locate(at(deployed), path)).toBeUndefined();
    expect(paths().join()).not.toMatch(/\.env|user/);
  });

  it('is listed, and so are the commits that touched it', async () => {
    expect(await provider().listFiles(at(deployed))).toContain('src/cart.ts');
    const commits = await provider().recentCommits(at(head), 'src/cart.ts', 5);
    expect(commits.map(({ author, message }) => ({ author, message }))).toEqual([
      { author: 'Ada', message: 'Mend the cart' },
      { author: 'Ada', message: 'a change' },
    ]);
    expect(commits[0]).toMatchObject({ sha: head, date: expect.any(Number) });
  });
});

describe('a word', () => {
  it('is searched for in the repository, and never in files with secrets', async () => {
    expect(await provider().searchFiles(at(), 'umlaut')).toEqual(['src/ü b.ts']);
    expect(await provider().searchFiles(at(), 'SECRET')).toEqual([]);
  });

  it('is not waited for while another is searched for: a flood of errors must not queue up', async () => {
    const code = provider();
    const found = await Promise.all(['umlaut', 'cart', 'price'].map((word) => code.searchFiles(at(), word)));
    expect(found).toEqual([['src/ü b.ts'], [], []]);
    expect(paths()).toHaveLength(1);
  });

  it('that is a query of its own is not searched for', async () => {
    expect(await provider().searchFiles(at(), 'x repo:acme/secret')).toEqual([]);
    expect(github.requests).toEqual([]);
  });
});

describe('the rate limit', () => {
  const inAnHour = String(Math.floor(Date.now() / 1000) + 3600);

  it('is spared: the commits that touched a file are asked for once', async () => {
    const code = provider();
    const first = await code.recentCommits(at(deployed), 'src/cart.ts', 3);
    const asked = github.requests.length;
    expect(await code.recentCommits(at(deployed), 'src/cart.ts', 3)).toEqual(first);
    expect(github.requests).toHaveLength(asked);
  });

  it('is spared: tree and file of a commit are asked for once', async () => {
    const code = provider();
    for (let round = 0; round < 3; round++) {
      await code.locate(at(deployed), '/app/src/cart.ts');
      await code.readFile(at(deployed), 'src/cart.ts');
    }
    expect(paths()).toEqual([
      `/repos/acme/shop/git/trees/${deployed}?recursive=1`,
      `/repos/acme/shop/contents/src/cart.ts?ref=${deployed}`,
    ]);
  });

  it.each([
    ['primary', { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inAnHour } }],
    [
      'secondary',
      { status: 403, headers: { 'retry-after': '60' }, message: 'You have exceeded a secondary rate limit' },
    ],
    ['429', { status: 429, headers: { 'retry-after': '60' } }],
  ])('that is used up (%s) is honoured: nothing more is asked', async (_which, fault) => {
    const code = provider();
    github.fail(fault);
    const error = await failure(code.listFiles(at(deployed)));
    expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true });
    expect(error.message).toContain('rate limit');
    expect((await failure(code.listFiles(at(head)))).message).toContain('rate limit');
    expect(github.requests).toHaveLength(1);
  });
});

describe('GitHub itself', () => {
  it('is reached under /api/v3 as well', async () => {
    const file = await provider({ apiUrl: `${github.url}/api/v3/` }).readFile(at(deployed), 'src/cart.ts');
    expect(file?.text).toBe('deployed\n');
    expect(paths().every((path) => path.startsWith('/api/v3/repos/'))).toBe(true);
  });

  it('that stumbles is asked again', async () => {
    github.fail({ status: 502 });
    expect((await provider().readFile(at(deployed), 'src/cart.ts'))?.text).toBe('deployed\n');
  });

  it('that rejects the token is reported with the variable, never with the token', async () => {
    const error = await failure(provider({ token: 'wrong-token' }).listFiles(at(deployed)));
    expect(error.message).toContain('GITHUB_TOKEN');
    expect(error.message).not.toContain('wrong-token');
  });

  it('that nobody answers at is reported with the variable', async () => {
    const error = await failure(
      provider({ apiUrl: 'http://127.0.0.1:9' }).listFiles(at(deployed), { timeoutMs: 3000 }),
    );
    expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true });
  });

  it('is not waited for beyond the deadline', async () => {
    github.fail({ status: 502, times: 50 });
    const error = await failure(provider().listFiles(at(deployed), { timeoutMs: 300 }));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    github.fail({ status: 200, times: 0 });
  });
});

describe('the commits behind the lines that failed', () => {
  const FILE = 'export function total(cart) {\n  return cart.items.length;\n}\n\nexport const later = 1;\n';
  let shop: TestRepository;
  let server: TestGitHub;
  let last: string;
  beforeAll(async () => {
    shop = await createRepository();
    const guarded = FILE.replace('cart.items', 'cart?.items');
    const commits = {
      'Add the cart': FILE,
      'Guard the cart': guarded,
      'Change something else': guarded.replace('= 1', '= 2'),
    };
    for (const [day, [message, file]] of Object.entries(commits).entries()) {
      await shop.commit({ 'src/cart.js': file }, message);
      await shop.git('commit', '--amend', '--no-edit', '--quiet', `--date=2026-01-0${day + 1}T00:00:00Z`);
    }
    last = (await shop.git('rev-parse', 'HEAD')).trim();
    server = await startGitHub({ 'acme/shop': shop }, { token: TOKEN });
  });
  afterAll(async () => {
    await server.stop();
    await shop.remove();
  });
  beforeEach(() => {
    server.requests.length = 0;
  });
  const lines = { startLine: 1, endLine: 3 };
  const messagesOf = async (options: Partial<GitHubOptions> = {}, from = server): Promise<string[]> => {
    const commits = await provider({ apiUrl: from.url, ...options }).recentCommits(
      at(last),
      'src/cart.js',
      5,
      { lines },
    );
    return commits.map(({ message }) => message);
  };

  it('are asked for by a query that GitHub understands', () => {
    expect(validate(BLAME_QUERY)).toEqual([]);
  });

  it('are named without those that touched other lines, in one request', async () => {
    expect(await messagesOf()).toEqual(['Guard the cart', 'Add the cart']);
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(paths().filter((path) => path.includes('/commits?'))).toEqual([]);
  });

  it('are asked for once', async () => {
    const github = provider({ apiUrl: server.url });
    await github.recentCommits(at(last), 'src/cart.js', 5, { lines });
    await github.recentCommits(at(last), 'src/cart.js', 5, { lines });
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('come with what they changed in the file, asked for once', async () => {
    const github = provider({ apiUrl: server.url });
    const [guard] = await github.recentCommits(at(last), 'src/cart.js', 1, { lines });
    const ask = () => github.changeOf(at(last), guard?.sha ?? '', 'src/cart.js');
    expect(await ask()).toBe(
      [
        '@@ -1,5 +1,5 @@',
        ' export function total(cart) {',
        '-  return cart.items.length;',
        '+  return cart?.items.length;',
        ' }',
        ' ',
        ' export const later = 1;',
      ].join('\n'),
    );
    const asked = server.requests.length;
    await ask();
    expect(server.requests).toHaveLength(asked);
    expect(await github.changeOf(at(last), guard?.sha ?? '', 'src/other.js')).toBeUndefined();
    expect(await github.changeOf(at(last), guard?.sha ?? '', '.env')).toBeUndefined();
    expect(await github.changeOf(at(last), '../../user', 'src/cart.js')).toBeUndefined();
  });

  it('are found where GitHub Enterprise has its API', async () => {
    expect(await messagesOf({ apiUrl: `${server.url}/api/v3` })).toEqual(['Guard the cart', 'Add the cart']);
    expect(server.requests.find(({ method }) => method === 'POST')?.path).toBe('/api/graphql');
  });

  it('are those of the file without a token, which GraphQL wants', async () => {
    const open = await startGitHub({ 'acme/shop': shop });
    const github = new GitHubRepositoryCodeProvider({ apiUrl: open.url, allowedRepositories: ['acme/shop'] });
    const commits = await github.recentCommits(at(last), 'src/cart.js', 1, { lines });
    expect(commits.map(({ message }) => message)).toEqual(['Change something else']);
    expect(open.requests.some(({ method }) => method === 'POST')).toBe(false);
    await open.stop();
  });

  it('are those of the file when GraphQL fails, which is then left alone for a while', async () => {
    const github = provider({ apiUrl: server.url });
    await github.listFiles(at(last));
    const limited = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.now() / 1000 + 900) };
    server.fail({ status: 403, headers: limited });
    const [first] = await github.recentCommits(at(last), 'src/cart.js', 1, { lines });
    expect(first?.message).toBe('Change something else');
    await github.recentCommits(at(last), 'src/cart.js', 1, { lines: { startLine: 5, endLine: 5 } });
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe('a GitHub App', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }) as string;
  let server: TestGitHub;
  beforeAll(async () => {
    const app = { id: '4711', installation: '815', publicKey };
    server = await startGitHub({ 'acme/shop': repository }, { token: TOKEN, app });
  });
  afterAll(() => server.stop());
  const asApp = (privateKey: string, installationId = '815'): GitHubRepositoryCodeProvider =>
    new GitHubRepositoryCodeProvider({
      apiUrl: server.url,
      allowedRepositories: ['acme/shop'],
      app: { appId: '4711', privateKey, installationId },
    });

  it.each([
    ['as it is', pem],
    ['on one line, as environments have it', pem.replaceAll('\n', '\\n')],
  ])('reads code with its private key %s, and asks for a token once', async (_how, key) => {
    server.requests.length = 0;
    const github = asApp(key);
    expect((await github.readFile(at(deployed), 'src/cart.ts'))?.text).toBe('deployed\n');
    await github.readFile(at(head), 'src/cart.ts');
    expect(server.requests.filter(({ path }) => path.includes('access_tokens'))).toHaveLength(1);
  });

  it.each([
    ['a key that is none', 'no key', '815'],
    ['another installation', pem, '1'],
  ])(
    'with %s ends in an error that says what to mend, and never the key',
    async (_what, key, installation) => {
      const error = await failure(asApp(key, installation).readFile(at(deployed), 'src/cart.ts'));
      expect(error.code).toBe('SOURCE_UNAVAILABLE');
      expect(error.message).toContain('GITHUB_APP_');
      expect(error.message).not.toContain(key.slice(0, 40));
    },
  );
});
