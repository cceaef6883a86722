import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_SCHEMA, parseAnswer } from '../../src/answer.ts';
import { PatrolError } from '../../src/errors.ts';
import { SOUND_ANSWER } from '../support/openai-server.ts';

const sound = JSON.stringify(SOUND_ANSWER);

describe('the schema', () => {
  it('is one that strict structured output takes: every property required, no others', () => {
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      const { type, properties, required, additionalProperties } = node as Record<string, unknown>;
      if (type === 'object') {
        expect(additionalProperties).toBe(false);
        expect(required).toEqual(Object.keys(properties as object));
      }
      for (const inner of Object.values(node)) visit(inner);
    };
    visit(ANSWER_SCHEMA);
  });
});

describe('parseAnswer', () => {
  it.each([
    ['alone', sound],
    ['in a code fence', `\`\`\`json\n${JSON.stringify(SOUND_ANSWER, null, 2)}\n\`\`\``],
    ['in a fence between sentences', `Here you are:\n\`\`\`\n${sound}\n\`\`\`\nGood luck!`],
    ['between sentences', `I think {this}... ${sound}`.replace('{this}', 'this')],
    ['in an array', `[${sound}]`],
  ])('reads an answer %s', (_where, text) => {
    expect(parseAnswer(text)).toMatchObject({
      rootCause: SOUND_ANSWER.rootCause,
      confidence: 80,
      patch: null,
    });
  });

  it.each([
    ['0.8 for 80', { confidence: 0.8 }, { confidence: 80 }],
    ['a number in words', { confidence: '70' }, { confidence: 70 }],
    ['too much confidence', { confidence: 1e9 }, { confidence: 100 }],
    ['no number', { confidence: 'high' }, { confidence: 0 }],
    ['a category of its own', { category: 'cosmic rays' }, { category: 'unknown' }],
    ['null for lists', { evidence: null, nextSteps: null }, { evidence: [], nextSteps: [] }],
    ['an empty patch', { patch: '' }, { patch: null }],
    [
      'a line as text',
      { evidence: [{ file: 'a.js', line: '3', quote: 'x()' }] },
      { evidence: [{ file: 'a.js', line: 3, quote: 'x()' }] },
    ],
    ['a claim without a quote', { evidence: [{ file: 'a.js', line: 3 }] }, { evidence: [] }],
  ])('puts right %s', (_what, given, expected) => {
    expect(parseAnswer(JSON.stringify({ ...SOUND_ANSWER, ...given }))).toMatchObject(expected);
  });

  it.each([
    ['prose', 'It is broken.', /no JSON object/],
    ['a cut answer', sound.slice(0, 60), /no JSON object/],
    ['another type', '{"analysis": 5}', /analysis: /],
    ['an answer that says nothing', '{"analysis": "", "rootCause": ""}', /are empty/],
  ])('says what is wrong with %s', (_what, text, reason) => {
    expect(() => parseAnswer(text)).toThrow(reason);
  });

  it('cuts what is too long, and drops a diff that would be cut', () => {
    const long = 'x'.repeat(100_000);
    const answer = parseAnswer(
      JSON.stringify({ ...SOUND_ANSWER, analysis: long, rootCause: long, patch: long }),
    );
    expect(answer.analysis.length).toBeLessThanOrEqual(8000);
    expect(answer.rootCause.length).toBeLessThanOrEqual(1000);
    expect(answer.patch).toBeNull();
  });

  it('lets no terminal escape, invisible character or secret through', () => {
    const secret = ['Bearer', 'abcdefghijklmnop1234'].join(' ');
    const dirty = `\u001b[2Ka\u202eb\u{e0041}c\u0007 ${secret}`;
    const answer = parseAnswer(
      JSON.stringify({ ...SOUND_ANSWER, analysis: dirty, rootCause: `${dirty}\nINFO forged` }),
    );
    expect(answer.analysis).toMatch(/^abc Bearer \[REDACTED/);
    expect(answer.rootCause).not.toContain('\n');
  });

  it('never throws anything but a PatrolError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseAnswer(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PatrolError);
        }
      }),
    );
  });
});
