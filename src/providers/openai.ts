import { setTimeout as sleep } from 'node:timers/promises';
import type OpenAI from 'openai';
import { isRecord, truncate } from '../bounds.ts';
import { messageOf, PatrolError } from '../errors.ts';
import { visibleText } from '../plain-text.ts';
import { KNOWN_PRICES, type ModelPrice, priceOf, toUsage } from '../pricing.ts';
import { redact } from '../redaction.ts';
import type { LLMProvider, LLMRequest, LLMResponse, Milliseconds, ProviderCallOptions } from '../types.ts';
import { type Dialect, FORMATS, MODEL_APIS, type ModelApi } from './openai-apis.ts';

/** Options of {@link OpenAILLMProvider}. */
export interface OpenAIOptions {
  /** Not needed where `baseUrl` names a server that asks for none. */
  readonly apiKey?: string;
  /** Base URL of an OpenAI-compatible server (Azure, Ollama, vLLM, LiteLLM, …). @defaultValue OpenAI's own */
  readonly baseUrl?: string;
  /** @defaultValue `gpt-4o-mini` */
  readonly model?: string;
  readonly organization?: string;
  /** Which API is asked: every compatible server has `chat` (completions), OpenAI itself also `responses`. @defaultValue `chat` */
  readonly api?: 'chat' | 'responses';
  /** Further attempts after 429, 5xx, a timeout or a broken connection. @defaultValue 2 */
  readonly maxRetries?: number;
  /** Most tokens of an answer. @defaultValue 4000; 16 000 for models that think before they answer */
  readonly maxOutputTokens?: number;
  /** Model → list price; replaces the known prices of those models. */
  readonly prices?: Readonly<Record<string, ModelPrice>>;
}

const OPENAI_URL = 'https://api.openai.com/v1';
const DEFAULT_MODEL = 'gpt-4o-mini';
/** Time for one call, retries included, when the caller sets none. The client's own default is ten minutes. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** The first wait between attempts; it doubles, with a quarter of jitter, as in OpenAI's client. */
const FIRST_BACKOFF_MS = 500;
/** Models that count their thinking as output and refuse a temperature (OpenAI, reasoning models). */
const REASONING_MODEL = /^(?:o\d|gpt-5)/;
/**
 * Asks a model over `chat.completions`, which OpenAI and every compatible server speak, or over the Responses API.
 * The answer's form is asked for by JSON schema, where a server refuses that by JSON mode, else by words alone.
 *
 * The `openai` package is loaded at the first call.
 *
 * @example
 * ```ts
 * const llmProvider = new OpenAILLMProvider({ apiKey: process.env.OPENAI_API_KEY, model: 'gpt-4.1-mini' });
 * ```
 */
export class OpenAILLMProvider implements LLMProvider {
  readonly model: string;
  readonly #options: OpenAIOptions;
  readonly #api: ModelApi;
  /** Learnt from the server's refusals, kept for the provider's life. */
  readonly #dialect: Dialect;
  #client: Promise<OpenAI> | undefined;

