import { generateKeyPairSync } from 'node:crypto';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, it } from 'vitest';
import { createCollector, toReadFile } from '../../../src/code-context/collector.ts';

/** All that fits of a text within the default budget, by single lines. */
function shown(line: string): string {
  const text = Array.from({ length: 3000 }, (_, index) => line.replace('#', String(index))).join('\n');
  const file = toReadFile({ path: 'src/a.ts', text });
  const collector = createCollector(18_000);
  for (let at = 1; at <= 3000; at += 10) {
    if (!collector.add(file, { startLine: at, endLine: at + 9 }, { reason: 'x' })) break;
  }
  const [block] = collector.blocks();
  return (block?.text ?? '')
    .split('\n')
    .map((one, index) => `${index + 1}|${one}`)
    .join('\n');
}

it.each([
  ['code', '    const total_# = items.reduce((sum, item) => sum + item.price * item.count, 0);'],
  ['Korean comments', '// 주문 #번을 저장하는 동안 데이터베이스에 연결할 수 없습니다'],
  ['a table of bytes', '  0x#f, 0x3a, 0x91, 0xb7, 0x00, 0x5c, 0xe2,'],
])('spends at most 5000 tokens on %s, and most of them', (_what, line) => {
  const tokens = countTokens(shown(line));
  expect(tokens).toBeLessThanOrEqual(5000);
  expect(tokens).toBeGreaterThan(2000);
});

it('hides every line of a private key, and keeps the numbers of the lines behind it', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const key = (privateKey.export({ type: 'pkcs1', format: 'pem' }) as string).trimEnd();
  const text = `const KEY = \`${key}\`;\nstart(KEY);\nconst password = 'hunter2-very-secret';\n`;
  const { lines } = toReadFile({ path: 'src/a.ts', text });
  const inKey = key.split('\n').slice(1, -1);
  expect(inKey.some((line) => lines.join('\n').includes(line))).toBe(false);
  expect(lines.join('\n')).not.toContain('hunter2');
  expect(lines.indexOf('start(KEY);')).toBe(text.split('\n').indexOf('start(KEY);'));
});
