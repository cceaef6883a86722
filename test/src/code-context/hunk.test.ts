import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nearestHunk } from '../../../src/code-context/hunk.ts';

const DIFF = `@@ -1,3 +1,3 @@
 import { price } from './price.js';
-export const VERSION = '1.0.0';
+export const VERSION = '1.1.0';
@@ -40,4 +40,5 @@ export class Cart {
 export function total(cart) {
-  return cart.items.length;
+  const items = cart.items.filter(isPaid);
+  return items.length;
 }
`;
const failing = { startLine: 90, text: 'export function total(cart) {\n  return items.length;\n}' };

describe('the hunk of a suspect commit', () => {
  it('is the one that wrote lines of the code that failed, wherever they stand by now', () => {
    const hunk = nearestHunk(DIFF, failing);
    expect(hunk?.split('\n')[0]).toBe('@@ -40,4 +40,5 @@');
    expect(hunk).toContain('+  return items.length;');
    expect(hunk).not.toContain('VERSION');
  });

  it('is the nearest one where none of its lines is left', () => {
    expect(nearestHunk(DIFF, { startLine: 3, text: 'other();' })).toContain('VERSION');
    expect(nearestHunk(DIFF, { startLine: 44, text: 'other();' })).toContain('isPaid');
  });

  it('is the first one where the code is not known', () => {
    expect(nearestHunk(DIFF, undefined)).toContain('VERSION');
  });

  it.each(['', 'Binary files differ', '@@ nonsense @@\n+x'])(
    'of a diff without hunks is none: %j',
    (diff) => {
      expect(nearestHunk(diff, failing)).toBeUndefined();
    },
  );

  it('is cut around the lines that matter', () => {
    const many = Array.from({ length: 200 }, (_, index) => `+  step(${index});`);
    many[150] = '+  return items.length;';
    const hunk = nearestHunk(`@@ -0,0 +1,200 @@\n${many.join('\n')}\n`, failing) ?? '';
    expect(hunk).toContain('+  return items.length;');
    expect(hunk.split('\n').length).toBeLessThanOrEqual(33);
    expect(nearestHunk(`@@ -0,0 +1 @@\n+${'x'.repeat(100_000)}\n`, failing)?.length).toBeLessThan(400);
  });

  it('shows no secret, also one of several lines behind the marks of a diff', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const key = privateKey.export({ type: 'pkcs1', format: 'pem' }) as string;
    const diff = `@@ -0,0 +1,40 @@\n${key
      .split('\n')
      .map((line) => `+${line}`)
      .join('\n')}\n+const password = "hunter2-very-secret";\n`;
    const hunk = nearestHunk(diff, failing) ?? '';
    expect(hunk).not.toContain(key.split('\n')[2] ?? '?');
    expect(hunk).not.toContain('hunter2');
  });
});