  /** @throws {PatrolError} `CONFIG_INVALID` with neither a key nor a base URL. */
  constructor(options: OpenAIOptions) {
    if (!options.apiKey && !options.baseUrl) {
      throw new PatrolError(
        'CONFIG_INVALID',
        'Expected OPENAI_API_KEY (option apiKey), or OPENAI_BASE_URL (option baseUrl) for a server that needs no key.',
      );
    }
    this.#options = options;
    this.model = options.model ?? DEFAULT_MODEL;
    this.#api = MODEL_APIS[options.api ?? 'chat'];
    this.#dialect = {
      format: 'json_schema',
      tokenLimit: this.#api.tokenLimit,
      temperature: !REASONING_MODEL.test(this.model),
    };
  }

  async complete(request: LLMRequest, options: ProviderCallOptions = {}): Promise<LLMResponse> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = Date.now() + timeoutMs;
    const timeout = AbortSignal.timeout(Math.max(1, timeoutMs));
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    const retries = this.#options.maxRetries ?? 2;
    for (let attempt = 0; ; ) {
      const used = { ...this.#dialect };
      try {
        return this.#read(await this.#send(request, used, signal));
      } catch (thrown) {
        if (options.signal?.aborted) throw deadlineExceeded(thrown);
        if (this.#learn(thrown, used)) continue;
        const error = this.#explain(thrown, timeout.aborted ? timeoutMs : undefined);
        if (error.code !== 'MODEL_UNAVAILABLE' || attempt >= retries || timeout.aborted) throw error;
        const wait = error.retryAfterMs ?? FIRST_BACKOFF_MS * 2 ** attempt * (1 - Math.random() / 4);
        if (Date.now() + wait >= deadline) throw error;
        attempt++;
        await sleep(wait, undefined, { signal }).catch(() => {
          throw options.signal?.aborted ? deadlineExceeded(options.signal.reason) : error;
        });
      }
    }
  }

  async #send(request: LLMRequest, dialect: Dialect, signal: AbortSignal): Promise<unknown> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    const reasoning = REASONING_MODEL.test(this.model);
    const tokens = this.#options.maxOutputTokens ?? (reasoning ? 16_000 : 4000);
    return this.#api.send(client, { model: this.model, request, dialect, tokens }, signal);
  }

  async #connect(): Promise<OpenAI> {
    const { OpenAI: Client } = await import('openai');
    return new Client({
      // Everything is named, so that the client takes nothing from the environment that Patrol did not parse.
      apiKey: this.#options.apiKey ?? 'none',
      baseURL: this.#options.baseUrl ?? OPENAI_URL,
      organization: this.#options.organization ?? null,
      maxRetries: 0,
      // Its log would go into the very log that is being analysed.
      logLevel: 'off',
    });
  }

  /** Notes what the server did not understand; true when another request makes sense at once. */
  #learn(thrown: unknown, used: Dialect): boolean {
    if (!isRecord(thrown) || (thrown.status !== 400 && thrown.status !== 422)) return false;
    const said = `${String(thrown.param ?? '')} ${messageOf(thrown)}`.slice(0, 2000);
    const dialect = this.#dialect;
    if (/max_completion_tokens|max_tokens|max_output_tokens/.test(said) && used.tokenLimit !== 'none') {
      dialect.tokenLimit = used.tokenLimit === 'max_completion_tokens' ? 'max_tokens' : 'none';
      return true;
    }
    if (/temperature/.test(said) && used.temperature) {
      dialect.temperature = false;
      return true;
    }
    if (/response_format|text\.format|json_schema|json_object|json mode|schema|structured/i.test(said)) {
      const next = FORMATS[FORMATS.indexOf(used.format) + 1];
      if (next !== undefined) dialect.format = next;
      return next !== undefined;
    }
    return false;
  }

  #read(answer: unknown): LLMResponse {
    if (typeof answer === 'string') {
      throw invalid('The model server answered with a page or text, not with JSON: check OPENAI_BASE_URL.');
    }
    const reading = isRecord(answer) ? this.#api.read(answer) : undefined;
    if (!isRecord(answer) || !reading) throw invalid('The model server answered without a choice.');
    const { text, truncated, stopped, usage } = reading;
    if (stopped === 'refusal') {
      throw new PatrolError('MODEL_ANSWER_INVALID', 'The model refused to analyse this error.');
    }
    if (stopped === 'content_filter') {
      throw new PatrolError('MODEL_ANSWER_INVALID', "The model server's content filter stopped the answer.");
    }
    if (text.trim() === '') {
      throw invalid(
        truncated ? 'The model used up its tokens before it answered.' : 'The model gave an empty answer.',
      );
    }
    return {
      text,
      model: typeof answer.model === 'string' && answer.model !== '' ? answer.model : this.model,
      ...(usage && { usage: toUsage(usage.prompt, usage.completion, this.#price()) }),
      ...(truncated && { truncated }),
    };
  }

  /** A compatible server's model may bear a known name, but not its price. */
  #price(): ModelPrice | undefined {
    const { baseUrl, prices } = this.#options;
    if (baseUrl !== undefined && prices === undefined && !isOpenAI(baseUrl)) return undefined;
    return priceOf(this.model, { ...KNOWN_PRICES, ...prices });
  }

  /** The error as a user should read it: what to change, and never the key. */
  #explain(thrown: unknown, timedOutAfter: Milliseconds | undefined): PatrolError {
    if (thrown instanceof PatrolError) return thrown;
    const cause = thrown;
    const status = isRecord(thrown) && typeof thrown.status === 'number' ? thrown.status : undefined;
    if (timedOutAfter !== undefined) {
      return unavailable(`The model did not answer within ${timedOutAfter} ms.`, { cause });
    }
    if (thrown instanceof SyntaxError)
      return invalid('The model server answered with malformed JSON.', cause);
    if (status === undefined) {
      return unavailable('The model server could not be reached: check OPENAI_BASE_URL and the network.', {
        cause,
      });
    }
    if (status === 408 || status === 409 || status === 429 || status >= 500) {
      const retryAfterMs = retryAfterOf(thrown);
      const reason = status === 429 ? 'asked for patience' : 'failed';
      return unavailable(`The model server ${reason} (status ${status}).`, {
        cause,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    }
    return new PatrolError('MODEL_REJECTED', this.#rejection(status, thrown), { cause });
  }

  #rejection(status: number, thrown: unknown): string {
    const said = `The model server rejected the request (status ${status})`;
    if (status === 401) return `${said}: OPENAI_API_KEY is missing or wrong.`;
    if (status === 403) {
      return `${said}: the key in OPENAI_API_KEY may not use the model in OPENAI_MODEL (${this.model}).`;
    }
    if (status === 404) {
      return `${said}: OPENAI_MODEL (${this.model}) is unknown there, or OPENAI_BASE_URL does not end where its API begins (often /v1)${this.#options.api === 'responses' ? ', or the server has no Responses API (PATROL_OPENAI_API=chat)' : ''}.`;
    }
    let reason = visibleText(messageOf(thrown).slice(0, 2000));
    if (this.#options.apiKey) reason = reason.replaceAll(this.#options.apiKey, '[REDACTED]');
    return `${said}: ${truncate(redact(reason), 300)} Check OPENAI_MODEL (${this.model}).`;
  }
}

function isOpenAI(baseUrl: string): boolean {
  return /^https:\/\/api\.openai\.com(?:\/|$)/.test(baseUrl);
}

function invalid(message: string, cause?: unknown): PatrolError {
  return new PatrolError('MODEL_ANSWER_INVALID', message, { cause, retryable: true });
}

function unavailable(
  message: string,
  options: { readonly cause: unknown; readonly retryAfterMs?: Milliseconds },
): PatrolError {
  return new PatrolError('MODEL_UNAVAILABLE', message, { ...options, retryable: true });
}

function deadlineExceeded(cause: unknown): PatrolError {
  return new PatrolError('DEADLINE_EXCEEDED', 'The time given for the analysis is over.', {
    cause,
    retryable: true,
  });
}

/** `retry-after-ms`, else `retry-after` in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterOf(thrown: unknown): Milliseconds | undefined {
  if (!isRecord(thrown) || !(thrown.headers instanceof Headers)) return undefined;
  const milliseconds = Number.parseFloat(thrown.headers.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const header = thrown.headers.get('retry-after');
  if (header === null) return undefined;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
