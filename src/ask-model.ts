import { type Answer, parseAnswer, readable, unusable } from './answer.ts';
import { messageOf, PatrolError } from './errors.ts';
import { addUsage } from './pricing.ts';
import type { LLMProvider, LLMRequest, LLMResponse, ProviderCallOptions } from './types.ts';

/** A model's answer, and how it was come by. */
export interface ModelReply {
  readonly answer: Answer;
  /** The last response; its usage is that of all of them. */
  readonly response: LLMResponse;
  /** True when the first answer was unusable and a second had to be asked for. */
  readonly repaired: boolean;
}

/**
 * Asks a model; an unusable answer is asked for once more with the reason. When that fails too, what can be
 * read of the text is kept as an analysis of low confidence.
 *
 * @throws {PatrolError} what the provider throws; `MODEL_ANSWER_INVALID` when nothing of the answer is readable.
 */
export async function askModel(
  llm: LLMProvider,
  request: LLMRequest,
  options: ProviderCallOptions = {},
): Promise<ModelReply> {
  const started = Date.now();
  const first = await attempt(llm, request, options);
  if (first.answer) return { answer: first.answer, response: first.response, repaired: false };
  if (!first.repairable) throw first.error;

  const left = options.timeoutMs === undefined ? undefined : options.timeoutMs - (Date.now() - started);
  const repair = {
    ...request,
    user: `${request.user}\n\nYour previous answer could not be used: ${first.error.message} Answer again, briefly, with one complete JSON object of the required form.`,
  };
  const repairing =
    left !== undefined && left <= 0
      ? Promise.reject(
          new PatrolError('DEADLINE_EXCEEDED', 'No time was left to ask again.', { retryable: true }),
        )
      : attempt(llm, repair, { ...options, ...(left !== undefined && { timeoutMs: left }) });
  const second = await repairing.catch((error: unknown) => {
    // The time is over or the server is gone: what the first answer said is still there, if it said anything.
    if (readable(first.response?.text)) return first;
    throw error;
  });
  const usage =
    second === first ? first.response?.usage : addUsage(first.response?.usage, second.response?.usage);
  for (const { answer, response } of [
    { answer: second.answer, response: second.response },
    { answer: readable(second.response?.text), response: second.response },
    { answer: readable(first.response?.text), response: first.response },
  ]) {
    if (answer && response)
      return { answer, response: { ...response, ...(usage && { usage }) }, repaired: true };
  }
  throw new PatrolError('MODEL_ANSWER_INVALID', second.error?.message ?? first.error.message, {
    cause: second.error ?? first.error,
  });
}

type Attempt =
  | {
      readonly answer: Answer;
      readonly response: LLMResponse;
      readonly error?: undefined;
      readonly repairable?: undefined;
    }
  | {
      readonly answer?: undefined;
      readonly response?: LLMResponse;
      readonly error: PatrolError;
      /** A refusal is not repaired by asking again. */
      readonly repairable: boolean;
    };

async function attempt(
  llm: LLMProvider,
  request: LLMRequest,
  options: ProviderCallOptions,
): Promise<Attempt> {
  let response: LLMResponse;
  try {
    response = await llm.complete(request, options);
  } catch (error) {
    if (!(error instanceof PatrolError) || error.code !== 'MODEL_ANSWER_INVALID') throw error;
    return { error, repairable: error.retryable };
  }
  try {
    return { answer: parseAnswer(response.text), response };
  } catch (error) {
    const reason = response.truncated ? unusable('it was cut off by the token limit') : error;
    return {
      response,
      error: reason instanceof PatrolError ? reason : unusable(messageOf(reason)),
      repairable: true,
    };
  }
}
