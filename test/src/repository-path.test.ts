import { describe, expect, it } from 'vitest';
import { isReadablePath, isSafeRef } from '../../src/repository-path.ts';

describe('a path', () => {
  it.each([
    'src/a.ts',
    'a b/ü.py',
    '.github/workflows/ci.yml',
    '.env.example',
    'src/environment.ts',
    'app/keys.ts',
    'src/key.go',
    'lib/credentials-form/index.js',
    'docs/token.md',
    'src/secrets/index.ts',
    'pages/[...slug].tsx',
    'docs/100%.md',
  ])('%s may be read', (path) => {
    expect(isReadablePath(path)).toBe(true);
  });

  it.each([
    '',
    '/etc/passwd',
    '../a',
    'a/../../b',
    'a//b',
    './a',
    'C:/a',
    'a\\b',
    '..%2f..%2fuser',
    'a/%2E%2E/b',
    'a%255cb',
    'a\nb',
    'a\u0000b',
    `${'a'.repeat(2000)}`,
    '.env',
    'config/.env.production',
    'prod.env',
    '.npmrc',
    'id_rsa',
    'certs/server.pem',
    'tls.KEY',
    '.aws/credentials',
    'credentials.json',
    'service-account.json',
    '.git/config',
    '.ssh/known_hosts',
    'terraform.tfstate',
    'secrets.yaml',
    'secrets/prod/db.json',
    'keys/acme-firebase-adminsdk-x1.json',
    '.env ',
    '.env.',
    '.bash_history',
  ])('%j is never read', (path) => {
    expect(isReadablePath(path)).toBe(false);
  });
});

describe('a commit', () => {
  it.each(['4b825dc', 'v1.2.3', 'feature/cart', 'release@2', 'main'])('%s may be asked for', (ref) => {
    expect(isSafeRef(ref)).toBe(true);
  });

  it.each(['', '-x', 'a..b', 'main&access_token=1#', 'main?x', 'a b', 'HEAD@{1}', 'a//b', 'x'.repeat(300)])(
    '%j is not',
    (ref) => {
      expect(isSafeRef(ref)).toBe(false);
    },
  );
});
