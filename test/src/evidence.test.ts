import { describe, expect, it } from 'vitest';
import { type Answer, parseAnswer } from '../../src/answer.ts';
import type { CodeBlock } from '../../src/code-context.ts';
import { checkEvidence, type EvidenceCheck } from '../../src/evidence.ts';
import type { ParsedStackTrace } from '../../src/types.ts';
import { SOUND_ANSWER } from '../support/openai-server.ts';

const block: CodeBlock = {
  file: 'src/shop/cart.js',
  startLine: 10,
  endLine: 15,
  text: [
    'function total(cart) {',
    '  const { items } = cart;',
    '  if (items.length === 0) {',
    '    return 0;',
    '  }',
    '  return items.reduce((sum, item) => sum + item.price, 0);',
  ].join('\n'),
  commit: 'abc',
  reason: 'where the error was raised',
  highlightLine: 11,
};
const stack: ParsedStackTrace = {
  message: '',
  causes: [],
  language: 'javascript',
  frames: [{ file: '/app/src/routes.js', line: 3, inApp: true, language: 'javascript' }],
};
const answer = (fields: Partial<Answer>): Answer =>
  parseAnswer(JSON.stringify({ ...SOUND_ANSWER, confidence: 90, ...fields }));
const check = (fields: Partial<Answer>, blocks: readonly CodeBlock[] = [block]): EvidenceCheck =>
  checkEvidence(answer(fields), { blocks, notes: [] }, stack);
const claim = (quote: string, line = 11, file = 'src/shop/cart.js') => ({ file, line, quote });

describe('a citation', () => {
  it('that stands in the source is verified, keeps the score and gets the commit', () => {
    const { evidence, confidenceScore, confidenceReasons } = check({
      evidence: [claim('const { items } = cart;')],
    });
    expect(evidence).toEqual([{ ...claim('const { items } = cart;'), commit: 'abc', verified: true }]);
    expect(confidenceScore).toBe(90);
    expect(confidenceReasons).toEqual(['The cited line was found in the source.']);
  });

  it.each([
    ['other white space', 'const {items}   =\tcart;', 11],
    ['several lines', 'if (items.length === 0) {\n  return 0;\n}', 12],
    ['the line number in front', '>11|  const { items } = cart;', 11],
    ['a part of a line', 'sum + item.price', 15],
  ])('with %s is still found', (_what, quote, line) => {
    expect(check({ evidence: [claim(quote, line)] }).evidence[0]).toMatchObject({ verified: true, line });
  });

  it('with a wrong line number is given the right one', () => {
    expect(check({ evidence: [claim('const { items } = cart;', 99)] }).evidence[0]).toMatchObject({
      line: 11,
      verified: true,
    });
  });

  it.each(['cart.js', './src/shop/cart.js', '/app/src/shop/cart.js'])('may name the file as %s', (file) => {
    expect(check({ evidence: [claim('const { items } = cart;', 11, file)] }).evidence[0]?.verified).toBe(
      true,
    );
  });

  it.each([
    ['an invented line', claim('const total = cart.total();')],
    ['a line of another file', claim('const { items } = cart;', 11, 'src/routes.js')],
    ['an invented file', claim('const { items } = cart;', 11, 'src/nowhere.js')],
    ['what stands everywhere', claim('}')],
  ])('of %s is caught, and costs the score', (_what, wrong) => {
    const { evidence, confidenceScore, confidenceReasons } = check({ evidence: [wrong] });
    expect(evidence[0]?.verified).toBe(false);
    expect(confidenceScore).toBeLessThanOrEqual(20);
    expect(confidenceReasons[0]).toBe('1 of 1 cited lines could not be found in the source that was read.');
  });

  it('beside a sound one still costs', () => {
    const { confidenceScore } = check({
      evidence: [claim('const { items } = cart;'), claim('await cart.load()')],
    });
    expect(confidenceScore).toBe(45);
  });

  it('of a file that nobody gave the model is called so', () => {
    expect(check({ evidence: [claim('x = nowhere()', 1, 'src/nowhere.js')] }).confidenceReasons).toContain(
      '1 of them names a file that nobody gave the model.',
    );
  });
});

describe('the score', () => {
  it.each([
    ['no code was read', {}, [], 50],
    ['nothing is cited', { evidence: [] }, [block], 40],
    ['no cause is named', { rootCause: '', evidence: [claim('const { items } = cart;')] }, [block], 10],
    [
      'nobody has run the fix',
      { confidence: 100, evidence: [claim('const { items } = cart;')] },
      [block],
      95,
    ],
  ])('is capped where %s', (_why, fields, blocks, cap) => {
    expect(check(fields, blocks).confidenceScore).toBe(cap);
  });

  it('never exceeds what the model claims itself', () => {
    expect(check({ confidence: 30, evidence: [claim('const { items } = cart;')] }).confidenceScore).toBe(30);
  });
});

describe('a patch', () => {
  const sound = claim('const { items } = cart;');
  const patched = (patch: string): EvidenceCheck => check({ evidence: [sound], patch });
  const diff = (hunk: string, file = 'src/shop/cart.js'): string => `--- a/${file}\n+++ b/${file}\n${hunk}`;
  const good =
    '@@ -10,3 +10,3 @@\n function total(cart) {\n-  const { items } = cart;\n+  const items = cart?.items ?? [];\n   if (items.length === 0) {\n';

  it('that fits is passed on', () => {
    expect(patched(diff(good))).toMatchObject({ patchApplies: true, confidenceScore: 90, patch: diff(good) });
  });

  it.each([
    ['wrong counts', good.replace('-10,3 +10,3', '-10,9 +10,1')],
    ['a wrong place', good.replace('-10,3 +10,3', '-13,3 +13,3')],
    ['a code fence', `${good}\n`],
  ])('with %s is mended or found its place', (what, hunk) => {
    const text = what === 'a code fence' ? `\`\`\`diff\n${diff(hunk)}\`\`\`` : diff(hunk);
    expect(patched(text)).toMatchObject({ patchApplies: true });
  });

  it.each([
    ['removes a line that is not there', diff(good.replace('const { items } = cart', 'const items = []'))],
    ['changes a file that was not read', diff(good, 'src/routes.js')],
    ['is no diff', 'Just check for undefined.'],
  ])('that %s does not apply, and costs the score', (_what, patch) => {
    const result = patched(patch);
    expect(result.patchApplies ?? false).toBe(false);
    expect(result.confidenceScore).toBe(60);
    expect(result.confidenceReasons.join(' ')).toContain('The patch does not apply');
  });

  it.each(['../../etc/passwd', '.env', '.git/hooks/pre-commit'])('for %s is not passed on', (file) => {
    expect(patched(diff(good, file))).not.toHaveProperty('patch');
  });
});
