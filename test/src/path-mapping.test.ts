import { describe, expect, it } from 'vitest';
import { createPathIndex, matchPath } from '../../src/path-mapping.ts';

const index = createPathIndex([
  'server.js',
  'src/worker.ts',
  'src/routes/users.ts',
  'lib/router/index.js',
  'packages/a/src/index.ts',
  'packages/b/src/index.ts',
  'packages/a/src/cart.ts',
  'packages/b/src/cart.ts',
  'gson/src/main/java/com/google/gson/Gson.java',
  'app/models/user.py',
  'web/pages/[id].tsx',
]);

describe("a stack's path", () => {
  it.each([
    ['of a working tree', '/home/ada/shop/src/routes/users.ts', 'src/routes/users.ts'],
    ['of a container', '/app/server.js', 'server.js'],
    ['of a release folder', '/srv/app/current/lib/router/index.js', 'lib/router/index.js'],
    ['of a Lambda', '/var/task/app/models/user.py', 'app/models/user.py'],
    ['of Windows', 'C:\\agent\\work\\src\\routes\\users.ts', 'src/routes/users.ts'],
    ['as a file URL', 'file:///app/src/routes/users.ts', 'src/routes/users.ts'],
    ['of webpack', 'webpack://shop/./src/worker.ts', 'src/worker.ts'],
    ['of webpack without a name', 'webpack:///./src/routes/users.ts?1f3a', 'src/routes/users.ts'],
    ['of Next.js', 'webpack-internal:///(rsc)/./web/pages/[id].tsx', 'web/pages/[id].tsx'],
    ['compiled into dist', '/app/dist/routes/users.js', 'src/routes/users.ts'],
    ['compiled into a root of its own', '/app/dist/worker.js', 'src/worker.ts'],
    ['of a monorepo', '/app/packages/a/dist/index.js', 'packages/a/src/index.ts'],
    ['of a Java package', 'com/google/gson/Gson.java', 'gson/src/main/java/com/google/gson/Gson.java'],
  ])('%s is found', (_what, stackPath, path) => {
    expect(matchPath(stackPath, index)).toBe(path);
  });

  it.each([
    ['that is nowhere', '/app/src/nowhere.ts'],
    ['that could be two files', '/app/dist/cart.js'],
    ['that could be two files by name', '/app/cart.ts'],
    ['of a common name in another place', '/app/other/index.js'],
    ['of a common name elsewhere', '/app/users/index.ts'],
    ['that only leads out', '../../..'],
    ['that is empty', ''],
  ])('%s is left alone', (_what, stackPath) => {
    expect(matchPath(stackPath, index)).toBeUndefined();
  });
});
