import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { isRecord, toPlain, truncate } from './bounds.ts';
import { describeShape, PatrolError } from './errors.ts';
import type { ErrorLog, ErrorLogEvent } from './types.ts';

/** Limits of one event; what is longer is cut, not refused. */
const MAX_MESSAGE = 16_384;
const MAX_STACK = 65_536;
const MAX_NAME = 256;
/** The last day that a JavaScript date can hold (ECMA-262, time values). */
const MAX_TIMESTAMP = 8.64e15;

/** The prototype wrote JavaScript's names; its Python callers sometimes sent Python's. */
const snakeToCamel = (key: string): string =>
  key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `null` is how other languages spell "left out". */
const optional = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? undefined);
const text = (length: number) => z.string({ error: 'a text' }).transform((value) => truncate(value, length));
const wholeNumber = (least: number, most: number, error: string) =>
  z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
const textOrNumber = (length: number, error: string) =>
  z.union([z.string().min(1), z.number()], { error }).transform((value) => truncate(String(value), length));
/** Milliseconds since 1970; an ISO 8601 date is understood too. */
const timestamp = z.preprocess(
  (value) => (typeof value === 'string' ? Date.parse(value) : value),
  wholeNumber(0, MAX_TIMESTAMP, 'milliseconds since 1970 or an ISO 8601 date'),
);

const errorLogSchema = z.object({
  message: text(MAX_MESSAGE),
  name: optional(text(MAX_NAME)),
  code: optional(textOrNumber(MAX_NAME, 'a text or a number')),
  filePath: optional(text(1024)),
  lineNumber: optional(
    z.preprocess(
      (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
      wholeNumber(0, 1e9, 'a whole number'),
    ),
  ),
  stackTrace: optional(text(MAX_STACK)),
  context: optional(z.record(z.string(), z.unknown(), { error: 'an object' })),
});

const eventSchema = z.object({
  eventId: textOrNumber(MAX_NAME, 'a text'),
  timestamp,
  errorLog: z.unknown().optional(),
  repositoryUrl: optional(text(2048)),
  commit: optional(text(200)),
  service: optional(text(200)),
  environment: optional(text(200)),
  occurrences: optional(wholeNumber(1, 1e12, 'a whole number of at least 1')).transform(
    (value) => value ?? 1,
  ),
  firstSeen: optional(timestamp),
  lastSeen: optional(timestamp),
  fingerprint: optional(
    z.array(text(1024), { error: 'an array of at most 32 texts' }).max(32, 'an array of at most 32 texts'),
  ),
  webhookConfigId: optional(text(MAX_NAME)),
});

const eventFields = new Set(Object.keys(eventSchema.shape));
const errorLogFields = new Set(Object.keys(errorLogSchema.shape));

/** Events that came out of {@link parseErrorLogEvent}: whoever is given one again need not check it again. */
const checked = new WeakSet<object>();

/** What an event gets where it brings nothing itself. */
export interface EventDefaults {
  readonly eventId?: string;
  readonly timestamp?: number;
}

/**
 * Reads an event in the wire format, once; everything behind it can trust the type.
 * Unknown fields are kept in `errorLog.context` within bounds; names in snake_case are understood.
 *
 * @throws {PatrolError} `EVENT_INVALID`, naming the field, what was expected and the shape of what came.
 */
export function parseErrorLogEvent(value: unknown, defaults: EventDefaults = {}): ErrorLogEvent {
  if (!isRecord(value)) {
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected an event to be a JSON object, got ${describeShape(value)}.`,
    );
  }
  if (checked.has(value)) return value as unknown as ErrorLogEvent;
  const { known, unknown } = split(value, eventFields);
  const event = check(eventSchema, 'event', {
    eventId: defaults.eventId ?? randomUUID(),
    timestamp: defaults.timestamp ?? Date.now(),
    ...known,
  });
  const errorLog = parseErrorLog(event.errorLog, unknown);
  const parsed = withoutUndefined({ ...event, errorLog });
  checked.add(parsed);
  return parsed as unknown as ErrorLogEvent;
}

function parseErrorLog(value: unknown, extra: Readonly<Record<string, unknown>>): ErrorLog {
  if (!isRecord(value)) {
    throw new PatrolError(
      'EVENT_INVALID',
      `Expected event.errorLog to be an object with a message, got ${describeShape(value)}.`,
    );
  }
  const { known, unknown } = split(value, errorLogFields);
  const errorLog = check(errorLogSchema, 'event.errorLog', known);
  const context = { ...extra, ...unknown, ...errorLog.context };
  return withoutUndefined({
    ...errorLog,
    context: Object.keys(context).length > 0 ? toPlain(context) : undefined,
  }) as unknown as ErrorLog;
}

function split(
  value: Readonly<Record<string, unknown>>,
  fields: ReadonlySet<string>,
): { readonly known: Record<string, unknown>; readonly unknown: Record<string, unknown> } {
  const known: Record<string, unknown> = {};
  const unknown: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const camel = snakeToCamel(key);
    if (!fields.has(camel)) unknown[key] = inner;
    else if (inner !== undefined && (camel === key || !(camel in value))) known[camel] = inner;
  }
  return { known, unknown };
}

function check<T>(schema: z.ZodType<T>, label: string, value: Record<string, unknown>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 5).map((issue) => {
    const field = [label, ...issue.path.map(String)].join('.');
    const got = issue.path.reduce<unknown>(
      (inner, key) => (isRecord(inner) ? inner[String(key)] : inner),
      value,
    );
    return `Expected ${field} to be ${issue.message}, got ${describeShape(got)}.`;
  });
  throw new PatrolError('EVENT_INVALID', problems.join(' '));
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}
