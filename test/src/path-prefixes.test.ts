import { describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { applyPathMappings } from '../../src/path-prefixes.ts';

describe("a user's path mappings", () => {
  it.each([
    ['/srv/current/cart.js', { '/srv/current': 'services/cart' }, 'services/cart/cart.js'],
    ['/srv/current/lib/a.js', { '/srv/current/': '' }, 'lib/a.js'],
    ['file:///srv/current/a.js?v=3', { '/srv/current': 'x' }, 'x/a.js'],
    ['C:\\app\\dist\\a.js', { 'C:\\app\\dist': 'src' }, 'src/a.js'],
    ['webpack://shop/./a.ts', { 'webpack://shop/.': 'client' }, 'client/a.ts'],
    [
      'com/acme/Cart.java',
      { 'com/acme': 'core/src/main/java/com/acme' },
      'core/src/main/java/com/acme/Cart.java',
    ],
  ])('lead %s to the repository', (path, mappings, expected) => {
    expect(applyPathMappings(path, mappings)).toBe(expected);
  });

  it('take the longest prefix', () => {
    const mappings = { '/srv': 'a', '/srv/web': 'b', '/sr': 'c' };
    expect(applyPathMappings('/srv/web/x.js', mappings)).toBe('b/x.js');
  });

  it('end where a folder ends', () => {
    expect(applyPathMappings('/srv/apple/x.js', { '/srv/app': 'a' })).toBeUndefined();
  });

  it('are read from the environment', () => {
    const config = loadConfig({}, { PATROL_PATH_MAPPINGS: '{"/srv/app":"services/shop"}' });
    expect(config.pathMappings).toEqual({ '/srv/app': 'services/shop' });
  });

  it.each([
    '{"/srv/app":"../other"}',
    '{"/srv/app":"/etc"}',
    '{"/srv/app":"C:/x"}',
    '{"":"src"}',
    '{"/srv/app":7}',
    'no JSON',
    '["/srv"]',
  ])('are refused when they lead out of the repository or are none: %s', (PATROL_PATH_MAPPINGS) => {
    const { config, problems } = parseConfig({}, { PATROL_PATH_MAPPINGS });
    expect(config.pathMappings).toEqual({});
    expect(problems[0]?.message).toMatch(
      /^Expected PATROL_PATH_MAPPINGS to be a JSON object of at most 100 /,
    );
  });
});
