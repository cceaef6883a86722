import type { CitedCode } from '../../../../src/code-provider.ts';
import type { Webhook as ConfiguredWebhook } from '../../../alerts/webhook.ts';
import type {
  Bucket,
  BucketStep,
  ErrorAction,
  ErrorDetails,
  ErrorPage,
  ErrorQuery,
  ErrorSummary,
  Statistics,
  TimeRange,
} from '../../../history/history.ts';
import { type Answer, get, send } from './client.ts';

/** Who looks, and what they may do. */
export interface Session {
  readonly name: string;
  readonly role: 'admin' | 'reader';
  readonly signIn: 'none' | 'token' | 'proxy';
}

/** The path of one error in the API. */
const pathOf = (errorHash: string): string => `/v1/errors/${encodeURIComponent(errorHash)}`;

export const getSession = (): Promise<Answer<Session>> => get('/v1/session');
export const signIn = (token: string, name: string): Promise<Answer<Session>> =>
  send('POST', '/v1/session', { token, ...(name !== '' && { name }) });
export const signOut = (): Promise<Answer<unknown>> => send('DELETE', '/v1/session');

export function listErrors(query: ErrorQuery, signal?: AbortSignal): Promise<Answer<ErrorPage>> {
  return get(`/v1/errors?${parametersOf({ ...query, status: query.status?.join(',') })}`, signal);
}

export function findError(errorHash: string, signal?: AbortSignal): Promise<Answer<ErrorDetails>> {
  return get(pathOf(errorHash), signal);
}

/** The source around what its latest analysis cites, as far as it can be read. */
export function getCitedCode(
  errorHash: string,
  signal?: AbortSignal,
): Promise<Answer<{ readonly code: readonly CitedCode[] }>> {
  return get(`${pathOf(errorHash)}/code`, signal);
}

export function getOccurrences(
  errorHash: string,
  { from, to }: TimeRange,
  step: BucketStep,
  signal?: AbortSignal,
): Promise<Answer<{ readonly buckets: readonly Bucket[] }>> {
  return get(`${pathOf(errorHash)}/occurrences?${parametersOf({ step, from, to })}`, signal);
}

/** Does it, unless somebody has changed the error since that version. */
export function act(errorHash: string, action: ErrorAction, version: number): Promise<Answer<ErrorSummary>> {
  return send('POST', `${pathOf(errorHash)}/actions`, { ...action, version });
}

export function getStatistics(
  { from, to }: TimeRange,
  service: string,
  signal?: AbortSignal,
): Promise<Answer<Statistics>> {
  return get(`/v1/stats?${parametersOf({ from, to, service })}`, signal);
}

/** What is not empty, as a query string. */
function parametersOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return new URLSearchParams(
    entries.map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
}

/** The user's rules, as the server has them. */
export interface RuleList {
  /** Null where none is configured. */
  readonly file: string | null;
  readonly rules: readonly Readonly<Record<string, unknown>>[];
  readonly writable: boolean;
}

/** What the rules would do with an event. */
export interface CheckedEvent {
  readonly errorHash: string;
  readonly findings: readonly {
    readonly rule: string;
    readonly matched: boolean;
    readonly reason: string;
  }[];
  /** The effects; empty where no rule matches. */
  readonly decision: Readonly<Record<string, unknown>>;
  readonly knownError?: string;
}

/** A webhook, without its address. */
export type Webhook = Pick<ConfiguredWebhook, 'id' | 'kind' | 'routes' | 'quietHours' | 'rateLimit'> & {
  readonly [field: string]: unknown;
};

/** What came of a test. */
export interface Delivery {
  readonly delivered: boolean;
  /** Of HTTP; null when nothing answered. */
  readonly status: number | null;
  readonly message: string;
}

export const listRules = (signal?: AbortSignal): Promise<Answer<RuleList>> => get('/v1/rules', signal);
export const addRule = (rule: unknown): Promise<Answer<unknown>> => send('POST', '/v1/rules', { rule });
export const checkEvent = (event: unknown): Promise<Answer<CheckedEvent>> =>
  send('POST', '/v1/rules/check', { event });

export const listWebhooks = (signal?: AbortSignal): Promise<Answer<readonly Webhook[]>> =>
  get('/v1/webhooks', signal);
export const testWebhook = (id: string): Promise<Answer<Delivery>> =>
  send('POST', `/v1/webhooks/${encodeURIComponent(id)}/test`, {});

export const getSettings = (signal?: AbortSignal): Promise<Answer<Readonly<Record<string, unknown>>>> =>
  get('/v1/settings', signal);
