import { describe, expect, it } from 'vitest';
import type { PatrolConfig } from '../../src/config.ts';
import { settings } from '../../src/settings.ts';

/** What becomes of values of a setting: pairs of what is given and what is kept; `undefined` is refused. */
const given: { readonly [K in keyof PatrolConfig]?: readonly (readonly [unknown, unknown])[] } = {
  cacheMaxSize: [
    ['10', 10],
    [10, 10],
    [' ', undefined],
    [true, undefined],
    ['1.5', undefined],
    ['0', undefined],
  ],
  cacheEvictionPolicy: [
    ['fifo', 'FIFO'],
    ['LRU', 'LRU'],
    ['lfu', undefined],
    [7, undefined],
  ],
  openaiApi: [
    ['responses', 'responses'],
    ['RESPONSES', undefined],
  ],
  language: [
    ['EN-us', 'en-US'],
    ['not a language', undefined],
    [7, undefined],
    [['en'], undefined],
  ],
  budgetCallsPerHour: [
    ['off', false],
    ['false', false],
    [false, false],
    [true, undefined],
    ['', undefined],
    ['on', undefined],
    ['0', 0],
    [12, 12],
    ['1.5', undefined],
  ],
  budgetUsdPerDay: [
    ['off', false],
    ['1.5', 1.5],
    ['-1', undefined],
  ],
  githubAppId: [
    [1234, '1234'],
    ['1234', '1234'],
    ['12/34', undefined],
    [true, undefined],
  ],
  githubApiUrl: [
    ['https://ghe.example/api/v3', 'https://ghe.example/api/v3'],
    ['ftp://ghe.example', undefined],
  ],
  repositoryUrlMap: [
    ['{"a":"https://github.com/a/b"}', { a: 'https://github.com/a/b' }],
    [{ a: 'https://github.com/a/b' }, { a: 'https://github.com/a/b' }],
    ['{"a":7}', undefined],
    ['{', undefined],
  ],
  allowedRepositories: [
    ['a/b, c/d,', ['a/b', 'c/d']],
    ['', []],
    [['a/b'], ['a/b']],
    ['a', undefined],
    [['a/b', 'c'], undefined],
    [7, undefined],
  ],
  pathMappings: [
    ['{"/srv/app":"packages/app"}', { '/srv/app': 'packages/app' }],
    [{ '/srv/app': '' }, { '/srv/app': '' }],
    ['{"/srv/app":"../other"}', undefined],
    ['{"/srv/app":7}', undefined],
    ['[]', undefined],
  ],
  level: [
    ['warn', 'warn'],
    ['', undefined],
  ],
  spoolDirectory: [
    ['off', false],
    ['false', false],
    [false, false],
    [true, undefined],
    ['', undefined],
    ['/var/spool', '/var/spool'],
  ],
  redisUrl: [
    ['rediss://cache:6379', 'rediss://cache:6379'],
    ['http://cache', undefined],
  ],
  dashboardToken: [
    ['x'.repeat(16), 'x'.repeat(16)],
    ['x'.repeat(15), undefined],
    [`${'x'.repeat(16)} y`, undefined],
  ],
  dashboardUserHeader: [
    ['X-Forwarded-Email', 'x-forwarded-email'],
    ['not a header', undefined],
    [7, undefined],
  ],
  service: [
    ['shop', 'shop'],
    ['x'.repeat(200), 'x'.repeat(200)],
    ['x'.repeat(201), undefined],
  ],
};

describe('a setting', () => {
  for (const [name, pairs] of Object.entries(given)) {
    const { rule } = settings[name as keyof PatrolConfig];
    it(`${name} is ${rule.expected}`, () => {
      for (const [value, kept] of pairs) expect(rule.read(value), JSON.stringify(value)).toEqual(kept);
    });
  }

  it('that is not given has a value that could have been', () => {
    for (const [name, { fallback, rule }] of Object.entries(settings)) {
      if (fallback !== undefined) expect(rule.read(fallback), name).toEqual(fallback);
    }
  });

  it('is set by variables of its own, but for what platforms call alike', () => {
    const variables = Object.values(settings).flatMap(({ env }) => env);
    expect(new Set(variables).size).toBe(variables.length);
    for (const { env } of Object.values(settings))
      for (const one of env) expect(one).toMatch(/^[A-Za-z]\w+$/);
  });
});
