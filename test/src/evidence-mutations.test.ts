import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, parseAnswer } from '../../src/answer.ts';
import type { CodeBlock } from '../../src/code-context.ts';
import { checkEvidence, type EvidenceCheck } from '../../src/evidence.ts';
import { SOUND_ANSWER } from '../support/openai-server.ts';

/** Lines that all differ, and of which none is a part of another. */
const blocks: readonly CodeBlock[] = ['src/cart.js', 'src/orders/refund.js'].map((file, fileIndex) => ({
  file,
  startLine: 10 * (fileIndex + 1),
  endLine: 10 * (fileIndex + 1) + 11,
  text: Array.from(
    { length: 12 },
    (_, line) => `  const total${fileIndex}x${line}x = load(cart, ${line});`,
  ).join('\n'),
  commit: 'abc',
  reason: 'where the error was raised',
}));
const linesOf = (block: CodeBlock): readonly string[] => block.text.split('\n');
const CONFIDENCE = 90;

interface Place {
  readonly block: CodeBlock;
  readonly at: number;
}
const place: fc.Arbitrary<Place> = fc.record({
  block: fc.constantFrom(...blocks),
  at: fc.integer({ min: 1, max: 9 }),
});
const claimOf = ({ block, at }: Place) => ({
  file: block.file,
  line: block.startLine + at,
  quote: linesOf(block)[at] ?? '',
});
/** A patch that changes one line of the block, with a line of context on each side. */
const patchOf = ({ block, at }: Place): string[] => {
  const lines = linesOf(block);
  const first = block.startLine + at - 1;
  return [
    `--- a/${block.file}`,
    `+++ b/${block.file}`,
    `@@ -${first},3 +${first},3 @@`,
    ` ${lines[at - 1]}`,
    `-${lines[at]}`,
    '+  const mended = load(cart);',
    ` ${lines[at + 1]}`,
  ];
};
const check = (fields: Partial<Answer>): EvidenceCheck =>
  checkEvidence(
    parseAnswer(JSON.stringify({ ...SOUND_ANSWER, confidence: CONFIDENCE, ...fields })),
    { blocks, notes: [] },
    { message: '', causes: [], language: 'javascript', frames: [] },
  );

describe('a right answer', () => {
  it('keeps its score, whatever it cites and mends', () => {
    const right = fc.record({
      cited: fc.array(place, { minLength: 1, maxLength: 6 }),
      mended: fc.option(place),
    });
    fc.assert(
      fc.property(right, ({ cited, mended }) => {
        const patch = mended && `${patchOf(mended).join('\n')}\n`;
        const judged = check({ evidence: cited.map(claimOf), patch });
        expect(judged.confidenceScore).toBe(CONFIDENCE);
        expect(judged.evidence.every(({ verified }) => verified)).toBe(true);
        if (mended) expect(judged.patchApplies).toBe(true);
      }),
    );
  });

  it('keeps it where only white space, the line number or the way to write a path differs', () => {
    const harmless = fc.constantFrom<(claim: ReturnType<typeof claimOf>) => ReturnType<typeof claimOf>>(
      (claim) => ({ ...claim, quote: claim.quote.replaceAll(' ', '\t ') }),
      (claim) => ({ ...claim, line: claim.line + 40 }),
      (claim) => ({ ...claim, quote: `${claim.line}|${claim.quote}` }),
      (claim) => ({ ...claim, file: `./${claim.file}` }),
    );
    fc.assert(
      fc.property(place, harmless, (where, change) => {
        const { evidence, confidenceScore } = check({ evidence: [change(claimOf(where))] });
        expect(confidenceScore).toBe(CONFIDENCE);
        expect(evidence[0]).toMatchObject({ file: where.block.file, line: where.block.startLine + where.at });
      }),
    );
  });
});

describe('an answer that was right but for one thing', () => {
  it.each<
    [what: string, spoil: (claim: ReturnType<typeof claimOf>, at: number) => ReturnType<typeof claimOf>]
  >([
    [
      'a letter of a quote',
      ({ quote, ...claim }, at) => ({ ...claim, quote: quote.replace('load', `lo${at}d`) }),
    ],
    [
      'a letter that is missing',
      ({ quote, ...claim }) => ({ ...claim, quote: quote.replace('cart', 'crt') }),
    ],
    ['code that was added', ({ quote, ...claim }) => ({ ...claim, quote: `${quote} await save();` })],
    ['a quote of nothing', (claim) => ({ ...claim, quote: '});' })],
    ['the file', (claim) => ({ ...claim, file: 'src/invented.js' })],
    ['the end of the file name', (claim) => ({ ...claim, file: claim.file.replace('.js', '.ts') })],
    [
      'another file that was given',
      (claim) => ({
        ...claim,
        file: claim.file === 'src/cart.js' ? 'src/orders/refund.js' : 'src/cart.js',
      }),
    ],
  ])('is caught: %s', (_what, spoil) => {
    fc.assert(
      fc.property(place, fc.array(place, { maxLength: 3 }), fc.nat(9), (wrong, right, at) => {
        const judged = check({ evidence: [spoil(claimOf(wrong), at), ...right.map(claimOf)] });
        expect(judged.evidence.map(({ verified }) => verified)).toEqual([false, ...right.map(() => true)]);
        expect(judged.confidenceScore).toBeLessThan(60);
        expect(judged.confidenceReasons.join(' ')).toContain('could not be found');
      }),
      { numRuns: 50 },
    );
  });

  it.each<[what: string, spoil: (patch: string[]) => string[]]>([
    ['a line that it removes', (patch) => patch.with(4, '-  const invented = 1;')],
    ['a line around it', (patch) => patch.with(3, '   somethingElse();')],
    ['the file of a patch', (patch) => ['--- a/src/other.js', '+++ b/src/other.js', ...patch.slice(2)]],
  ])('is caught: %s', (_what, spoil) => {
    fc.assert(
      fc.property(place, place, (cited, mended) => {
        const patch = `${spoil(patchOf(mended)).join('\n')}\n`;
        const judged = check({ evidence: [claimOf(cited)], patch });
        expect(judged.patchApplies).toBe(false);
        expect(judged.confidenceScore).toBeLessThanOrEqual(60);
        expect(judged.confidenceReasons.join(' ')).toContain('does not apply');
      }),
      { numRuns: 50 },
    );
  });
});
