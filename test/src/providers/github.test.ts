import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PatrolError } from '../../../src/errors.ts';
import { type GitHubOptions, GitHubRepositoryCodeProvider } from '../../../src/providers/github.ts';
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
