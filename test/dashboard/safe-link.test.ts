import { describe, expect, it } from 'vitest';
import { lineAddress, sameHostAddress } from '../../sink/dashboard/app/text/safe-link.ts';

const REPOSITORY = 'https://github.com/acme/shop';
const COMMIT = '1f0c9a7be2d34c5a8b7e6f5d4c3b2a1908f7e6d5';

describe('links of the dashboard', () => {
  it('lead to a line of a file at its commit', () => {
    expect(lineAddress(REPOSITORY, COMMIT, 'src/a b.js', 12)).toBe(
      `https://github.com/acme/shop/blob/${COMMIT}/src/a%20b.js#L12`,
    );
    expect(lineAddress(`${REPOSITORY}.git`, COMMIT, 'src/a.js')).toBe(
      `https://github.com/acme/shop/blob/${COMMIT}/src/a.js`,
    );
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,hello',
    'git@github.com:acme/shop.git',
    'https://user:password@github.com/acme/shop',
    'not an address',
    undefined,
  ])('are not made of %s', (repository) => {
    expect(lineAddress(repository, COMMIT, 'src/a.js', 1)).toBeUndefined();
    expect(sameHostAddress('https://github.com/acme/shop/commit/1', repository)).toBeUndefined();
  });

  it.each(['/etc/passwd', '../secrets.js', 'src/../../x.js', 'C:\\app\\a.js', 'https://evil.example/a.js'])(
    'do not follow the path %s',
    (file) => expect(lineAddress(REPOSITORY, COMMIT, file, 1)).toBeUndefined(),
  );

  it.each(['', '../main', 'a b', '?x=1', undefined])('need a commit that is one, not %s', (commit) => {
    expect(lineAddress(REPOSITORY, commit, 'src/a.js', 1)).toBeUndefined();
  });

  it('stay on the host of the repository', () => {
    const address = `${REPOSITORY}/commit/${COMMIT}`;
    expect(sameHostAddress(address, REPOSITORY)).toBe(address);
    expect(sameHostAddress('https://evil.example/acme/shop/commit/1', REPOSITORY)).toBeUndefined();
    expect(sameHostAddress('javascript:alert(1)', REPOSITORY)).toBeUndefined();
  });
});
