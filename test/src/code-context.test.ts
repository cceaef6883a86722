import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CodeContext, gatherCodeContext } from '../../src/code-context.ts';
import { PatrolError } from '../../src/errors.ts';
import { GitHubRepositoryCodeProvider } from '../../src/providers/github.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';
import type { ErrorLog, RepositoryCodeProvider } from '../../src/types.ts';
import {
  createRepository,
  startGitHub,
  type TestGitHub,
  type TestRepository,
} from '../support/github-server.ts';

const CART = `import { load } from './store.js';

const LIMIT = 10;

/** Adds up. */
export function total(cart) {
  return cart.items.length;
}

export async function checkout(id) {
  const cart = await load(id);
  return total(cart);
}
`;
const filler = (lines: number): string => Array.from({ length: lines }, (_, n) => `  step(${n});`).join('\n');

let repository: TestRepository;
let github: TestGitHub;
let commit: string;
beforeAll(async () => {
  repository = await createRepository();
  commit = await repository.commit({
    'src/cart.js': CART,
    'src/secret.js': `const password = "${['hunter', '2hunter2'].join('')}";\nfunction f() {\n  throw new Error();\n}\n`,
    'src/long.js': `function long() {\n${filler(900)}\n}\n`,
    'src/flat.js': `${filler(200)}\n`,
    'src/users.ts': 'export function find(id: string): string {\n  return id.trim();\n}\n',
    'src/jobs.js': `start();\nqueue.run(now);\n${'\n'.repeat(30)}queue.on('end', () => {\n  report();\n});\n`,
    'a/same.js': 'x();\n',
    'b/same.js': 'x();\n',
  });
  await repository.commit({ 'README.md': 'later\n' });
  github = await startGitHub({ 'acme/shop': repository });
});
afterAll(async () => {
  await github.stop();
  await repository.remove();
});

const limits = { lines: 5, locations: 4, characters: 18_000 };
const gather = (
  errorLog: Partial<ErrorLog>,
  overrides: Partial<Parameters<typeof gatherCodeContext>[0]> = {},
): Promise<CodeContext> =>
  gatherCodeContext({
    errorLog: { message: 'boom', ...errorLog },
    stack: parseStackTrace(errorLog.stackTrace ?? ''),
    repository: { repositoryUrl: 'https://github.com/acme/shop', commit },
    provider: new GitHubRepositoryCodeProvider({ apiUrl: github.url, allowedRepositories: ['acme/shop'] }),
    limits,
    ...overrides,
  });
const stackOf = (...frames: string[]): string =>
  ['TypeError: boom', ...frames.map((frame) => `    at ${frame}`)].join('\n');
const shown = ({ blocks }: CodeContext): string[] =>
  blocks.map(
    ({ file, startLine, endLine, function: name = '' }) => `${file}:${startLine}-${endLine} ${name}`,
  );

