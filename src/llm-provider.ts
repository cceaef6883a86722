import type { ProviderCallOptions } from './code-provider.ts';
import type { TokenUsage } from './types.ts';

/** What a model is asked. */
export interface LLMRequest {
  /** Instructions; holds nothing that an attacker could have written. */
  readonly system: string;
  /** The error and the code, inside a random delimiter. */
  readonly user: string;
  /** The JSON schema that the answer must satisfy. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What a model answered. */
export interface LLMResponse {
  /** The answer's text: JSON when all went well. */
  readonly text: string;
  readonly model: string;
  readonly usage?: TokenUsage;
  /** True when the answer was cut off by the token limit. */
  readonly truncated?: boolean;
}

/**
 * The port of a language model.
 *
 * `complete` rejects with a `PatrolError`: `MODEL_UNAVAILABLE` (retryable), `MODEL_REJECTED` or
 * `MODEL_ANSWER_INVALID` (a refusal, an empty or non-textual answer).
 */
export interface LLMProvider {
  /** The model's name; part of the cache key. */
  readonly model: string;
  complete(request: LLMRequest, options?: ProviderCallOptions): Promise<LLMResponse>;
}
