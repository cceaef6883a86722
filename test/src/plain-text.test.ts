import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmlessText, visibleText } from '../../src/plain-text.ts';

describe('what a person sees', () => {
  it.each([
    ['every kind of line break', 'a\r\nb\rc\u2028d\u0085e', 'a\nb\nc\nd\ne'],
    ['tabs and other scripts', 'a\tüß漢字 🎉', 'a\tüß漢字 🎉'],
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['links of terminals', '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007', 'click'],
    ['bells and zeros', 'a\u0007\u0000b', 'ab'],
    ['hidden characters', 'a\u200b\u202e\u2066\ufeff\u{e0041}b', 'ab'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
  ])('is kept of %s', (_what, text, seen) => {
    expect(visibleText(text)).toBe(seen);
  });

  it('stays the same when asked again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = visibleText(text);
        expect(visibleText(once)).toBe(once);
      }),
    );
  });

  it('holds no token of a chat template', () => {
    expect(harmlessText('<|im_start|>[INST]<<SYS>><start_of_turn></s>')).toBe(
      '(im_start)(INST)(SYS)(start_of_turn)(/s)',
    );
  });
});