describe('the code of an error', () => {
  it('is the whole function of every frame of the application, in the order of use', async () => {
    const context = await gather({
      stackTrace: stackOf(
        'total (/app/src/cart.js:7:15)',
        'checkout (/app/src/cart.js:12:10)',
        'run (/app/node_modules/x/i.js:1:1)',
      ),
    });
    expect(shown(context)[0]).toMatch(/^src\/cart\.js:6-8 total|^src\/cart\.js:6-13/);
    const text = context.blocks.map((block) => block.text).join('\n');
    expect(text).toContain('export function total(cart) {\n  return cart.items.length;\n}');
    expect(text).toContain('return total(cart);');
    expect(context.blocks[0]).toMatchObject({
      highlightLine: 7,
      commit,
      reason: 'where the error was raised',
    });
    expect(context.location).toEqual({ file: 'src/cart.js', line: 7, function: 'total' });
  });

  it('begins with the innermost cause', async () => {
    const stackTrace = `${stackOf('checkout (/app/src/cart.js:12:10)')}\n  [cause]: Error: deep\n      at find (/app/src/users.ts:2:10)`;
    const context = await gather({ stackTrace });
    expect(shown(context)[0]).toBe('src/users.ts:1-3 find');
    expect(context.location?.file).toBe('src/cart.js');
  });

  it('is found by name where a compiled file has other lines', async () => {
    const context = await gather({ stackTrace: stackOf('find (/app/dist/users.js:90:10)') });
    expect(shown(context)).toEqual(['src/users.ts:1-3 find']);
  });

  it('is read where the user says that the path leads, also out of a dependency', async () => {
    const pathMappings = { '/opt/release/code': 'b', '/app/node_modules/shop': 'src' };
    const first = await gather({ stackTrace: stackOf('/opt/release/code/same.js:1:1') }, { pathMappings });
    expect(shown(first)).toEqual(['b/same.js:1-2 ']);
    const stackTrace = stackOf('find (/app/node_modules/shop/users.ts:2:3)');
    expect(shown(await gather({ stackTrace }, { pathMappings }))).toEqual(['src/users.ts:1-3 find']);
  });

  it('of a function too long for the budget is the part around the line', async () => {
    const context = await gather({ stackTrace: stackOf('long (/app/src/long.js:450:3)') });
    expect(shown(context)).toEqual(['src/long.js:445-455 long']);
  });

  it('outside any function is the lines around', async () => {
    expect(shown(await gather({ stackTrace: stackOf('/app/src/flat.js:100:3') }))).toEqual([
      'src/flat.js:95-105 ',
    ]);
  });

  it('comes from the file that the event names when there is no stack', async () => {
    expect(shown(await gather({ filePath: 'src/cart.js', lineNumber: 7 }))[0]).toMatch(/^src\/cart\.js:6-/);
  });

  it('stays within the budget', async () => {
    const stackTrace = stackOf(
      '/app/src/flat.js:100:3',
      'long (/app/src/long.js:450:3)',
      'total (/app/src/cart.js:7:15)',
    );
    const { blocks } = await gather({ stackTrace }, { limits: { ...limits, characters: 700 } });
    expect(blocks.length).toBeGreaterThan(0);
    expect(blocks.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(700);
  });

  it('is that of the line where the frame has no name, not that of a function without one', async () => {
    const context = await gather({ stackTrace: stackOf('/app/src/jobs.js:2:3') });
    expect(context.blocks[0]).toMatchObject({ file: 'src/jobs.js', highlightLine: 2 });
  });

  it('comes with the latest commits to the file that failed', async () => {
    const { commits } = await gather({ stackTrace: stackOf('total (/app/src/cart.js:7:15)') });
    expect(commits).toEqual([expect.objectContaining({ sha: commit, author: 'Ada', file: 'src/cart.js' })]);
    expect(commits?.[0]?.hunk).toMatch(/^@@ .+ @@\n[+].+/);
  });

  it('comes with commits whose texts can do no harm, whoever wrote them', async () => {
    const hostile: RepositoryCodeProvider = {
      name: 'hostile',
      assertAllowed: () => {},
      locate: () => Promise.resolve('src/cart.js'),
      readFile: () => Promise.resolve({ path: 'src/cart.js', text: CART }),
      recentCommits: () =>
        Promise.resolve([
          {
            sha: commit,
            author: 'Eve\u202egnp\u0000',
            date: Number.NaN,
            message: `\u001b[2Jpassword=${['hunter', '2hunter2'].join('')} ${'x'.repeat(5000)}`,
            url: 'javascript:alert(1)',
          },
        ]),
    };
    const { commits = [] } = await gather(
      { stackTrace: stackOf('total (/app/src/cart.js:7:15)') },
      { provider: hostile },
    );
    expect(commits).toHaveLength(1);
    expect(commits[0]).toMatchObject({ author: 'Evegnp', date: 0 });
    expect(commits[0]).not.toHaveProperty('url');
    expect(commits[0]?.message.length).toBeLessThan(300);
    expect(commits[0]?.message).not.toMatch(/\u001b|hunter2/);
  });

  it('ends with the frames where only a person looks at it', async () => {
    github.requests.length = 0;
    const stackTrace = stackOf('checkout (/app/src/cart.js:12:10)');
    const context = await gather({ stackTrace }, { follow: false });
    expect(shown(context)).toEqual(['src/cart.js:10-13 checkout']);
    expect(github.requests.map(({ path }) => path.split('?')[0])).toEqual([
      `/repos/acme/shop/git/trees/${commit}`,
      '/repos/acme/shop/contents/src/cart.js',
    ]);
  });

  it('is redacted before anyone sees it', async () => {
    const context = await gather({ stackTrace: stackOf('/app/src/secret.js:1:3') });
    expect(context.blocks[0]?.text).toContain('[REDACTED');
    expect(JSON.stringify(context)).not.toContain('hunter2hunter2');
  });
});

describe('what is missing is said', () => {
  const stackTrace = stackOf('total (/app/src/cart.js:7:15)');

  it.each([
    ['without a provider', { provider: undefined }, /no code provider/],
    ['with a budget of nothing', { limits: { ...limits, characters: 0 } }, /limits are set to 0/],
    [
      'for a foreign repository',
      { repository: { repositoryUrl: 'https://github.com/acme/other' } },
      /PATROL_ALLOWED_REPOSITORIES=acme\/other/,
    ],
    ['without a repository', { repository: {} }, /DEFAULT_REPOSITORY_URL/],
  ])('%s', async (_when, overrides, note) => {
    const { provider, ...rest } = overrides as { provider?: RepositoryCodeProvider };
    const context = await gatherCodeContext({
      errorLog: { message: 'boom', stackTrace },
      stack: parseStackTrace(stackTrace),
      repository: {},
      limits,
      ...('provider' in overrides
        ? {}
        : {
            provider: new GitHubRepositoryCodeProvider({
              apiUrl: github.url,
              allowedRepositories: ['acme/shop'],
            }),
          }),
      ...rest,
    });
    expect(context.blocks).toEqual([]);
    expect(context.notes).toEqual([expect.stringMatching(note)]);
    expect(context.location).toMatchObject({ file: '/app/src/cart.js', line: 7 });
  });

  it('when the error names no file', async () => {
    expect((await gather({})).notes[0]).toMatch(/neither the stack nor the event names a file/);
  });

  it.each(['/app/src/nowhere.js', '/app/same.js'])('when %s cannot be told', async (file) => {
    const { blocks, notes } = await gather({
      stackTrace: stackOf(`f (${file}:1:1)`, 'total (/app/src/cart.js:7:15)'),
    });
    expect(notes[0]).toContain(`${file} was not read`);
    expect(blocks[0]?.function).toBe('total');
  });

  it.each([
    ['no commit', undefined, /names no commit; the head of the default branch \([0-9a-f]{12}\) was read/],
    ['an unknown commit', 'f'.repeat(40), /commit is not in the repository; the head of the default branch/],
  ])('when the event names %s', async (_what, unknown, note) => {
    const repository = { repositoryUrl: 'acme/shop', ...(unknown !== undefined && { commit: unknown }) };
    const { blocks, notes } = await gather({ stackTrace }, { repository });
    expect(blocks[0]?.function).toBe('total');
    expect(notes).toEqual([expect.stringMatching(note)]);
  });

  it('when the code host fails, hangs or throws what nobody foresaw', async () => {
    const broken = (locate: RepositoryCodeProvider['locate']): RepositoryCodeProvider => ({
      name: 'broken',
      assertAllowed: () => {},
      locate,
      readFile: () => Promise.resolve(undefined),
    });
    const unavailable = new PatrolError('SOURCE_UNAVAILABLE', 'GitHub failed (status 500).');
    const notes = async (provider: RepositoryCodeProvider, timeoutMs?: number): Promise<string | undefined> =>
      (await gather({ stackTrace }, { provider, ...(timeoutMs !== undefined && { timeoutMs }) })).notes[0];
    expect(await notes(broken(() => Promise.reject(unavailable)))).toContain('GitHub failed (status 500).');
    expect(await notes(broken(() => Promise.reject(new RangeError('odd'))))).toContain('odd');
    expect(
      await notes(
        broken(() => new Promise(() => {})),
        200,
      ),
    ).toContain('took too long');
  });
});
