import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isRecord } from '../../src/bounds.ts';
import { PatrolError, type PatrolErrorCode } from '../../src/errors.ts';

/** The form of every refusal: `{error: {code, message}}`. */
export function refuse(
  context: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
): Response {
  return context.json({ error: { code, message } }, status);
}

/** Which status a `PatrolError` is; everything else is a 500. */
const STATUS: Partial<Record<PatrolErrorCode, ContentfulStatusCode>> = {
  EVENT_INVALID: 400,
  REQUEST_INVALID: 400,
  RULE_INVALID: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  HISTORY_UNAVAILABLE: 503,
};

/** The answer to what a route has thrown. What nobody foresaw is not shown. */
export function toAnswer(context: Context, error: unknown): Response {
  if (!(error instanceof PatrolError)) return refuse(context, 500, 'FAILED', 'It failed; the log says why.');
  return refuse(context, STATUS[error.code] ?? (error.retryable ? 503 : 500), error.code, error.message);
}

/**
 * The JSON object that a request brings.
 *
 * @throws {PatrolError} `REQUEST_INVALID` for anything else.
 */
export async function readJson(context: Context): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await context.req.json().catch(() => undefined);
  if (!isRecord(body)) throw new PatrolError('REQUEST_INVALID', 'Expected the body to be a JSON object.');
  return body;
}
