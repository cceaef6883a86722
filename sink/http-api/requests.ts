import * as z from 'zod';
import { PatrolError } from '../../src/errors.ts';
import { type ErrorAction, type ErrorQuery, SEVERITIES, type TimeRange } from '../history/history.ts';

const STATUSES = ['new', 'ongoing', 'regressed', 'resolved', 'ignored'] as const;
const NAME = z.string().min(1).max(200);
const MAX_SEARCH = 200;
const MAX_NOTE = 10_000;
const MAX_CURSOR = 2000;

const time = z
  .union([z.string(), z.number()])
  .transform((value) => (/^\d+$/.test(String(value)) ? Number(value) : Date.parse(String(value))))
  .pipe(z.int('expected milliseconds since 1970 or an ISO 8601 date').min(0));

const listed = z
  .string()
  .transform((value) => value.split(',').filter(Boolean))
  .pipe(z.array(z.enum(STATUSES)));

const errorQuery = z.strictObject({
  search: z.string().max(MAX_SEARCH).optional(),
  status: listed.optional(),
  service: NAME.optional(),
  environment: NAME.optional(),
  release: NAME.optional(),
  severity: z.enum(SEVERITIES).optional(),
  assignee: NAME.optional(),
  sort: z.enum(['lastSeen', 'firstSeen', 'occurrences']).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: z.string().max(MAX_CURSOR).optional(),
});

const rangeQuery = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  step: z.enum(['minute', 'hour', 'day']).optional(),
  service: NAME.optional(),
});

const version = z.int().min(1).optional();
const action = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('resolve'), release: NAME.optional(), version }),
  z.strictObject({ action: z.literal('reopen'), version }),
  z.strictObject({
    action: z.literal('ignore'),
    occurrences: z.int().min(1).max(1e12).optional(),
    until: time.optional(),
    version,
  }),
  z.strictObject({ action: z.literal('assign'), assignee: NAME.nullable(), version }),
  z.strictObject({ action: z.literal('severity'), severity: z.enum(SEVERITIES), version }),
  z.strictObject({ action: z.literal('note'), text: z.string().min(1).max(MAX_NOTE), version }),
]);

/**
 * Which errors a request asks for.
 *
 * @throws {PatrolError} `REQUEST_INVALID` naming the field.
 */
export function readErrorQuery(query: unknown): ErrorQuery {
  return read(errorQuery, query) as ErrorQuery;
}

/** Which stretch of time, and what of it. The last day when nothing is said. See {@link readErrorQuery}. */
export function readRange(
  query: unknown,
  now: number,
): { readonly range: TimeRange; readonly step?: 'minute' | 'hour' | 'day'; readonly service?: string } {
  const { from, to = now, step, service } = read(rangeQuery, query);
  const range = { from: from ?? to - DAY, to };
  if (range.from >= range.to) throw invalid('from: expected a time before `to`');
  return { range, ...(step && { step }), ...(service !== undefined && { service }) };
}

/** What a person wants done, and the version that they had seen. See {@link readErrorQuery}. */
export function readAction(
  body: unknown,
  now: number,
): {
  readonly action: ErrorAction;
  readonly version: number | undefined;
} {
  const { version: seen, ...wanted } = read(action, body);
  if (wanted.action === 'ignore' && wanted.until !== undefined && wanted.until <= now) {
    throw invalid('until: expected a time to come');
  }
  return { action: wanted as ErrorAction, version: seen };
}

const DAY = 86_400_000;

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [first] = error.issues;
  const path = first?.path.join('.');
  throw invalid(`${path ? `${path}: ` : ''}${first?.message ?? 'something else was expected'}`);
}

function invalid(what: string): PatrolError {
  return new PatrolError('REQUEST_INVALID', `The request is wrong: ${what}.`);
}
