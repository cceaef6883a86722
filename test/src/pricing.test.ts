import { describe, expect, it } from 'vitest';
import { addUsage, priceOf, toUsage } from '../../src/pricing.ts';

describe('the cost of a call', () => {
  it('is that of its tokens at the list price', () => {
    expect(toUsage(1_000_000, 500_000, priceOf('gpt-4o-mini')).costUsd).toBeCloseTo(0.45, 10);
  });

  it('of a dated model is that of its name', () => {
    expect(priceOf('gpt-4o-mini-2024-07-18')).toEqual(priceOf('gpt-4o-mini'));
  });

  it.each(['llama3', 'constructor', 'gpt-4o-mini-preview'])('of %s is not known', (model) => {
    expect(toUsage(1, 1, priceOf(model))).not.toHaveProperty('costUsd');
  });

  it('of two calls is known only when both are', () => {
    const known = toUsage(10, 10, { input: 1, output: 1 });
    expect(addUsage(known, known)?.costUsd).toBeCloseTo(4e-5, 12);
    expect(addUsage(known, toUsage(1, 2, undefined))).toEqual({
      promptTokens: 11,
      completionTokens: 12,
      totalTokens: 23,
    });
    expect(addUsage(undefined, known)).toBe(known);
  });
});
