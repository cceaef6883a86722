import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_SCHEMA, askModel, parseAnswer } from '../../src/answer.ts';
import { PatrolError } from '../../src/errors.ts';
import type { LLMProvider, LLMRequest, LLMResponse } from '../../src/types.ts';
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

describe('askModel', () => {
  const request: LLMRequest = { system: 's', user: 'u', schema: {} };
  const usage = { promptTokens: 10, completionTokens: 5, totalTokens: 15, costUsd: 0.1 };
  /** A model that says one thing after the other. */
  const model = (
    ...says: readonly (string | PatrolError | Partial<LLMResponse>)[]
  ): LLMProvider & { asked: LLMRequest[] } => {
    const asked: LLMRequest[] = [];
    return {
      model: 'm',
      asked,
      complete: (one) => {
        const next = says[asked.length];
        asked.push(one);
        if (next instanceof PatrolError) return Promise.reject(next);
        const response = typeof next === 'object' ? next : { text: next ?? '' };
        return Promise.resolve({ text: '', model: 'm', usage, ...response });
      },
    };
  };

  it('asks once when the answer is usable', async () => {
    const llm = model(sound);
    const reply = await askModel(llm, request);
    expect(reply).toMatchObject({ repaired: false, answer: { confidence: 80 } });
    expect(llm.asked).toHaveLength(1);
  });

  it('asks once more with the reason, and adds up what both cost', async () => {
    const llm = model('I am not sure.', sound);
    const reply = await askModel(llm, request);
    expect(llm.asked[1]?.user).toMatch(/^u\n\nYour previous answer could not be used: .*no JSON object/);
    expect(reply).toMatchObject({ repaired: true, response: { usage: { totalTokens: 30, costUsd: 0.2 } } });
  });

  it('tells a model whose answer was cut off to be brief', async () => {
    const llm = model({ text: sound.slice(0, 50), truncated: true }, sound);
    await askModel(llm, request);
    expect(llm.asked[1]?.user).toMatch(/cut off.*briefly/);
  });

  it('keeps the words of a model that twice gives no JSON, with little confidence', async () => {
    const { answer } = await askModel(model('No idea.', 'The pool is exhausted.'), request);
    expect(answer).toMatchObject({ analysis: 'The pool is exhausted.', rootCause: '', confidence: 10 });
  });

  it('keeps the whole fields of an answer that is cut off twice', async () => {
    const cut = '{"analysis": "The pool \\"main\\" is exhausted.", "rootCause": "A connection le';
    const { answer } = await askModel(model(cut, cut), request);
    expect(answer).toMatchObject({ analysis: 'The pool "main" is exhausted.', rootCause: '' });
  });

  it.each(['<!doctype html><html>', '{"a": 1}', '??? !!!'])('gives up when %j comes twice', async (text) => {
    await expect(askModel(model(text, text), request)).rejects.toMatchObject({
      code: 'MODEL_ANSWER_INVALID',
      retryable: false,
    });
  });

  it('asks again after an empty answer, but not after a refusal', async () => {
    const empty = new PatrolError('MODEL_ANSWER_INVALID', 'The model gave an empty answer.', {
      retryable: true,
    });
    expect(await askModel(model(empty, sound), request)).toMatchObject({ repaired: true });
    const refusal = new PatrolError('MODEL_ANSWER_INVALID', 'The model refused.');
    const llm = model(refusal, sound);
    await expect(askModel(llm, request)).rejects.toThrow('refused');
    expect(llm.asked).toHaveLength(1);
  });

  it('keeps what the first answer said when the second does not come', async () => {
    const gone = new PatrolError('MODEL_UNAVAILABLE', 'gone', { retryable: true });
    expect((await askModel(model('The pool is exhausted.', gone), request)).answer.analysis).toBe(
      'The pool is exhausted.',
    );
    await expect(askModel(model(gone), request)).rejects.toThrow('gone');
    // An answer of which nothing can be read is none: it is tried again later.
    await expect(askModel(model('{"analysis": "cut o', gone), request)).rejects.toThrow('gone');
  });
});
