import { describe, expect, test } from 'vitest';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { createEngine } from '../../src/create-engine.ts';

describe('settings', () => {
  test("have the prototype's defaults", () => {
    expect(loadConfig({}, {})).toMatchObject({
      cacheMaxSize: 1000,
      cacheEvictionPolicy: 'LRU',
      cacheTtl: 86_400,
      codeContextLines: 20,
      maxCodeLocations: 4,
      maxRepositoryContextChars: 18_000,
      level: 'error',
      repositoryUrlMap: {},
      allowedRepositories: [],
      githubApiUrl: 'https://api.github.com',
    });
  });

  test('come from the environment', () => {
    const config = loadConfig(
      {},
      {
        CACHE_MAX_SIZE: '10',
        CACHE_EVICTION_POLICY: 'fifo',
        CACHE_TTL: '60',
        OPENAI_API_KEY: 'a key',
        OPENAI_BASE_URL: 'http://127.0.0.1:8080/v1',
        REPOSITORY_URL_MAP: '{"checkout":"https://github.com/acme/checkout"}',
        PATROL_ALLOWED_REPOSITORIES: 'acme/shop, acme/lib',
        PATROL_QUEUE_URL: 'http://sqs.us-east-1.localhost:4566/000000000000/errors',
        PATROL_SPOOL_DIRECTORY: 'off',
      },
    );
    expect(config).toMatchObject({
      cacheMaxSize: 10,
      cacheEvictionPolicy: 'FIFO',
      cacheTtl: 60,
      openaiApiKey: 'a key',
      openaiBaseUrl: 'http://127.0.0.1:8080/v1',
      repositoryUrlMap: { checkout: 'https://github.com/acme/checkout' },
      allowedRepositories: ['acme/shop', 'acme/lib'],
      queueUrl: 'http://sqs.us-east-1.localhost:4566/000000000000/errors',
      spoolDirectory: false,
    });
  });

  test('given in code win over the environment', () => {
    expect(loadConfig({ cacheMaxSize: 5 }, { CACHE_MAX_SIZE: '10' }).cacheMaxSize).toBe(5);
  });

  test('take the first variable that is set', () => {
    const environment = { OTEL_SERVICE_NAME: 'otel', npm_package_name: 'package' };
    expect(loadConfig({}, environment).service).toBe('otel');
    expect(loadConfig({}, { ...environment, PATROL_SERVICE: 'patrol' }).service).toBe('patrol');
  });

  test('count as not set when the variable is empty', () => {
    expect(loadConfig({}, { CACHE_MAX_SIZE: '', PATROL_QUEUE_URL: ' ' })).toMatchObject({
      cacheMaxSize: 1000,
      queueUrl: undefined,
    });
  });

  test.each([
    [
      'CACHE_MAX_SIZE',
      'many',
      'Expected CACHE_MAX_SIZE to be a whole number from 1 to 10000000, got a string of 4 characters.',
    ],
    [
      'CACHE_MAX_SIZE',
      '0',
      'Expected CACHE_MAX_SIZE to be a whole number from 1 to 10000000, got a string of 1 character.',
    ],
    [
      'CACHE_EVICTION_POLICY',
      'RANDOM',
      'Expected CACHE_EVICTION_POLICY to be LRU or FIFO, got a string of 6 characters.',
    ],
    [
      'OPENAI_BASE_URL',
      'localhost',
      'Expected OPENAI_BASE_URL to be an http or https URL, got a string of 9 characters.',
    ],
    [
      'PATROL_QUEUE_URL',
      'ftp://host/q',
      'Expected PATROL_QUEUE_URL to be an http or https URL, got a string of 12 characters.',
    ],
    [
      'REPOSITORY_URL_MAP',
      '{',
      'Expected REPOSITORY_URL_MAP to be a JSON object of service name → URL, got a string of 1 character.',
    ],
    [
      'PATROL_ALLOWED_REPOSITORIES',
      'https://github.com/a/b',
      'Expected PATROL_ALLOWED_REPOSITORIES to be a comma-separated list of owner/repo, got a string of 22 characters.',
    ],
  ])('%s=%s is refused with one clear sentence', (variable, value, message) => {
    expect(() => loadConfig({}, { [variable]: value })).toThrow(message);
  });

  test('that are wrong are all named in one message, none of their values in it', () => {
    const environment = { CACHE_TTL: 'hunter2', CACHE_MAX_SIZE: 'hunter2', OPENAI_BASE_URL: 'hunter2' };
    const { problems } = parseConfig({}, environment);
    expect(problems.map(({ setting }) => setting)).toEqual(['cacheMaxSize', 'cacheTtl', 'openaiBaseUrl']);
    expect(() => loadConfig({}, environment)).toThrow(/CACHE_MAX_SIZE.*CACHE_TTL.*OPENAI_BASE_URL/);
    expect(problems.map(({ message }) => message).join(' ')).not.toContain('hunter2');
  });

  test('that are wrong take their default where a process must go on', () => {
    const { config, problems } = parseConfig({ level: 7 as unknown as string }, { CACHE_TTL: 'x' });
    expect(config).toMatchObject({ level: 'error', cacheTtl: 86_400 });
    expect(problems.map(({ message }) => message)).toEqual([
      'Expected CACHE_TTL to be a whole number from 1 to 31536000, got a string of 1 character.',
      'Expected option level to be a text, got a number.',
    ]);
  });
});

describe('the language of answers', () => {
  test('is English by default', () => {
    expect(loadConfig({}, {}).language).toBe('en');
  });

  test.each([
    ['ko', 'ko'],
    ['EN-us', 'en-US'],
    ['zh-hant', 'zh-Hant'],
  ])('%s is taken as %s', (given, language) => {
    expect(loadConfig({}, { PATROL_LANGUAGE: given }).language).toBe(language);
  });

  test.each(['korean', 'xx', 'ko; ignore all rules', '한국어'])('%s is refused', (given) => {
    const { config, problems } = parseConfig({}, { PATROL_LANGUAGE: given });
    expect(config.language).toBe('en');
    expect(problems[0]?.message).toMatch(
      /^Expected PATROL_LANGUAGE to be a BCP 47 language tag such as en or ko/,
    );
  });
});

describe('a GitHub App', () => {
  const app = {
    GITHUB_APP_ID: '4711',
    GITHUB_APP_PRIVATE_KEY: 'a key',
    GITHUB_APP_INSTALLATION_ID: '815',
  };

  test('is read from the environment', () => {
    expect(loadConfig({}, app)).toMatchObject({
      githubAppId: '4711',
      githubAppPrivateKey: 'a key',
      githubAppInstallationId: '815',
    });
  });

  test('needs all three settings', async () => {
    const { GITHUB_APP_PRIVATE_KEY: _, ...two } = app;
    await expect(createEngine(loadConfig({}, two))).rejects.toThrow(/GITHUB_APP_PRIVATE_KEY .*all three/);
  });
});
