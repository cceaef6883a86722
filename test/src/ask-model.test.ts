import { describe, expect, it } from 'vitest';
import { askModel } from '../../src/ask-model.ts';
import { PatrolError } from '../../src/errors.ts';
import type { LLMProvider, LLMRequest, LLMResponse } from '../../src/types.ts';
import { SOUND_ANSWER } from '../support/openai-server.ts';

const sound = JSON.stringify(SOUND_ANSWER);

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
