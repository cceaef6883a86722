import { ErrorAnalysisEngine, GitHubRepositoryCodeProvider, OpenAILLMProvider } from 'patrol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createRepository,
  startGitHub,
  type TestGitHub,
  type TestRepository,
} from '../support/github-server.ts';
import { startOpenAI, type TestOpenAI } from '../support/openai-server.ts';

const CART = 'export function total(cart) {\n  return cart.items.length;\n}\n';
let model: TestOpenAI;
let repository: TestRepository;
let github: TestGitHub;
let first: string;
let unrelated: string;
let changed: string;

beforeAll(async () => {
  model = await startOpenAI();
  repository = await createRepository();
  first = await repository.commit({ 'src/cart.js': CART, 'README.md': 'one' });
  unrelated = await repository.commit({ 'README.md': 'two' });
  changed = await repository.commit({ 'src/cart.js': CART.replace('{\n', '{\n  // moved\n') });
  github = await startGitHub({ 'acme/shop': repository });
});
afterAll(async () => {
  await model.stop();
  await github.stop();
  await repository.remove();
});
beforeEach(() => {
  model.reset();
  model.answer({
    rootCause: 'The cart has no items.',
    evidence: [{ file: 'src/cart.js', line: 2, quote: 'return cart.items.length;' }],
  });
});

const createEngine = () =>
  new ErrorAnalysisEngine({
    llmProvider: new OpenAILLMProvider({ apiKey: 'k', baseUrl: model.url, maxRetries: 0 }),
    codeProvider: new GitHubRepositoryCodeProvider({
      apiUrl: github.url,
      allowedRepositories: ['acme/shop'],
    }),
    rules: [],
  });
const failedAt = (commit?: string) => ({
  repositoryUrl: 'https://github.com/acme/shop',
  ...(commit !== undefined && { commit }),
  errorLog: {
    name: 'TypeError',
    message: "Cannot read properties of undefined (reading 'length')",
    stackTrace:
      "TypeError: Cannot read properties of undefined (reading 'length')\n    at total (/srv/app/src/cart.js:2:21)",
  },
});

describe('a cached answer', () => {
  test('outlives a deploy that leaves the cited code alone: no model is asked', async () => {
    const engine = createEngine();
    expect((await engine.processErrorLog(failedAt(first))).evidence).toMatchObject([{ verified: true }]);
    expect(await engine.processErrorLog(failedAt(unrelated))).toMatchObject({ cached: true });
    expect(model.requests()).toHaveLength(1);
  });

  test('ends with a deploy that changes the cited code: one new analysis, which is shown the old one', async () => {
    const engine = createEngine();
    await engine.processErrorLog(failedAt(first));
    const again = await Promise.all([1, 2, 3].map(() => engine.processErrorLog(failedAt(changed))));
    expect(again.filter(({ cached }) => !cached)).toHaveLength(1);
    expect(model.requests()).toHaveLength(2);
    expect(model.requests()[1]?.user).toContain('The cart has no items.');
    expect(model.requests()[1]?.user).toContain('// moved');
  });

  test('comes back with the code that it cites: a rollback costs nothing', async () => {
    const engine = createEngine();
    await engine.processErrorLog(failedAt(first));
    await engine.processErrorLog(failedAt(changed));
    expect(await engine.processErrorLog(failedAt(first))).toMatchObject({ cached: true });
    expect(await engine.processErrorLog(failedAt(changed))).toMatchObject({ cached: true });
    expect(model.requests()).toHaveLength(2);
  });

  test('stands when nobody can tell: no commit, an unknown one, or a code host that is down', async () => {
    const engine = createEngine();
    await engine.processErrorLog(failedAt(first));
    expect(await engine.processErrorLog(failedAt())).toMatchObject({ cached: true });
    expect(await engine.processErrorLog(failedAt('f'.repeat(40)))).toMatchObject({ cached: true });
    github.fail({ status: 404 });
    expect(await engine.processErrorLog(failedAt(unrelated))).toMatchObject({ cached: true });
    expect(model.requests()).toHaveLength(1);
  });

  test('costs one call to the model for each change of the cited code, and none without', async () => {
    const engine = createEngine();
    for (let deploy = 1; deploy <= 4; deploy++) {
      const commit = await repository.commit({ 'src/cart.js': `// deploy ${deploy}\n${CART}` });
      const next = await repository.commit({ 'README.md': `deploy ${deploy}` });
      await engine.processErrorLog(failedAt(commit));
      await engine.processErrorLog(failedAt(next));
      expect(model.requests()).toHaveLength(deploy);
    }
  });

  test('does not show its own book-keeping', async () => {
    expect(await createEngine().processErrorLog(failedAt(first))).not.toHaveProperty('basis');
  });
});

describe('the commits that may have brought an error', () => {
  test('stand in the result: who, when, what, and where to read it', async () => {
    const result = await createEngine().processErrorLog(failedAt(changed));
    expect(result.suspectCommits).toEqual([
      {
        hunk: '@@ -1,3 +1,4 @@\n export function total(cart) {\n+  // moved\n   return cart.items.length;\n }',
        sha: changed,
        author: 'Ada',
        date: expect.any(Number),
        message: 'a change',
        url: expect.stringContaining(changed),
        file: 'src/cart.js',
      },
      expect.objectContaining({ sha: first }),
    ]);
  });

  test('are left out where nobody knows them', async () => {
    const engine = new ErrorAnalysisEngine({ rules: [] });
    expect(await engine.processErrorLog(failedAt(changed))).not.toHaveProperty('suspectCommits');
  });
});
