import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMock } from '@copilotkit/aimock';

/** What the model "says": an answer as an object, its text, or a fault. */
export type ScriptedAnswer =
  | Readonly<Record<string, unknown>>
  | string
  | {
      readonly status: number;
      readonly message?: string;
      readonly param?: string;
      readonly retryAfter?: number;
    }
  | { readonly cutOff: string };

/** What the server was asked. */
export interface ModelRequest {
  readonly system: string;
  readonly user: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** An OpenAI-compatible server (aimock) on a free port of the loopback interface. */
export interface TestOpenAI {
  /** Base URL, ending in `/v1`. */
  readonly url: string;
  /** What a process needs in its environment to ask this model. */
  readonly env: Readonly<Record<'OPENAI_API_KEY' | 'OPENAI_BASE_URL' | 'OPENAI_MODEL', string>>;
  /** Every request so far, oldest first; those that were answered with a fault too. */
  requests(): readonly ModelRequest[];
  /** Scripts the next answers, one a request; the last one stays. */
  answer(...answers: readonly ScriptedAnswer[]): void;
  /** Forgets requests and script. */
  reset(): void;
  stop(): Promise<void>;
}

/** A sound answer; tests override what they are about. */
export const SOUND_ANSWER: Readonly<Record<string, unknown>> = {
  analysis: 'A value that can be missing is used before it is checked.',
  rootCause: 'The cart is undefined when the session has expired.',
  suggestedFix: 'Return an empty cart for an expired session.',
  confidence: 80,
  category: 'bug',
  evidence: [],
  patch: null,
  nextSteps: ['Look at the session timeout.'],
};

/** Starts the server. Stop it in `afterAll`. */
export async function startOpenAI(): Promise<TestOpenAI> {
  const mock = new LLMock({ port: 0, logLevel: 'silent', strict: true });
  let script: ScriptedAnswer[] = [];
  const next = (): ScriptedAnswer => (script.length > 1 ? script.shift() : script[0]) ?? SOUND_ANSWER;
  mock.onMessage(/[\s\S]*/, () => toResponse(next()));
  await mock.start();
  const url = `${mock.url}/v1`;
  return {
    url,
    env: { OPENAI_API_KEY: 'test-key', OPENAI_BASE_URL: url, OPENAI_MODEL: 'gpt-4o-mini' },
    requests: () =>
      mock.getRequests().map(({ body, headers }) => {
        const request = (body ?? {}) as Record<string, unknown>;
        return { system: textOf(request, 'system'), user: textOf(request, 'user'), body: request, headers };
      }),
    answer: (...answers) => {
      script = [...answers];
    },
    reset: () => {
      script = [];
      mock.clearRequests();
    },
    stop: () => mock.stop(),
  };
}

type FixtureResponse = { content: string; finishReason?: string } | ErrorFixture;
interface ErrorFixture {
  error: { message: string; type: string; param: string | null };
  status: number;
  retryAfter?: number;
}

function toResponse(answer: ScriptedAnswer): FixtureResponse {
  if (typeof answer === 'string') return { content: answer };
  if ('cutOff' in answer) return { content: String(answer.cutOff), finishReason: 'length' };
  if (typeof answer.status !== 'number') return { content: JSON.stringify({ ...SOUND_ANSWER, ...answer }) };
  const { status, message, param, retryAfter } = answer;
  return {
    error: {
      message: typeof message === 'string' ? message : `status ${status}`,
      type: 'error',
      param: typeof param === 'string' ? param : null,
    },
    status,
    ...(typeof retryAfter === 'number' && { retryAfter }),
  };
}

function textOf(body: Record<string, unknown>, role: string): string {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  return messages
    .filter((message: { role?: unknown }) => message.role === role)
    .map((message: { content?: unknown }) => String(message.content))
    .join('\n');
}

/** A server that answers as no proper one would; `handle` gets each request and its number, from 1. */
export interface FaultyServer {
  readonly url: string;
  readonly hits: () => number;
  stop(): Promise<void>;
}

/** Starts a server that does with each request what the test says. */
export async function startFaultyServer(
  handle: (response: ServerResponse, hit: number, request: IncomingMessage) => void,
): Promise<FaultyServer> {
  let hits = 0;
  const server = createServer((request, response) => {
    handle(response, ++hits, request);
    request.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    hits: () => hits,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
