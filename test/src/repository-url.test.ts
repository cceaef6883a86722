import { describe, expect, it } from 'vitest';
import { parseRepositoryUrl } from '../../src/repository-url.ts';

describe('a repository', () => {
  it.each([
    'acme/shop',
    'https://github.com/acme/shop',
    'https://github.com/acme/shop.git',
    'https://github.com/acme/shop/tree/main/src',
    'https://token@github.example.com:8443/acme/shop',
    'git+https://github.com/acme/shop.git',
    'git@github.com:acme/shop.git',
    'ssh://git@github.com:22/acme/shop.git',
    ' https://github.com/acme/shop ',
  ])('is read from %s', (url) => {
    expect(parseRepositoryUrl(url)).toEqual({ owner: 'acme', repo: 'shop' });
  });

  it.each([
    '',
    'shop',
    'acme/shop/src',
    'https://github.com/acme',
    'https://github.com/../shop',
    'https://github.com/acme/..',
    'https://github.com/acme/sh%2Fop',
    'file:///acme/shop',
    'javascript:acme/shop',
    'acme/sh op',
    `acme/${'x'.repeat(3000)}`,
  ])('is not read from %j', (url) => {
    expect(parseRepositoryUrl(url)).toBeUndefined();
  });
});
