import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { countTokens as countOlder } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as countNewer } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { ownCases } from '../../sink/eval/own-cases/index.ts';
import { estimateTokens } from '../../src/tokens.ts';

/** Tokens of chat templates are text like any other here. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };
const counted = (text: string): number => Math.max(countOlder(text, AS_TEXT), countNewer(text, AS_TEXT));
const ratio = (text: string): number => estimateTokens(text) / counted(text);

const ownSources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => [name, readFileSync(join('src', name), 'utf8')] as const);
const otherLanguages = ownCases
  .flatMap(({ files }) => Object.entries(files))
  .filter(([, text]) => text.length > 300);

describe('the estimate of tokens, against two real tokenizers', () => {
  it.each(['TypeScript', 'other languages'])(
    'is near the count for %s: a tenth below it to a half above',
    (what) => {
      const texts = what === 'TypeScript' ? ownSources : otherLanguages;
      const ratios = texts.map(([, text]) => ratio(text));
      expect(ratios.length).toBeGreaterThan(10);
      expect(Math.min(...ratios)).toBeGreaterThan(0.9);
      expect(Math.max(...ratios)).toBeLessThan(1.5);
    },
  );

  it.each([
    ['Korean', '데이터베이스에 연결할 수 없습니다. 주문을 저장하는 동안 오류가 발생했습니다. '],
    ['Chinese', '无法连接到数据库，保存订单时发生错误。'],
    ['Russian', 'Не удалось подключиться к базе данных. '],
    ['minified code', 'function a(b,c){return b?c(b):!1}var d=e=>{for(let f=0;f<e.length;f++)g[f]=e[f]^h};'],
    ['blanks', `${' '.repeat(400)}x\n\n\n\n`],
    ['a table of numbers', '0x1f, 255, 1024, 65535, 4294967295,\n'],
  ])('is not below the count for %s', (_what, text) => {
    expect(ratio(text.repeat(10))).toBeGreaterThanOrEqual(1);
  });

  it('is at most a fifth below the count for what no tokenizer knows', () => {
    /** Bytes that are all equally likely. */
    const bytes = fc
      .nat()
      .map((seed) =>
        Buffer.concat([...Array(9).keys()].map((n) => createHash('sha512').update(`${seed} ${n}`).digest())),
      );
    const noise = fc.oneof(
      bytes.map((all) => all.toString('base64')),
      bytes.map((all) => all.toString('hex')),
    );
    fc.assert(
      fc.property(noise, (text) => {
        expect(ratio(text)).toBeGreaterThan(0.8);
      }),
      { numRuns: 50, endOnFailure: true },
    );
  });
});
