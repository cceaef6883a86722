import type { TokenUsage } from './types.ts';

/** List price of a model in US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
}

/**
 * List prices in US dollars per million tokens (standard tier, uncached input), as others have copied them from
 * https://developers.openai.com/api/docs/pricing: to GPT-5.1 in March 2026 (https://deploybase.ai/articles/openai-pricing),
 * GPT-5.4 and 5.5 on 4 May 2026 (`plans/openai-plans-pricing.yml` of github.com/api-evangelist/openai), GPT-5.2 by the
 * table of GitHub's documentation (`data/tables/copilot/models-and-pricing.yml` of github.com/github/docs). Looked up on
 * 23 November 2026. Prices have fallen so far, and a budget that counts too much errs to the safe side. What they come
 * to is an estimate, not a bill; `prices` of `OpenAILLMProvider` overrides them.
 */
export const KNOWN_PRICES: Readonly<Record<string, ModelPrice>> = {
  'gpt-5.5': { input: 5, output: 30 },
  'gpt-5.4': { input: 2.5, output: 15 },
  'gpt-5.4-mini': { input: 0.75, output: 4.5 },
  'gpt-5.4-nano': { input: 0.2, output: 1.25 },
  'gpt-5.2': { input: 1.75, output: 14 },
  'gpt-5.1': { input: 1.25, output: 10 },
  'gpt-5': { input: 1.25, output: 10 },
  'gpt-5-mini': { input: 0.25, output: 2 },
  'gpt-5-nano': { input: 0.05, output: 0.4 },
  'gpt-4.1': { input: 2, output: 8 },
  'gpt-4.1-mini': { input: 0.4, output: 1.6 },
  'gpt-4.1-nano': { input: 0.1, output: 0.4 },
  'gpt-4o': { input: 2.5, output: 10 },
  'gpt-4o-mini': { input: 0.15, output: 0.6 },
  o3: { input: 2, output: 8 },
  'o4-mini': { input: 1.1, output: 4.4 },
  'o3-mini': { input: 1.1, output: 4.4 },
};

/** How providers date a model: `gpt-4o-mini-2024-07-18`. */
const DATE_SUFFIX = /-\d{4}-\d{2}-\d{2}$/;

/** The price of a model, its dated versions included; undefined where it is not known. */
export function priceOf(
  model: string,
  prices: Readonly<Record<string, ModelPrice>> = KNOWN_PRICES,
): ModelPrice | undefined {
  for (const name of [model, model.replace(DATE_SUFFIX, '')]) {
    if (Object.hasOwn(prices, name)) return prices[name];
  }
  return undefined;
}

/** Tokens with what they cost, where the price is known. */
export function toUsage(
  promptTokens: number,
  completionTokens: number,
  price: ModelPrice | undefined,
): TokenUsage {
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    ...(price && { costUsd: (promptTokens * price.input + completionTokens * price.output) / 1e6 }),
  };
}

/** Two calls as one. The cost is known only when both are. */
export function addUsage(
  first: TokenUsage | undefined,
  second: TokenUsage | undefined,
): TokenUsage | undefined {
  if (!first || !second) return first ?? second;
  return {
    promptTokens: first.promptTokens + second.promptTokens,
    completionTokens: first.completionTokens + second.completionTokens,
    totalTokens: first.totalTokens + second.totalTokens,
    ...(first.costUsd !== undefined &&
      second.costUsd !== undefined && { costUsd: first.costUsd + second.costUsd }),
  };
}
