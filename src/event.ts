import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { isRecord, toPlain, truncate } from './bounds.ts';
import { describeShape, PatrolError } from './errors.ts';
import type { ErrorLog, ErrorLogEvent } from './types.ts';

/** Limits of one event; what is longer is cut, not refused. */
const MAX_MESSAGE = 16_384;
const MAX_STACK = 65_536;
const MAX_NAME = 256;

/** The prototype wrote JavaScript's names; its Python callers sometimes sent Python's. */
const snakeToCamel = (key: string): string =>
  key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const optionalText = (length: number) =>
  z
    .string()
    .transform((value) => truncate(value, length))
    .nullish()
    .transform((value) => value ?? undefined);
const code = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value == null ? undefined : truncate(String(value), MAX_NAME)));
/** Milliseconds since 1970; an ISO 8601 date is understood too. */
const timestamp = z.preprocess(
  (value) => (typeof value === 'string' && Number.isNaN(Number(value)) ? Date.parse(value) : value),
  z.coerce.number().min(0).max(8.64e15),
);

const errorLogSchema = z.object({
  message: z.string().transform((value) => truncate(value, MAX_MESSAGE)),
  name: optionalText(MAX_NAME),
  code,
  filePath: optionalText(1024),
  lineNumber: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,9}$/)
        .transform(Number),
    ])
    .pipe(z.number().int().min(0).max(1e9))
    .nullish()
    .transform((value) => value ?? undefined),
  stackTrace: optionalText(MAX_STACK),
  context: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((value) => value ?? undefined),
});

const eventSchema = z.object({
  eventId: z.union([z.string().min(1), z.number()]).transform((value) => truncate(String(value), MAX_NAME)),
  timestamp,
  errorLog: z.unknown(),
  repositoryUrl: optionalText(2048),
  commit: optionalText(200),
  service: optionalText(200),
  environment: optionalText(200),
  occurrences: z
    .number()
    .int()
    .min(1)
    .max(1e12)
    .nullish()
    .transform((value) => value ?? 1),
  firstSeen: timestamp.nullish().transform((value) => value ?? undefined),
  lastSeen: timestamp.nullish().transform((value) => value ?? undefined),
  fingerprint: z
    .array(z.string().transform((value) => truncate(value, 1024)))
    .max(32)
    .nullish()
    .transform((value) => value ?? undefined),
  webhookConfigId: optionalText(MAX_NAME),
});

const eventFields = new Set(Object.keys(eventSchema.shape));
const errorLogFields = new Set(Object.keys(errorLogSchema.shape));

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
  const { known, unknown } = split(value, eventFields);
  const event = check(eventSchema, 'event', {
    eventId: defaults.eventId ?? randomUUID(),
    timestamp: defaults.timestamp ?? Date.now(),
    ...known,
  });
  const errorLog = parseErrorLog(event.errorLog, unknown);
  return withoutUndefined({ ...event, errorLog }) as unknown as ErrorLogEvent;
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
    // zod's message may quote the value after "received"; the shape says enough.
    const expected = issue.message.replace(/^Invalid input: expected /, '').replace(/, received .*$/, '');
    return `Expected ${field} to be ${expected}, got ${describeShape(got)}.`;
  });
  throw new PatrolError('EVENT_INVALID', problems.join(' '));
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}
