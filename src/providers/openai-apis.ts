import type OpenAI from 'openai';
import { isRecord } from '../bounds.ts';
import type { LLMRequest } from '../types.ts';

/** How an answer's form is asked for, strictest first; compatible servers know fewer of them. */
export const FORMATS = ['json_schema', 'json_object', 'text'] as const;

/** What a server turned out to understand. */
export interface Dialect {
  format: (typeof FORMATS)[number];
  tokenLimit: 'max_completion_tokens' | 'max_tokens' | 'max_output_tokens' | 'none';
  temperature: boolean;
}

/** One call of a model. */
export interface ModelCall {
  readonly model: string;
  readonly request: LLMRequest;
  readonly dialect: Dialect;
  /** Most tokens of the answer. */
  readonly tokens: number;
}

/** What a server's answer says, whichever API it came over. */
export interface Reading {
  readonly text: string;
  readonly truncated: boolean;
  /** Why there is no answer. */
  readonly stopped?: 'refusal' | 'content_filter';
  readonly usage?: { readonly prompt: number; readonly completion: number };
}

/** One of the two ways to ask a model that `openai` knows. */
export interface ModelApi {
  /** The first dialect that is tried. */
  readonly tokenLimit: Dialect['tokenLimit'];
  send(client: OpenAI, call: ModelCall, signal: AbortSignal): Promise<unknown>;
  /** Undefined for an answer that is not of this API. */
  read(answer: Readonly<Record<string, unknown>>): Reading | undefined;
}

/** `/chat/completions`, which OpenAI and every compatible server speak. */
const chat: ModelApi = {
  tokenLimit: 'max_completion_tokens',
  send: (client, { model, request, dialect, tokens }, signal) =>
    client.chat.completions.create(
      {
        model,
        messages: [
          { role: 'system', content: instructionsOf(request, dialect) },
          { role: 'user', content: request.user },
        ],
        ...(dialect.temperature && { temperature: 0 }),
        ...(dialect.tokenLimit !== 'none' && { [dialect.tokenLimit]: tokens }),
        ...(dialect.format === 'json_object' && { response_format: { type: 'json_object' } }),
        ...(dialect.format === 'json_schema' && {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'analysis', strict: true, schema: { ...request.schema } },
          },
        }),
      },
      { signal },
    ),
  read: ({ choices, usage }) => {
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    const message = isRecord(choice) ? choice.message : undefined;
    if (!isRecord(choice) || !isRecord(message)) return undefined;
    const counted = usageOf(usage, 'prompt_tokens', 'completion_tokens');
    return {
      text: typeof message.content === 'string' ? message.content : '',
      truncated: choice.finish_reason === 'length',
      ...(typeof message.refusal === 'string' && message.refusal !== '' && { stopped: 'refusal' as const }),
      ...(choice.finish_reason === 'content_filter' && { stopped: 'content_filter' as const }),
      ...(counted && { usage: counted }),
    };
  },
};

/** `/responses`, OpenAI's newer API; nothing is kept on the server. */
const responses: ModelApi = {
  tokenLimit: 'max_output_tokens',
  send: (client, { model, request, dialect, tokens }, signal) =>
    client.responses.create(
      {
        model,
        instructions: instructionsOf(request, dialect),
        input: request.user,
        store: false,
        ...(dialect.temperature && { temperature: 0 }),
        ...(dialect.tokenLimit !== 'none' && { max_output_tokens: tokens }),
        ...(dialect.format === 'json_object' && { text: { format: { type: 'json_object' } } }),
        ...(dialect.format === 'json_schema' && {
          text: {
            format: { type: 'json_schema', name: 'analysis', strict: true, schema: { ...request.schema } },
          },
        }),
      },
      { signal },
    ),
  read: ({ output, usage, incomplete_details: details }) => {
    if (!Array.isArray(output)) return undefined;
    const parts = output.flatMap((item: unknown) =>
      isRecord(item) && item.type === 'message' && Array.isArray(item.content)
        ? item.content.filter(isRecord)
        : [],
    );
    const texts = parts.flatMap(({ type, text }) =>
      type === 'output_text' && typeof text === 'string' ? [text] : [],
    );
    const reason = isRecord(details) ? details.reason : undefined;
    const counted = usageOf(usage, 'input_tokens', 'output_tokens');
    return {
      text: texts.join(''),
      truncated: reason === 'max_output_tokens',
      ...(parts.some(({ type }) => type === 'refusal') && { stopped: 'refusal' as const }),
      ...(reason === 'content_filter' && { stopped: 'content_filter' as const }),
      ...(counted && { usage: counted }),
    };
  },
};

/** By the name that the settings give them. */
export const MODEL_APIS: { readonly chat: ModelApi; readonly responses: ModelApi } = { chat, responses };

/** Where a server knows no schemas, the form is asked for in words. */
function instructionsOf({ system, schema }: LLMRequest, { format }: Dialect): string {
  if (format === 'json_schema') return system;
  return `${system}\n\nAnswer with one JSON object and nothing else. It satisfies this JSON schema:\n${JSON.stringify(schema)}`;
}

/** Some servers fill in zeros for what they do not count: that says nothing. */
function usageOf(usage: unknown, input: string, output: string): Reading['usage'] {
  if (!isRecord(usage)) return undefined;
  const { [input]: prompt, [output]: completion } = usage;
  if (typeof prompt !== 'number' || typeof completion !== 'number') return undefined;
  return prompt === 0 && completion === 0 ? undefined : { prompt, completion };
}
