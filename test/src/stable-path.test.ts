import { expect, test } from 'vitest';
import { stablePath } from '../../src/stable-path.ts';

test.each([
  ['/usr/src/app/src/cart/total.js', 'src/cart/total.js'],
  ['/app/src/cart/total.js', 'src/cart/total.js'],
  ['/srv/shop/releases/20250112093011/src/cart/total.js', 'src/cart/total.js'],
  ['/home/deploy/apps/shop/current/src/cart/total.js', 'src/cart/total.js'],
  ['/var/lib/docker/overlay2/9c1f0be3/merged/app/src/cart/total.js', 'src/cart/total.js'],
  ['/var/task/src/cart/total.js', 'src/cart/total.js'],
  ['/home/runner/work/shop/shop/src/cart/total.js', 'src/cart/total.js'],
  ['C:\\inetpub\\wwwroot\\shop\\src\\cart\\total.js', 'src/cart/total.js'],
  ['src/cart/total.js', 'src/cart/total.js'],
  ['./src/cart/total.js', 'src/cart/total.js'],
])('an install root is no part of it: %s', (file, path) => {
  expect(stablePath(file)).toBe(path);
});

test.each([
  ['/usr/src/app/main.py', 'main.py'],
  ['/srv/shop/main.py', 'main.py'],
  ['/opt/shop/main.py', 'main.py'],
  ['/var/www/shop/main.py', 'main.py'],
  ['/usr/src/app/orders/pricing.py', 'orders/pricing.py'],
  ['/srv/shop/releases/20250112093011/orders/pricing.py', 'orders/pricing.py'],
  ['/var/lib/docker/overlay2/9c1f0be3/merged/app/orders/pricing.py', 'orders/pricing.py'],
])(
  'without a landmark the folder of the file counts, unless it is where the application stands: %s',
  (file, path) => {
    expect(stablePath(file)).toBe(path);
  },
);

test('of a workspace the package counts', () => {
  expect(stablePath('/app/packages/cart/src/index.js')).toBe('packages/cart/src/index.js');
});

test('the folders of the application’s code tell files of one name apart', () => {
  expect(stablePath('/app/app/users/route.ts')).toBe('app/users/route.ts');
  expect(stablePath('/app/app/orders/route.ts')).toBe('app/orders/route.ts');
});

test.each([
  ['dist/server-EY3KIQHZ.js', 'dist/server.js'],
  ['dist/main.fd8cf1f563d71b280563.js', 'dist/main.js'],
  ['dist/chunks/854.000e4c60.js', 'dist/chunks/chunk.js'],
  ['dist/assets/index-BzX3fQ1a.js', 'dist/assets/index.js'],
  ['dist/assets/index-B_X3-Q1a.js', 'dist/assets/index.js'],
  ['src/user-settings.js', 'src/user-settings.js'],
  ['dist/chunks/chunk-SYWKKVKI.js', 'dist/chunks/chunk.js'],
  ['src/user-service.js', 'src/user-service.js'],
  ['src/utf8.decoder.js', 'src/utf8.decoder.js'],
])('what a bundler adds to a name is no part of it: %s', (file, path) => {
  expect(stablePath(file)).toBe(path);
});
